import { X509Certificate } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import * as https from "node:https";
import { isIP } from "node:net";
import * as tls from "node:tls";
import type { Site } from "./target";

const PATIENCE = 15_000;

/** What a request is, beside its path. */
export interface Question {
  method?: string;
  /** "name:password". */
  auth?: string | undefined;
  headers?: Record<string, string>;
  body?: Buffer;
}

/** What came back. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came: a header that was sent twice is there twice. */
  rawHeaders: string[];
  body: Buffer;
  /** When it was asked and when the head of the answer was there, in milliseconds since 1970. */
  asked: number;
  answered: number;
}

/** Sends one request to a gateway, on a connection of its own whose certificate is verified. */
export function ask(site: Site, path: string, question: Question = {}): Promise<Answer> {
  const { method = "GET", auth, body } = question;
  const name = `${site.host}${site.port === 443 ? "" : `:${site.port}`}`;
  const length = body ? { "content-length": String(body.length) } : {};
  return send({
    host: site.address,
    port: site.port,
    path,
    method,
    headers: { host: name, ...length, ...question.headers },
    ...tlsOptions(site),
    ...(auth === undefined ? {} : { auth }),
    ...(body ? { body } : {}),
  });
}

/** Follows an address that a registry sent its client to, at an object store: without a password. */
export function follow(url: string, roots: string): Promise<Answer> {
  const { hostname, port, pathname, search } = new URL(url);
  return send({ host: hostname, port: port || 443, path: pathname + search, ...trust(roots) });
}

/** Sends a request and reads the whole answer. */
export function send({ body, ...options }: https.RequestOptions & { body?: Buffer }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = Date.now();
    const where = `${options.host}:${options.port}`;
    const fail = (error: Error): void => reject(new Error(plain(error, where)));
    const request = https.request({ ...options, agent: false, timeout: PATIENCE }, (response) => {
      const answered = Date.now();
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", fail);
      response.on("end", () => {
        const { statusCode: status = 0, headers, rawHeaders } = response;
        resolve({ status, headers, rawHeaders, body: Buffer.concat(parts), asked, answered });
      });
    });
    request.on("timeout", () => request.destroy(new Error(`${where} did not answer within ${PATIENCE / 1000} s`)));
    request.on("error", fail);
    request.end(body);
  });
}

/** What a gateway shows who connects. */
export interface Shown {
  certificate: X509Certificate;
  /** Why the certificate is not to be trusted; empty if it is. */
  complaint: string;
  /** "TLSv1.3". */
  protocol: string;
}

/** Connects to a gateway and says which certificate it serves, trusted or not. */
export function look(site: Site): Promise<Shown> {
  const where = `${site.address}:${site.port}`;
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(new Error(plain(error, where)));
    const socket = tls.connect(
      { host: site.address, port: site.port, rejectUnauthorized: false, ...tlsOptions(site) },
      () => {
        const certificate = socket.getPeerX509Certificate();
        // Typed as an Error, though it is the error's code.
        const complaint = socket.authorized ? "" : String(socket.authorizationError);
        socket.end();
        if (!certificate) return fail(new Error("no certificate is served"));
        resolve({ certificate, complaint, protocol: socket.getProtocol() ?? "" });
      },
    );
    socket.setTimeout(PATIENCE, () => socket.destroy(new Error(`${where} did not answer within ${PATIENCE / 1000} s`)));
    socket.on("error", fail);
  });
}

function tlsOptions(site: Site): tls.ConnectionOptions {
  const verify = (_: string, certificate: tls.PeerCertificate): Error | undefined =>
    tls.checkServerIdentity(site.host, certificate);
  const name = isIP(site.host) === 0 ? { servername: site.host } : {};
  return { ...name, checkServerIdentity: verify, ...trust(site.roots) };
}

function trust(roots: string): tls.ConnectionOptions {
  return roots === "" ? {} : { ca: [...tls.rootCertificates, roots] };
}

/** A failed connection in words. */
function plain(error: Error, where: string): string {
  const { code = "" } = error as NodeJS.ErrnoException;
  const words: Record<string, string> = {
    ECONNREFUSED: `nothing listens at ${where}; is nginx running there?`,
    ECONNRESET: `${where} broke the connection off`,
    EHOSTUNREACH: `no host is reached at ${where}`,
    ENETUNREACH: `there is no way from here to ${where}`,
    EAI_AGAIN: `the name in ${where} does not resolve here`,
    ENOTFOUND: `the name in ${where} does not resolve here`,
    ETIMEDOUT: `${where} does not answer`,
  };
  return words[code] ?? error.message;
}
