import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import * as net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { VerifierPlaces } from "../../components/verifier/front";
import { ensurePrograms } from "../../lab/programs";
import { certificates, type Pair } from "../gateway/fixture";
import { freePorts, until } from "../hosts/nginx-host";

/** As in the pod: no root. */
const USER = 1000;

/** What a pod is started with. */
export interface PodOptions {
  /** The port of a name server on this machine. */
  names: number;
  /** What it shows gateways. */
  pair?: Pair;
  /** The CA of their client certificates. */
  gateways?: string;
}

/** A folder of a pod, its ports, and oauth2-proxy where others than root may look. */
export async function podPlaces(): Promise<{ folder: string; places: VerifierPlaces; program: string }> {
  const folder = mkdtempSync(join(tmpdir(), "verifier-"));
  chmodSync(folder, 0o755);
  const [front = 0, probe = 0, keys = 0, own = 0] = await freePorts(4);
  const at = (name: string): string => join(folder, name);
  const places: VerifierPlaces = {
    address: "127.0.0.1:",
    ports: { gateways: front, probe, keys, verifier: own },
    ...{ certificates: at("certs"), texts: at("texts"), state: at("state"), secrets: at("secrets") },
    roots: "/etc/ssl/certs/ca-certificates.crt",
  };
  const programs = await ensurePrograms(["oauth2-proxy"], () => undefined);
  const program = at("oauth2-proxy");
  copyFileSync(programs["oauth2-proxy"], program);
  return { folder, places, program };
}

/** Both programs of a pod that gateways ask, with the pod's own texts, as processes of this machine. */
export class PodProcesses {
  /** All that both have written to their logs. */
  log = "";
  private readonly children = new Map<string, ChildProcess>();

  constructor(
    protected readonly folder: string,
    readonly places: VerifierPlaces,
    private readonly program: string,
  ) {}

  protected put(name: string, text: string): void {
    const file = join(this.folder, name);
    writeFileSync(file, text);
    chownSync(file, USER, USER);
  }

  /** What is there before both start, but for the texts. */
  protected prepare({ names, pair = certificates().server, gateways = certificates().ca.cert }: PodOptions): void {
    for (const name of ["certs", "texts", "state", "secrets"]) {
      mkdirSync(join(this.folder, name));
      chownSync(join(this.folder, name), USER, USER);
    }
    this.put("certs/domain.crt", pair.cert);
    this.put("certs/domain.key", pair.key);
    this.put("certs/ca.crt", gateways);
    this.put("texts/issuer-ca.pem", certificates().ca.cert);
    this.put("state/secret", "0123456789abcdef0123456789abcdef");
    this.put("state/resolver.conf", `resolver 127.0.0.1:${names} valid=1s ipv6=off;\n`);
  }

  /** Starts what is not running, and waits until both answer. */
  async run(): Promise<void> {
    const { ports, texts } = this.places;
    this.begin("oauth2-proxy", this.program, [`--config=${texts}/oauth2-proxy.cfg`]);
    this.begin("nginx", "/usr/sbin/nginx", ["-e", "stderr", "-c", `${texts}/nginx.conf`, "-g", "daemon off;"]);
    for (const port of [ports.verifier, ports.gateways]) {
      await until("a verifier's program listens", () => listens(port)).catch((error: Error) => {
        throw new Error(`${error.message}: ${this.log}`);
      });
    }
  }

  private begin(name: string, program: string, args: string[]): void {
    if (this.children.has(name)) return;
    const child = spawn(program, args, { uid: USER, gid: USER, stdio: ["ignore", "pipe", "pipe"], env: {} });
    this.children.set(name, child);
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text: Buffer) => (this.log += text.toString()));
  }

  /** Stops one of them, or makes it hang. */
  async end(name: "nginx" | "oauth2-proxy", signal: "SIGKILL" | "SIGSTOP" | "SIGTERM" = "SIGTERM"): Promise<void> {
    const child = this.children.get(name);
    if (!child) return;
    child.kill(signal);
    if (signal === "SIGSTOP") return;
    this.children.delete(name);
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }

  /** Lets one that hangs go on. */
  wake(name: "nginx" | "oauth2-proxy"): void {
    this.children.get(name)?.kill("SIGCONT");
  }

  /** Seconds of CPU that both have used so far. */
  cpu(): number {
    const pids = [...this.children.values()].flatMap(({ pid }) => (pid === undefined ? [] : [pid, ...childrenOf(pid)]));
    const used = pids.flatMap((pid) =>
      readdirSync(`/proc/${pid}/task`).map((task) => readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8")),
    );
    return used.reduce((sum, text) => sum + Number(text.split(" ")[0]), 0) / 1e9;
  }

  get port(): number {
    return this.places.ports.gateways;
  }

  async stop(): Promise<void> {
    this.wake("oauth2-proxy");
    await this.end("nginx");
    await this.end("oauth2-proxy");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return text === "" ? [] : text.split(" ").map(Number);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: "127.0.0.1", port });
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });
}
