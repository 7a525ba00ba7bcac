import { createHash } from "node:crypto";
import { once } from "node:events";
import * as fs from "node:fs";
import type * as http from "node:http";
import * as https from "node:https";
import * as os from "node:os";
import * as path from "node:path";
import { execa, type ResultPromise } from "execa";
import { CERTIFICATES_PATH, IMAGES_PATH } from "../../components/registry/environment";
import { UPSTREAM_LOGIN_PATH } from "../../components/registry/features/upstream-login";
import type { RegistryPodArgs } from "../../components/registry/pod-args";
import { accepts, freePorts } from "../hosts/ports";
import { loginFilesIn } from "./login-files";
import { selfSigned } from "./self-signed";
import { type Container, pod, templateOf } from "./pod";
import type { RegistryVersion } from "./versions";
export { accepts, freePorts } from "../hosts/ports";
export { type RegistryVersion, version2, version3 } from "./versions";

/** A client that doesn't name OCI's types is told that there is no such image. */
const ACCEPT = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, */*";

/** An answer of the registry. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** What a `RegistryPod` makes, as far as a process needs it. */
interface PodParts {
  env: Record<string, string>;
  registry: Container;
  /** The container that collects; none without a schedule. */
  cleaning: Container | undefined;
  /** Its config file; empty without. */
  cleaningConfig: string;
  /** The secret beside the pod. */
  secret: Record<string, string>;
}

/** A registry set up by the variables and commands that a `RegistryPod` has, in a folder of its own, on a free port. */
export class RegistryProcess {
  private child: ResultPromise | undefined;
  private agent = new https.Agent();

  private constructor(
    private readonly version: RegistryVersion,
    readonly folder: string,
    readonly port: number,
    private readonly parts: PodParts,
  ) {}

  /**
   * Sets one up; `start` starts it. Certificates are always those of the test.
   * @param folder Where its images are, if it shares them with another one.
   * @param container Which of the pod's containers it is.
   */
  static async prepare(
    version: RegistryVersion,
    args: Partial<RegistryPodArgs> = {},
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "registry-")),
    container: "registry" | "reader" = "registry",
  ): Promise<RegistryProcess> {
    const [port = 0, debugPort = 0] = await freePorts(2);
    fs.writeFileSync(path.join(folder, "image.yml"), version.config);
    if (!fs.existsSync(path.join(folder, "domain.crt"))) await selfSigned(folder);
    const bin = path.join(folder, "bin");
    if (!fs.existsSync(bin)) {
      fs.mkdirSync(bin);
      fs.symlinkSync(await version.program(), path.join(bin, "registry"));
    }
    fs.mkdirSync(path.join(folder, "images"), { recursive: true });
    const parts = await podParts({ requireClientCertificate: true, ...args }, container);
    for (const [name, value] of Object.entries(parts.env)) parts.env[name] = hereIn(folder, value);
    loginFilesIn(folder, parts.secret);
    parts.env["REGISTRY_HTTP_ADDR"] = `127.0.0.1:${port}`;
    const { REGISTRY_HTTP_DEBUG_ADDR: debug = '""' } = parts.env;
    if (debug !== '""') parts.env["REGISTRY_HTTP_DEBUG_ADDR"] = `127.0.0.1:${debugPort}`;
    parts.env["AWS_CA_BUNDLE"] = ""; // a machine may have one for Amazon, which registry 2 does not start with
    parts.env["PATH"] = `${bin}:${process.env["PATH"] ?? ""}`;
    return new RegistryProcess(version, folder, port, parts);
  }

  /** Starts it and waits until it listens. */
  async start(): Promise<void> {
    this.agent = new https.Agent({ keepAlive: true });
    const [program = "", ...args] = this.here(this.parts.registry["command"]) ?? [
      "registry",
      "serve",
      this.file("image.yml"),
    ];
    this.child = execa(program, args, { all: true, reject: false, env: this.parts.env }) as ResultPromise;
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

  /** Runs the pod's container that collects, with some variables otherwise, and says what it printed. */
  async collect(otherwise: Record<string, string> = {}): Promise<string> {
    const { cleaning, cleaningConfig } = this.parts;
    fs.writeFileSync(this.file("cleaning.yml"), hereIn(this.folder, cleaningConfig));
    const [program = "", ...args] = [
      ...(this.here(cleaning?.["command"]) ?? []),
      ...(this.here(cleaning?.["args"]) ?? []),
    ];
    const { all } = await execa(program, args, { all: true, env: { ...this.parts.env, ...otherwise } });
    return all;
  }

  /** True if the pod's readiness probe is content, as the kubelet asks it. */
  async isReady(): Promise<boolean> {
    const { exec, httpGet } = this.parts.registry["readinessProbe"] as {
      exec?: { command: string[] };
      httpGet?: { path: string };
    };
    if (httpGet) return (await fetch(`http://${this.debugAddress}${httpGet.path}`)).ok;
    const command = this.here(exec?.command) ?? [];
    const [program = "", ...args] = command.map((word) => word.replace("127.0.0.1:5001", this.debugAddress));
    const ended = await execa(program, args, { env: this.parts.env, reject: false, timeout: 5000 });
    return ended.exitCode === 0;
  }

  /** Its process. */
  get pid(): number {
    return this.child?.pid ?? NaN;
  }

  /** Where its debug server listens; empty for nowhere. */
  get debugAddress(): string {
    return (this.parts.env["REGISTRY_HTTP_DEBUG_ADDR"] ?? "").replace('""', "");
  }

  /** A file of its folder. */
  file(name: string): string {
    return path.join(this.folder, name);
  }

  /** Words of a command, with the files of the pod where they are here. */
  private here(words: unknown): string[] | undefined {
    return (words as string[] | undefined)?.map((word) => hereIn(this.folder, word));
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
      agent: more.anonymous ? false : this.agent,
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

/** A text of the pod, with its files and those of the image where they are in the folder of a process. */
function hereIn(folder: string, text: string): string {
  return text
    .replaceAll("/etc/docker/registry/config.yml", `${folder}/image.yml`)
    .replaceAll("/etc/registry-cleaning/config.yml", `${folder}/cleaning.yml`)
    .replaceAll(UPSTREAM_LOGIN_PATH, `${folder}${UPSTREAM_LOGIN_PATH}`)
    .replaceAll(IMAGES_PATH, `${folder}/images`)
    .replaceAll(`${CERTIFICATES_PATH}/`, `${folder}/`);
}

async function podParts(args: Partial<RegistryPodArgs>, container: string): Promise<PodParts> {
  const run = await pod(args);
  const data = (type: string): Record<string, string> =>
    (run.all(type)[0]?.inputs["data"] as Record<string, string> | undefined) ?? {};
  const secret = data("Secret");
  const { spec } = templateOf(run.one("apps/v1:Deployment"));
  const registry = spec.containers.find(({ name }) => name === container);
  if (!registry) throw new Error(`the pod has no container ${container}`);
  const secretOf = (name: string): string => Buffer.from(secret[name] ?? "", "base64").toString();
  const env = registry.env.map(({ name, value }) => [name, value ?? secretOf(name)]);
  return {
    env: Object.fromEntries(env) as Record<string, string>,
    registry,
    cleaning: (spec["initContainers"] as Container[] | undefined)?.[0],
    cleaningConfig: data("ConfigMap")["config.yml"] ?? "",
    secret,
  };
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
