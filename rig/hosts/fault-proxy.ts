import { once } from "node:events";
import type * as http from "node:http";
import * as https from "node:https";
import type * as net from "node:net";
import type { Pebble } from "../acme/pebble";

/** An answer on its way back. */
export interface Passing {
  status: number;
  headers: http.OutgoingHttpHeaders;
  body: string;
}

/** What goes wrong. */
export type Fault =
  /** The request comes late, by milliseconds. */
  | { delay: number }
  /** The connection is cut: before the request reaches the CA, or after the CA has done it. */
  | { drop: "request" | "answer" }
  /** The CA never sees the request; this is the answer. */
  | { answer: Passing }
  /** The CA's answer is changed on its way. */
  | { change: (answer: Passing) => Passing };

/** When it goes wrong. */
export interface Rule {
  /** Which requests: the start of the path, such as "/order-plz". */
  path: string;
  method?: "GET" | "HEAD" | "POST";
  fault: Fault;
  /** How often; without end by default. */
  times?: number;
}

/** A program between client and CA that makes things go wrong. */
export interface FaultProxy {
  /** The CA's directory by way of the proxy; verified with the CA's own certificate. */
  directory: string;
  /** May be changed at any time; the first that fits is used. */
  rules: Rule[];
  /** Method and path of every request, in order. */
  seen: string[];
  stop(): Promise<void>;
}

/**
 * Stands between a Pebble and its clients, by the same certificate. Pebble names itself by the Host it is asked under.
 */
export async function startFaultProxy(pebble: Pebble): Promise<FaultProxy> {
  const target = new URL(pebble.directory);
  const rules: Rule[] = [];
  const seen: string[] = [];
  const sockets = new Set<net.Socket>();
  const proxy = https.createServer({ cert: pebble.caPem, key: pebble.tlsKeyPem }, (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    const fault = take(rules, request);
    pass(target.port, pebble.caPem, request, response, fault).catch(() => response.destroy());
  });
  proxy.on("connection", (socket: net.Socket) => sockets.add(socket));
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const { port } = proxy.address() as net.AddressInfo;
  return {
    directory: `https://127.0.0.1:${port}${target.pathname}`,
    rules,
    seen,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

async function pass(
  port: string,
  ca: string,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  fault: Fault = { delay: 0 },
): Promise<void> {
  const body = await read(request);
  if ("delay" in fault) await new Promise((resolve) => setTimeout(resolve, fault.delay));
  const lost = "drop" in fault && fault.drop === "request";
  const passed = "answer" in fault ? fault.answer : lost ? undefined : await forward(port, ca, request, body);
  if (passed === undefined || "drop" in fault) {
    request.socket.destroy();
    return;
  }
  const answer = "change" in fault ? fault.change(passed) : passed;
  response.writeHead(answer.status, { ...answer.headers, "content-length": Buffer.byteLength(answer.body) });
  response.end(request.method === "HEAD" ? undefined : answer.body);
}

function take(rules: Rule[], request: http.IncomingMessage): Fault | undefined {
  const rule = rules.find(
    ({ path, method, times = 1 }) =>
      (request.url ?? "").startsWith(path) && (method === undefined || method === request.method) && times > 0,
  );
  if (rule?.times !== undefined) rule.times -= 1;
  return rule?.fault;
}

async function read(message: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

function forward(port: string, ca: string, request: http.IncomingMessage, body: string): Promise<Passing> {
  return new Promise((resolve, reject) => {
    const { method, url: path, headers } = request;
    const options = { host: "127.0.0.1", port, ca, method: method ?? "GET", path: path ?? "/", headers, agent: false };
    const sent = https.request(options, (response) => {
      read(response)
        .then((text) => resolve({ status: response.statusCode ?? 0, headers: kept(response.headers), body: text }))
        .catch(reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

function kept(headers: http.IncomingHttpHeaders): http.OutgoingHttpHeaders {
  const own = ["connection", "transfer-encoding"];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.includes(name)));
}

/** A problem document as the CA would send it. */
export function problemAnswer(status: number, kind: string, detail: string, headers: object = {}): Passing {
  const body = JSON.stringify({ type: `urn:ietf:params:acme:error:${kind}`, detail, status });
  return { status, headers: { "content-type": "application/problem+json", ...headers }, body };
}
