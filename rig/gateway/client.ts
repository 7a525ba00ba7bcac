import { createHash } from "node:crypto";
import * as http from "node:http";
import * as https from "node:https";
import { certificates, REGISTRY } from "./fixture";

/** A request to a gateway on this machine. */
export interface Ask {
  port: number;
  /** Host name; the registry's by default. */
  host?: string;
  /** The request target as it is sent, odd or not. Default "/v2/". */
  path?: string;
  method?: string;
  /** "name:password". */
  auth?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Default true. */
  tls?: boolean;
}

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** Names and values in turn, doubled ones too. */
  rawHeaders: string[];
  body: string;
  /** The digest of the body as it came. */
  bytes: string;
  /** Serial number of the certificate. */
  serial?: string | undefined;
  milliseconds: number;
}

/** Sends one request on a connection of its own, verified against the tests' CA. */
export function ask(request: Ask): Promise<Answer> {
  const host = request.host ?? REGISTRY;
  const options: https.RequestOptions = {
    host: "127.0.0.1",
    port: request.port,
    path: request.path ?? "/v2/",
    method: request.method ?? "GET",
    headers: { Host: host, ...request.headers },
    servername: host,
    ca: certificates().ca.cert,
    agent: false,
    ...(request.auth === undefined ? {} : { auth: request.auth }),
  };
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const sent = (request.tls === false ? http : https).request(options, (response) => {
      const serial = "getPeerCertificate" in response.socket ? serialOf(response.socket) : undefined;
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          body: Buffer.concat(parts).toString(),
          bytes: `sha256:${createHash("sha256").update(Buffer.concat(parts)).digest("hex")}`,
          serial,
          milliseconds: performance.now() - started,
        }),
      );
    });
    sent.on("error", reject);
    sent.setTimeout(20_000, () => sent.destroy(new Error("no answer within 20 s")));
    sent.end(request.body);
  });
}

function serialOf(socket: unknown): string {
  return (socket as import("node:tls").TLSSocket).getPeerCertificate().serialNumber;
}
