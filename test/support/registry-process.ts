import { createHash } from "node:crypto";
import { once } from "node:events";
import * as fs from "node:fs";
import type * as http from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { execa, type ResultPromise } from "execa";
import { ensurePrograms } from "../../lab/programs";
import type { RegistryPodArgs } from "../../components/registry/pod-args";
import { variables } from "./pod";

/** A version of the registry as a program, with the config file that its image brings. */
export interface RegistryVersion {
  name: string;
  program(): Promise<string>;
  config: string;
}

/** Version 2, from Debian, with the config of the image `registry:2`. */
export const version2: RegistryVersion = {
  name: "registry 2",
  program: () => Promise.resolve("docker-registry"),
  config: `version: 0.1
storage: {cache: {blobdescriptor: inmemory}, filesystem: {rootdirectory: /var/lib/registry}}
http: {addr: ":5000", headers: {X-Content-Type-Options: [nosniff]}}
health: {storagedriver: {enabled: true, interval: 10s, threshold: 3}}
`,
};

/** Version 3, with the config of the image `registry:3`, which is a developer's. */
export const version3: RegistryVersion = {
  name: "registry 3",
  program: async () => (await ensurePrograms(["registry"], () => undefined)).registry,
  config: `version: 0.1
log: {level: debug, fields: {environment: development}}
storage:
  delete: {enabled: true}
  cache: {blobdescriptor: inmemory}
  filesystem: {rootdirectory: /var/lib/registry}
  maintenance: {uploadpurging: {enabled: false}}
  tag: {concurrencylimit: 8}
http: {addr: ":5000", debug: {addr: ":5001", prometheus: {enabled: true, path: /metrics}}}
health: {storagedriver: {enabled: true, interval: 10s, threshold: 3}}
`,
};

/** A client that doesn't name OCI's types is told that there is no such image. */
const ACCEPT = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, */*";

/** An answer of the registry. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** A registry set up by the variables that a `RegistryPod` has, in a folder of its own, on a free port. */
export class RegistryProcess {
  private child: ResultPromise | undefined;

  private constructor(
    private readonly version: RegistryVersion,
    readonly folder: string,
    readonly port: number,
    private readonly env: Record<string, string>,
  ) {}

  /** Sets one up; `start` starts it. */
  static async prepare(version: RegistryVersion, args: Partial<RegistryPodArgs> = {}): Promise<RegistryProcess> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "registry-"));
    const [port = 0] = await freePorts(1);
    fs.writeFileSync(path.join(folder, "image.yml"), version.config);
    await selfSigned(folder);
    const registry = { ...args.registry, storagePath: `${folder}/images`, certificatePath: folder };
    const found = await variables("registry", { ...args, requireClientCertificate: true, registry });
    const plain = Object.entries(found).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    const env = { ...Object.fromEntries(plain), REGISTRY_HTTP_ADDR: `127.0.0.1:${port}`, REGISTRY_HTTP_SECRET: "0123" };
    return new RegistryProcess(version, folder, port, env);
  }

  /** Starts it and waits until it listens. */
  async start(): Promise<void> {
    const program = await this.version.program();
    const options = { all: true, reject: false, extendEnv: true, env: this.env } as const;
    this.child = execa(program, ["serve", path.join(this.folder, "image.yml")], options) as ResultPromise;
    for (let tries = 0; tries < 200; tries++) {
      if (await accepts(this.port)) return;
      await new Promise((next) => setTimeout(next, 50));
    }
    throw new Error(`${this.version.name} does not listen: ${String((await this.stop()).all)}`);
  }

  /** Tells it to stop, as Kubernetes does; its end is the promise. */
  stop(): Promise<{ exitCode?: number | undefined; all?: unknown }> {
    this.child?.kill("SIGTERM");
    return this.child ?? Promise.resolve({});
  }

  /** Runs the collection of the init container. */
  async collect(config: string, args: string[] = []): Promise<string> {
    const file = path.join(this.folder, "cleaning.yml");
    fs.writeFileSync(file, config);
    const program = await this.version.program();
    const { all } = await execa(program, ["garbage-collect", ...args, file], { all: true, env: this.env });
    return all;
  }

  /** A request by the gateway's certificate; `anonymous` goes without one. */
  async ask(
    method: string,
    target: string,
    more: { body?: Buffer; type?: string; anonymous?: boolean } = {},
  ): Promise<Answer> {
    const request = this.open(method, target, more);
    request.end(more.body);
    return answerOf(request);
  }

  /** The same, with the body still to be written. */
  open(method: string, target: string, more: { type?: string; anonymous?: boolean } = {}): http.ClientRequest {
    const pem = (file: string): Buffer => fs.readFileSync(path.join(this.folder, file));
    const client = more.anonymous ? {} : { cert: pem("domain.crt"), key: pem("domain.key") };
    const url = new URL(target, `https://127.0.0.1:${this.port}`);
    const headers = {
      host: `localhost:${this.port}`,
      accept: ACCEPT,
      ...(more.type ? { "content-type": more.type } : {}),
    };
    return https.request(url, {
      method,
      headers,
      ca: pem("domain.crt"),
      servername: "localhost",
      agent: false,
      ...client,
    });
  }

  /** Pushes a blob and says its digest. */
  async blob(repository: string, body: Buffer): Promise<string> {
    const started = await this.ask("POST", `/v2/${repository}/blobs/uploads/`);
    const location = new URL(String(started.headers["location"]));
    location.searchParams.set("digest", digestOf(body));
    const { status } = await this.ask("PUT", location.pathname + location.search, {
      body,
      type: "application/octet-stream",
    });
    if (status !== 201) throw new Error(`a blob was answered ${status}`);
    return digestOf(body);
  }

  /** Pushes a manifest under a tag, or under its digest, and says its digest. */
  async manifest(repository: string, manifest: { mediaType: string }, tag?: string): Promise<string> {
    const body = Buffer.from(JSON.stringify(manifest));
    const target = `/v2/${repository}/manifests/${tag ?? digestOf(body)}`;
    const { status, body: said } = await this.ask("PUT", target, { body, type: manifest.mediaType });
    if (status !== 201) throw new Error(`a manifest was answered ${status}: ${said.toString()}`);
    return digestOf(body);
  }

  async remove(): Promise<void> {
    await this.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The answer of a request that was sent. */
export async function answerOf(request: http.ClientRequest): Promise<Answer> {
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) };
}

export function digestOf(body: Buffer): string {
  return `sha256:${createHash("sha256").update(body).digest("hex")}`;
}

async function selfSigned(folder: string): Promise<void> {
  const out = ["-keyout", `${folder}/domain.key`, "-out", `${folder}/domain.crt`];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"];
  await execa("openssl", ["req", "-x509", ...key, ...out, ...name]);
  fs.copyFileSync(`${folder}/domain.crt`, `${folder}/ca.crt`);
}

/** True if something accepts connections on a port of loopback. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
