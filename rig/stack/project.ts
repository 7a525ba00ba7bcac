import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { caRoots } from "../../lab/ca";
import { NODE_NAME } from "../../lab/cluster/places";
import { labOf } from "../../lab/lab";
import { credentials } from "./images";
import { env, labVariable, run, succeeded, type Run } from "./lab";

const STACK = "lab";

/** What a project's stack is given. A value may be an object; a key has no namespace. */
export interface Settings {
  plain: Record<string, unknown>;
  /** They go through stdin, as a user's should. */
  secret: Record<string, string>;
}

/** Another Pulumi project that uses the running lab, with one stack. The file of its settings is not kept. */
export class Project {
  /**
   * @param folder Where its Pulumi.yaml is.
   * @param name What that file calls it.
   * @param programs A folder of programs that come first on PATH.
   */
  constructor(
    readonly folder: string,
    private readonly name: string,
    private readonly programs?: string,
  ) {}

  async init({ plain, secret }: Settings): Promise<void> {
    const config = Object.entries(plain).map(([key, value]) => [`${this.name}:${key}`, value]);
    fs.writeFileSync(this.settingsFile, stringify({ config: Object.fromEntries(config) as object }));
    succeeded(await this.pulumi(["stack", "init", STACK]));
    for (const [key, value] of Object.entries(secret)) {
      succeeded(await this.pulumi(["config", "set", "--stack", STACK, "--secret", key], value));
    }
  }

  preview(...args: string[]): Promise<Run> {
    return this.pulumi(["preview", "--stack", STACK, ...args]);
  }

  up(...args: string[]): Promise<Run> {
    return this.pulumi(["up", "--yes", "--skip-preview", "--stack", STACK, ...args]);
  }

  refresh(...args: string[]): Promise<Run> {
    return this.pulumi(["refresh", "--yes", "--skip-preview", "--stack", STACK, ...args]);
  }

  /** Its outputs, secrets in the clear. */
  async outputs(): Promise<Record<string, unknown>> {
    const args = ["stack", "output", "--json", "--show-secrets", "--stack", STACK];
    return JSON.parse(succeeded(await this.pulumi(args)).stdout) as Record<string, unknown>;
  }

  /** Its state as the backend keeps it. */
  async state(): Promise<string> {
    return succeeded(await this.pulumi(["stack", "export", "--stack", STACK])).stdout;
  }

  /** Takes down what it deployed, if it has a stack, and the file of its settings. */
  async end(): Promise<void> {
    if (!fs.existsSync(this.settingsFile)) return;
    const taken = await this.pulumi(["destroy", "--yes", "--skip-preview", "--remove", "--stack", STACK]);
    fs.rmSync(this.settingsFile, { force: true });
    succeeded(taken);
  }

  /** Runs the CLI in the project. */
  pulumi(args: string[], input = ""): Promise<Run> {
    const found = this.programs === undefined ? [] : [this.programs];
    const variables = { ...env, PATH: [...found, env["PATH"]].join(path.delimiter) };
    const quiet = ["--non-interactive", "--color", "never"];
    return run("pulumi", [...args, ...quiet], { cwd: this.folder, env: variables, input });
  }

  private get settingsFile(): string {
    return path.join(this.folder, `Pulumi.${STACK}.yaml`);
  }
}

/** What a program of another project is to know of the running lab. */
export function labSettings(): Settings {
  const lab = labOf({ LAB_DIR: labVariable("LAB_DIR") });
  const { directoryCa, issuerRoots } = caRoots(lab);
  return {
    plain: {
      registryHost: labVariable("LAB_REGISTRY_HOST"),
      uiHost: labVariable("LAB_UI_HOST"),
      nodeAddress: labVariable("LAB_NODE_IP"),
      nodeName: NODE_NAME,
      gateway: {
        address: labVariable("LAB_GATEWAY_HOST"),
        user: labVariable("LAB_SSH_USER"),
        hostKey: labVariable("LAB_SSH_HOST_KEY"),
      },
      acmeDirectory: labVariable("LAB_ACME_DIRECTORY"),
      acmeDirectoryCa: directoryCa,
      trustedRoots: issuerRoots,
    },
    secret: {
      sshPrivateKey: fs.readFileSync(labVariable("LAB_SSH_KEY_FILE"), "utf8"),
      password: credentials("push").password,
    },
  };
}
