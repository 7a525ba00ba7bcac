import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { remoteCommand, type Verb } from "../../components/hosts/release";
import { type Outcome, until } from "./nginx-host";

export interface NodeHostOptions {
  /** Lines of containerd's configuration after those that the host needs; "" for none. Default: a `config_path`. */
  settings?: string;
  /** Where containerd's configuration is. Default /etc/containerd/config.toml. */
  config?: string;
  /** The folder of a containerd 2 and its ctr. Default: Debian's containerd, which is 1.6. */
  containerd2?: string;
  /** The size of the disk that holds /etc, in KiB. Default 16384. */
  diskKiB?: number;
}

/** containerd's folder of registries, as the documents have it. */
export const CONFIG_PATH = "/etc/containerd/certs.d";

const SETUP = `
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/lock /run/layer "$FOLDER/root"
mount -t tmpfs -o size="$DISK_KIB"k tmpfs /run/layer
mkdir /run/layer/up /run/layer/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/layer/up,workdir=/run/layer/work /etc
mount -t tmpfs tmpfs /var/log
rm -rf /etc/containerd /etc/private-registry
echo "127.0.0.1 localhost registry.test mirror.test" >/etc/hosts
echo ready
exec sleep infinity
`;

/**
 * A node of its own on this machine, with a real containerd: mounts and processes are the node's, the network is the
 * machine's. Needs root. Everything ends with `stop`, or with this process.
 */
export class NodeHost {
  readonly folder = mkdtempSync(join(tmpdir(), "node-host-"));
  private child: ChildProcess | undefined;
  private inside = 0;

  private constructor(private readonly options: NodeHostOptions) {}

  /** Starts a node whose containerd runs. */
  static async start(options: NodeHostOptions = {}): Promise<NodeHost> {
    const host = new NodeHost(options);
    await host.boot();
    await host.write(host.config, host.configuration(options.settings ?? host.settings));
    await host.startContainerd();
    return host;
  }

  get config(): string {
    return this.options.config ?? "/etc/containerd/config.toml";
  }

  private get socket(): string {
    return "/run/containerd.sock";
  }

  /** A program of containerd's. */
  program(name: "containerd" | "ctr"): string {
    return this.options.containerd2 === undefined ? name : join(this.options.containerd2, name);
  }

  /** True for containerd 2. */
  get isNew(): boolean {
    return this.options.containerd2 !== undefined;
  }

  /** The lines that make containerd read a folder of registries. */
  get settings(): string {
    const plugin = this.isNew ? "io.containerd.cri.v1.images" : "io.containerd.grpc.v1.cri";
    return `[plugins."${plugin}".registry]\n  config_path = "${CONFIG_PATH}"\n`;
  }

  /** containerd's configuration with these lines at its end. */
  configuration(settings: string, version = this.isNew ? 3 : 2): string {
    const folders = `root = "${this.folder}/root"\nstate = "/run/containerd"\n[grpc]\naddress = "${this.socket}"\n`;
    return `version = ${version}\n${folders}${settings}`;
  }

  private async boot(): Promise<void> {
    const flags = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
    const env = {
      PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
      FOLDER: this.folder,
      DISK_KIB: `${this.options.diskKiB ?? 16384}`,
    };
    const child = spawn("unshare", [...flags, "bash", "-c", SETUP], { env, stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    let said = "";
    child.stderr.on("data", (text: Buffer) => (said += text.toString()));
    await new Promise<void>((resolve, reject) => {
      child.stdout.on("data", (text: Buffer) => text.toString().includes("ready") && resolve());
      child.once("exit", () => reject(new Error(`the node did not start: ${said}`)));
    });
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim();
    this.inside = Number(children.split(" ")[0]);
  }

  /** Starts containerd in the background; it ends with the node. */
  async startContainerd(): Promise<void> {
    await this.run(
      `rm -f ${this.socket}; setsid ${this.program("containerd")} --config ${this.config} >>/run/containerd.log 2>&1 </dev/null &`,
    );
    await until("containerd listens", async () => (await this.ctr("version")).code === 0, 20);
  }

  async stopContainerd(): Promise<void> {
    await this.run("pkill -x containerd");
    // Nobody on this node waits for it, so it stays as a zombie.
    const running = "ps -C containerd -o stat= | grep -qv Z";
    await until("containerd has ended", async () => (await this.run(running)).code !== 0, 20);
  }

  /** Runs a shell script on the node. */
  async run(script: string, input = ""): Promise<Outcome> {
    const started = performance.now();
    const args = ["-t", `${this.inside}`, "-m", "-p", "--", "bash", "-c", script];
    const result = await execa("nsenter", args, { input, reject: false, stripFinalNewline: false });
    const seconds = (performance.now() - started) / 1000;
    return { code: result.exitCode ?? 128, stdout: result.stdout, stderr: result.stderr, seconds };
  }

  write(file: string, text: string): Promise<Outcome> {
    return this.run(`mkdir -p "$(dirname ${file})" && cat >${file}`, text);
  }

  /** containerd's own client. */
  ctr(words: string): Promise<Outcome> {
    return this.run(`${this.program("ctr")} --address ${this.socket} ${words}`);
  }

  /** Pulls as the kubelet's call does, by the folder of registries; but containerd's client reads it here. */
  pull(image: string, folder = CONFIG_PATH): Promise<Outcome> {
    return this.ctr(`content fetch --hosts-dir ${folder} ${image}`);
  }

  /** What the deployed command does, without SSH. */
  activate(verb: Verb, input: string): Promise<Outcome> {
    return this.run(remoteCommand(verb), input);
  }

  /** Ends everything on the node. */
  async stop(): Promise<void> {
    if (this.child?.exitCode === null) {
      this.child.kill("SIGKILL");
      await once(this.child, "exit");
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
