import * as fs from "node:fs";
import * as path from "node:path";
import { labOf } from "../../lab/lab";
import type { ProgramPaths } from "../../lab/programs";
import { checkout, env, labVariable, onClient, type Run } from "./lab";

/** What makes a program a client of the lab's registry. */
interface Setup {
  /** The words before its arguments, on the client host. */
  command: readonly string[];
  /** Where it keeps logins and files, by its own variables. */
  env: Readonly<Record<string, string>>;
  /** The words that log in, before the user's name: "registry login". */
  login: readonly string[];
  /** The flags with which it trusts the lab's CA for one command. */
  trust: readonly string[];
}

/** A client of the registry on the lab's client host, with logins and files of its own. */
export class Client {
  /** @param name The program's name: "podman". */
  constructor(
    readonly name: string,
    private readonly setup: Setup,
    private readonly folder = checkout,
  ) {}

  /** The same client, which works in a folder. */
  in(folder: string): Client {
    return new Client(this.name, this.setup, folder);
  }

  /** The flags with which a command trusts the lab's CA; empty where the client has it in a folder of certificates. */
  get trust(): readonly string[] {
    return this.setup.trust;
  }

  /** Runs it. A failure is an answer. */
  run(...args: readonly string[]): Promise<Run> {
    return this.runWith("", args);
  }

  /** Logs in at the registry; the password goes through standard input. */
  login({ user, password }: { user: string; password: string }): Promise<Run> {
    const { login, trust } = this.setup;
    const args = [...login, ...trust, "--username", user, "--password-stdin", labVariable("LAB_REGISTRY_HOST")];
    return this.runWith(password, args);
  }

  private runWith(input: string, args: readonly string[]): Promise<Run> {
    const [file = "", ...before] = this.setup.command;
    return onClient(file, [...before, ...args], { env: { ...env, ...this.setup.env }, input, cwd: this.folder });
  }
}

/** Docker, with the daemon that `startDocker` starts. It trusts the CA by the daemon's /etc/docker/certs.d. */
export function docker(): Client {
  const config = { DOCKER_CONFIG: folderFor("docker"), DOCKER_HOST: `unix://${labOf().dockerSocket}` };
  return new Client("docker", { command: ["docker"], env: config, login: ["login"], trust: [] });
}

/** What podman, buildah and skopeo share: images, logins, and the folders that they have in /run and /var/lib. */
export class Containers {
  private readonly folder = folderFor("containers");

  constructor() {
    for (const name of ["certs", "images", "run"]) fs.mkdirSync(path.join(this.folder, name));
    fs.copyFileSync(labVariable("LAB_CA_FILE"), path.join(this.folder, "certs", "ca.crt"));
    // Without systemd there is no journal, and nobody who delegates control groups.
    const engine = '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "none"\n';
    fs.writeFileSync(path.join(this.folder, "containers.conf"), engine);
  }

  /** One of the programs. Its images are in a folder of the test's, which is laid over the machine's. */
  client(name: "podman" | "buildah" | "skopeo"): Client {
    const script = `mkdir -p ${IMAGES}
mount --bind "$1/images" ${IMAGES}
mount --bind "$1/run" /run
shift
exec "$@"`;
    const variables = {
      REGISTRY_AUTH_FILE: path.join(this.folder, "auth.json"),
      CONTAINERS_CONF: path.join(this.folder, "containers.conf"),
      STORAGE_DRIVER: "vfs",
      BUILDAH_ISOLATION: "chroot",
    };
    const command = ["sh", "-euc", script, name, this.folder, name];
    return new Client(name, { command, env: variables, login: ["login"], trust: ["--cert-dir", this.certificates] });
  }

  /** The folder of certificates that they trust, as in /etc/containers/certs.d. */
  get certificates(): string {
    return path.join(this.folder, "certs");
  }

  /** Removes what is left of them on the machine: an empty folder. */
  end(): void {
    if (fs.existsSync(IMAGES) && fs.readdirSync(IMAGES).length === 0) fs.rmdirSync(IMAGES);
  }
}

const IMAGES = "/var/lib/containers";

/** Helm. */
export function helm({ helm: program }: ProgramPaths<"helm">): Client {
  const folder = folderFor("helm");
  const variables = Object.fromEntries(
    ["CACHE", "CONFIG", "DATA"].map((one) => [`HELM_${one}_HOME`, path.join(folder, one)]),
  );
  const trust = ["--ca-file", labVariable("LAB_CA_FILE")];
  return new Client("helm", { command: [program], env: variables, login: ["registry", "login"], trust });
}

/** ORAS, whose logins are where docker's are. */
export function oras({ oras: program }: ProgramPaths<"oras">): Client {
  const variables = { DOCKER_CONFIG: folderFor("oras"), ORAS_CACHE: folderFor("oras-cache") };
  const trust = ["--ca-file", labVariable("LAB_CA_FILE")];
  return new Client("oras", { command: [program], env: variables, login: ["login"], trust });
}

/** A folder of its own in the lab's, which goes with the lab. */
export function folderFor(what: string): string {
  return fs.mkdtempSync(path.join(labVariable("LAB_DIR"), `e2e-${what}-`));
}
