import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { caRoots } from "../../lab/ca";
import { NODE_NAME } from "../../lab/cluster/places";
import { labOf } from "../../lab/lab";
import { credentials } from "./images";
import { env, labVariable, run, succeeded, type Run } from "./lab";

/** What a project's stack is given. */
export interface ProjectSettings {
  /** By key, without the namespace; a value may be a table or a list. */
  plain: Record<string, unknown>;
  /** By path: "users[0].password". They go through stdin, as a user's should. */
  secret: Record<string, string>;
}

/** What a project has that is not the usual. */
export interface ProjectOptions {
  /** A folder of programs that come first on PATH. */
  programs?: string;
  /** The name of its stack. Default "lab". */
  stack?: string;
}

/** Another Pulumi project that uses the running lab, with one stack. The file of its settings is not kept. */
export class Project {
  private readonly stack: string;

  /**
   * @param folder Where its Pulumi.yaml is.
   * @param name What that file calls it.
   */
  constructor(
    readonly folder: string,
    private readonly name: string,
    private readonly options: ProjectOptions = {},
  ) {
    this.stack = options.stack ?? "lab";
  }

  async init({ plain, secret }: ProjectSettings): Promise<void> {
    const config = Object.entries(plain).map(([key, value]) => [`${this.name}:${key}`, value]);
    fs.writeFileSync(this.settingsFile, stringify({ config: Object.fromEntries(config) as object }));
    succeeded(await this.pulumi(["stack", "init", this.stack]));
    for (const [at, value] of Object.entries(secret)) {
      succeeded(await this.pulumi(["config", "set", "--stack", this.stack, "--secret", "--path", at], value));
    }
  }

  /** The same project and stack with the program of another folder, which gets the file of the settings. */
  continuedIn(folder: string): Project {
    const next = new Project(folder, this.name, this.options);
    fs.copyFileSync(this.settingsFile, next.settingsFile);
    fs.rmSync(this.settingsFile);
    return next;
  }

  preview(...args: string[]): Promise<Run> {
    return this.pulumi(["preview", "--stack", this.stack, ...args]);
  }

  up(...args: string[]): Promise<Run> {
    return this.pulumi(["up", "--yes", "--skip-preview", "--stack", this.stack, ...args]);
  }

  refresh(...args: string[]): Promise<Run> {
    return this.pulumi(["refresh", "--yes", "--skip-preview", "--stack", this.stack, ...args]);
  }

  /** Its outputs, secrets in the clear. */
  async outputs(): Promise<Record<string, unknown>> {
    const args = ["stack", "output", "--json", "--show-secrets", "--stack", this.stack];
    return JSON.parse(succeeded(await this.pulumi(args)).stdout) as Record<string, unknown>;
  }

  /** Its state as the backend keeps it. */
  async state(): Promise<string> {
    return succeeded(await this.pulumi(["stack", "export", "--stack", this.stack])).stdout;
  }

  /** Puts an earlier state in the place of the present one; what is deployed stays as it is. */
  async setState(state: string): Promise<void> {
    succeeded(await this.pulumi(["stack", "import", "--stack", this.stack], state));
  }

  /** Takes down what it deployed; the stack stays. */
  destroy(): Promise<Run> {
    return this.pulumi(["destroy", "--yes", "--skip-preview", "--stack", this.stack]);
  }

  /** Takes down what it deployed, if it has a stack, and the file of its settings. */
  async end(): Promise<void> {
    if (!fs.existsSync(this.settingsFile)) return;
    const taken = await this.pulumi(["destroy", "--yes", "--skip-preview", "--remove", "--stack", this.stack]);
    fs.rmSync(this.settingsFile, { force: true });
    succeeded(taken);
  }

  /** Runs the CLI in the project. */
  pulumi(args: string[], input = ""): Promise<Run> {
    const { programs } = this.options;
    const found = programs === undefined ? [] : [programs];
    const variables = { ...env, PATH: [...found, env["PATH"]].join(path.delimiter) };
    const quiet = ["--non-interactive", "--color", "never"];
    return run("pulumi", [...args, ...quiet], { cwd: this.folder, env: variables, input });
  }

  /** The file of its settings. */
  get settingsFile(): string {
    return path.join(this.folder, `Pulumi.${this.stack}.yaml`);
  }
}

/** What a program of another project is to know of the running lab. */
export function labSettings(): ProjectSettings {
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
