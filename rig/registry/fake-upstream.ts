import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** How a registry lets readers in. */
export const Login = {
  /** Everybody, as ghcr.io does for public images. */
  None: "none",
  /** By a token that anybody gets, as Docker Hub does. */
  Token: "token",
  /** By a name and a password with each request. */
  Basic: "basic",
} as const;
export type Login = (typeof Login)[keyof typeof Login];

/** What is wrong with a registry. */
export const Fault = {
  None: "none",
  /** It takes requests and never answers. */
  Hang: "hang",
  TooMany: "429",
  Broken: "500",
  /** It ends the connection in the middle of a body. */
  Cut: "cut",
  /** Its bytes are others than their digest says. */
  WrongBytes: "wrong-bytes",
  /** Its bodies take six seconds. */
  Slow: "slow",
} as const;
export type Fault = (typeof Fault)[keyof typeof Fault];

/** A request that came. */
export interface Asked {
  method: string;
  url: string;
  host: string;
  authorization: string;
}

interface Content {
  body: Buffer;
  type: string;
}

interface Described {
  digest: string;
}

interface Index {
  manifests: Described[];
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const digestOf = (body: Buffer): string => `sha256:${createHash("sha256").update(body).digest("hex")}`;

/** The password of a registry with one. */
export const READER = { user: "robot", password: "up@stream: [word" };

/**
 * A registry that is pulled from only, made for tests: it counts what it is asked, and can be ill. What it has is made
 * by `image`.
 */
export class FakeUpstream {
  readonly asked: Asked[] = [];
  fault: Fault = Fault.None;
  private readonly contents = new Map<string, Content>();
  private server: http.Server | undefined;

  private constructor(
    private readonly login: Login,
    private readonly tls: https.ServerOptions | undefined,
    private readonly address: string,
    private port: number,
  ) {}

  /** Starts one, on a free port of loopback unless it is told, and in clear unless it is given a certificate. */
  static async start(
    login: Login = Login.None,
    tls?: https.ServerOptions,
    address = "127.0.0.1",
    port = 0,
  ): Promise<FakeUpstream> {
    const fake = new FakeUpstream(login, tls, address, port);
    await fake.open();
    return fake;
  }

  /** Takes connections, again on its first port. */
  async open(): Promise<void> {
    const answer = (request: http.IncomingMessage, response: http.ServerResponse): void =>
      this.answer(request, response);
    const server = this.tls ? https.createServer(this.tls, answer) : http.createServer(answer);
    server.listen(this.port, this.address);
    await once(server, "listening");
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** Refuses connections from now on. */
  close(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  get url(): string {
    return `${this.tls ? "https" : "http"}://${this.address}:${this.port}`;
  }

  /** What was asked of it, by method and path, since this was called last. */
  taken(): string[] {
    return this.asked.splice(0).map(({ method, url }) => `${method} ${url}`);
  }

  /** Makes an image of a layer, random unless it is given, and names it. */
  image(repository: string, tag: string, layer: Buffer = randomBytes(4096)): { digest: string; layer: string } {
    const config = Buffer.from(
      JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [digestOf(layer)] } }),
    );
    const described = (body: Buffer, mediaType: string) => ({ mediaType, size: body.length, digest: digestOf(body) });
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: described(config, "application/vnd.oci.image.config.v1+json"),
        layers: [described(layer, "application/vnd.oci.image.layer.v1.tar")],
      }),
    );
    const blob = (body: Buffer): void =>
      void this.contents.set(`${repository}/blobs/${digestOf(body)}`, { body, type: "application/octet-stream" });
    [config, layer].forEach(blob);
    for (const name of [tag, digestOf(manifest)]) {
      this.contents.set(`${repository}/manifests/${name}`, { body: manifest, type: MANIFEST });
    }
    return { digest: digestOf(manifest), layer: digestOf(layer) };
  }

  /** Has the image of an OCI layout under a name, and says its digest. */
  load(layout: string, repository: string, tag: string): string {
    const blob = (digest: string): Buffer => readFileSync(join(layout, "blobs", ...digest.split(":")));
    const { manifests } = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as Index;
    const [digest = ""] = manifests.map((each) => each.digest);
    const body = blob(digest);
    const { config, layers } = JSON.parse(body.toString()) as { config: Described; layers: Described[] };
    for (const part of [config, ...layers]) {
      const content = { body: blob(part.digest), type: "application/octet-stream" };
      this.contents.set(`${repository}/blobs/${part.digest}`, content);
    }
    for (const name of [tag, digest]) this.contents.set(`${repository}/manifests/${name}`, { body, type: MANIFEST });
    return digest;
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { method = "", url = "", headers } = request;
    const { host = "", authorization = "" } = headers;
    this.asked.push({ method, url, host, authorization });
    if (this.fault === Fault.Hang) return;
    const status = { [Fault.TooMany]: 429, [Fault.Broken]: 500 }[this.fault as string];
    if (status !== undefined) return void response.writeHead(status).end();
    if (url.startsWith("/token")) {
      return void response.writeHead(200, { "content-type": "application/json" }).end('{"token":"a-token"}');
    }
    if (!this.letsIn(authorization)) {
      return void response.writeHead(401, { "www-authenticate": this.challenge(host) }).end();
    }
    if (url === "/v2/") return void response.writeHead(200).end("{}");
    const found = this.contents.get(url.replace(/^\/v2\//, "").replace(/\?.*$/, ""));
    if (!found) return void response.writeHead(404, { "content-type": "application/json" }).end('{"errors":[]}');
    this.send(method, found, response);
  }

  private send(method: string, { body, type }: Content, response: http.ServerResponse): void {
    const head = { "content-type": type, "content-length": body.length, "docker-content-digest": digestOf(body) };
    response.writeHead(200, head);
    if (method === "HEAD") return void response.end();
    if (this.fault === Fault.Cut) {
      response.write(body.subarray(0, body.length / 2), () => response.destroy());
      return;
    }
    if (this.fault === Fault.Slow) return void pipeline(Readable.from(trickle(body)), response).catch(() => undefined);
    response.end(this.fault === Fault.WrongBytes ? Buffer.from(body).fill(0, 0, 8) : body);
  }

  private letsIn(authorization: string): boolean {
    const basic = `Basic ${Buffer.from(`${READER.user}:${READER.password}`).toString("base64")}`;
    return { none: true, token: authorization === "Bearer a-token", basic: authorization === basic }[this.login];
  }

  private challenge(host: string): string {
    if (this.login === Login.Basic) return 'Basic realm="fake"';
    return `Bearer realm="${this.tls ? "https" : "http"}://${host}/token",service="fake"`;
  }
}

/** A body in twelve parts, half a second after one another. */
async function* trickle(body: Buffer): AsyncGenerator<Buffer> {
  const part = Math.ceil(body.length / 12);
  for (let at = 0; at < body.length; at += part) {
    await sleep(500);
    yield body.subarray(at, at + part);
  }
}
