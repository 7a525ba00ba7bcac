import * as fs from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import * as tls from "node:tls";
import { labVariable } from "./lab";

/** An answer of the gateway. */
export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** Header names and values one after the other, as they came: shows a header that was sent twice. */
  rawHeaders: string[];
  body: string;
}

/** How a request is sent. */
export interface Question {
  method?: string;
  /** "name:password" for Basic authentication; none by default. */
  auth?: string;
  agent?: https.Agent;
  /** More headers. */
  headers?: Record<string, string>;
  /** True if the certificate may be of any CA. */
  anyCertificate?: boolean;
}

/** One HTTPS request to the gateway under one of its names, verified against nothing but the lab's CA file. */
export function ask(host: string, path: string, question: Question = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = https.request(
      {
        host: labVariable("LAB_GATEWAY_HOST"),
        servername: host,
        path,
        method: question.method ?? "GET",
        headers: { host, ...question.headers },
        rejectUnauthorized: question.anyCertificate !== true,
        ca: fs.readFileSync(labVariable("LAB_CA_FILE")),
        timeout: 30_000,
        ...(question.auth === undefined ? {} : { auth: question.auth }),
        agent: question.agent ?? false,
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            rawHeaders: response.rawHeaders,
            body: Buffer.concat(parts).toString("utf8"),
          }),
        );
        response.on("error", reject);
      },
    );
    request.on("timeout", () => request.destroy(new Error(`no answer from ${host}${path} within 30 s`)));
    request.on("error", (error) => reject(Object.assign(error, { reusedSocket: request.reusedSocket })));
    request.end();
  });
}

/** The SHA-256 fingerprint (64 hex digits, lower case) of the certificate that the gateway serves under a name. */
export function servedFingerprint(host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect(
      {
        host: labVariable("LAB_GATEWAY_HOST"),
        port: 443,
        servername: host,
        ca: fs.readFileSync(labVariable("LAB_CA_FILE")),
      },
      () => {
        resolve(socket.getPeerX509Certificate()?.fingerprint256.replaceAll(":", "").toLowerCase() ?? "");
        socket.end();
      },
    );
    socket.on("error", reject);
  });
}
