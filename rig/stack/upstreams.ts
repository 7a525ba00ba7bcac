import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { execaSync } from "execa";
import { tellDns } from "../../lab/ca/client";
import { writeArchive } from "../../lab/images";
import { namespaceOf, network } from "../../lab/lab";
import { ensurePrograms } from "../../lab/programs";
import { type Asked, type Fault, Login } from "../registry/fake-upstream";
import { folderFor } from "./clients";
import { checkout, run, succeeded } from "./lab";
import type { Answered, Told } from "./upstreams-process";

/** The registries of the internet as the lab has them: their real names, how they let readers in, where they are. */
export const UPSTREAMS = {
  "docker.io": { host: "registry-1.docker.io", login: Login.Token, last: 31 },
  "ghcr.io": { host: "ghcr.io", login: Login.None, last: 32 },
  "quay.io": { host: "quay.io", login: Login.Basic, last: 33 },
} as const;
export type UpstreamName = keyof typeof UPSTREAMS;
const NAMES = Object.keys(UPSTREAMS) as UpstreamName[];

/** The address of a registry in the lab's network. */
export const addressOf = (name: UpstreamName): string =>
  network.addresses.ca.replace(/\d+$/, String(UPSTREAMS[name].last));

/** Made registries under real names in the lab's network and its DNS: they count, and can be ill. */
export class LabUpstreams {
  private told = 0;
  private readonly waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();

  private constructor(
    private readonly child: ChildProcess,
    /** The root of their certificates, PEM. */
    readonly caPem: string,
  ) {
    child.on("message", ({ id, value, error }: Answered) => {
      const waits = this.waiting.get(id);
      if (error === undefined) waits?.resolve(value);
      else waits?.reject(new Error(error));
    });
  }

  static async start(): Promise<LabUpstreams> {
    const space = namespaceOf("ca");
    for (const name of NAMES) {
      await run("ip", ["-n", space, "address", "add", `${addressOf(name)}/32`, "dev", "eth0"]);
      await tellDns("add-a", { host: `${UPSTREAMS[name].host}.`, addresses: [addressOf(name)] });
    }
    const tls = certificate();
    const script = path.join(checkout, "rig/stack/upstreams-process.ts");
    const node = [process.execPath, "--require", "ts-node/register/transpile-only", script];
    const child = spawn("ip", ["netns", "exec", space, ...node], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      cwd: checkout,
    });
    const upstreams = new LabUpstreams(child, tls.cert);
    for (const name of NAMES) {
      await upstreams.tell(name, { start: { login: UPSTREAMS[name].login, tls, address: addressOf(name) } });
    }
    return upstreams;
  }

  private tell(name: UpstreamName, what: Omit<Told, "id" | "name">): Promise<unknown> {
    const id = this.told++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.send({ id, name, ...what } satisfies Told);
    });
  }

  /** Puts an image whose program waits into a registry; no node has it. */
  async program(name: UpstreamName, repository: string): Promise<{ reference: string; digest: string }> {
    const { pause } = await ensurePrograms(["pause"], () => undefined);
    const folder = folderFor("upstream");
    const files = { "/pause": { from: pause }, "/bytes": { text: randomBytes(64).toString("hex") } };
    const reference = `${name}/${repository}:1`;
    await writeArchive({ names: [reference], files, entrypoint: ["/pause"] }, path.join(folder, "archive.tar"), folder);
    const load = { layout: path.join(folder, "layout"), repository, tag: "1" };
    return { reference, digest: (await this.tell(name, { load })) as string };
  }

  async fault(name: UpstreamName, fault: Fault): Promise<void> {
    await this.tell(name, { fault });
  }

  /** Refuses connections, or takes them again. */
  async open(name: UpstreamName, open: boolean): Promise<void> {
    await this.tell(name, { open });
  }

  /** Drops all that comes to a registry, as a firewall does, or no more. */
  async drop(name: UpstreamName, drop: boolean): Promise<void> {
    const rule = ["INPUT", "-d", addressOf(name), "-j", "DROP"];
    succeeded(await run("ip", ["netns", "exec", namespaceOf("ca"), "iptables", "-w", drop ? "-I" : "-D", ...rule]));
  }

  /** What was asked since this was called last. */
  async taken(name: UpstreamName): Promise<Asked[]> {
    return (await this.tell(name, { taken: true })) as Asked[];
  }

  async stop(): Promise<void> {
    this.child.disconnect();
    await once(this.child, "exit");
    const space = namespaceOf("ca");
    await run("ip", ["netns", "exec", space, "iptables", "-w", "-F", "INPUT"]);
    for (const name of NAMES) {
      await run("ip", ["-n", space, "address", "delete", `${addressOf(name)}/32`, "dev", "eth0"]);
      await tellDns("clear-a", { host: `${UPSTREAMS[name].host}.` });
    }
  }
}

function certificate(): { cert: string; key: string } {
  const folder = folderFor("upstream-ca");
  const [key, cert] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
  const names = NAMES.map((name) => `DNS:${UPSTREAMS[name].host}`).join(",");
  const args = ["-x509", "-subj", "/CN=upstreams of the lab", "-addext", `subjectAltName=${names}`, "-days", "2"];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  execaSync("openssl", ["req", ...curve, "-keyout", key, "-out", cert, ...args]);
  return { cert: fs.readFileSync(cert, "utf8"), key: fs.readFileSync(key, "utf8") };
}
