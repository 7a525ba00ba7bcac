import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { certificates } from "./fixture";

/** What came to a stand-in upstream. */
export interface Seen {
  method: string;
  url: string;
  headers: http.IncomingHttpHeaders;
  /** Length of the body. */
  bytes: number;
}

/** Stand-ins for what listens on a node: the registry, over TLS and for the gateway's certificate only, and the UI. */
export class Upstreams {
  readonly seen: Seen[] = [];
  /** Kept connections on which the next request is not answered: each is closed then, as by a pod that ends. */
  readonly dead = new Set<Socket>();
  private together = 1;
  private readonly waiting: (() => void)[] = [];
  private readonly kept = new Set<Socket>();
  private parts: { first: number; sent: (end: () => void) => void } | undefined;
  private constructor(
    private readonly servers: http.Server[],
    readonly registryPort: number,
    readonly uiPort: number,
  ) {}

  static async start(): Promise<Upstreams> {
    const { ca, server } = certificates();
    const registry = https.createServer({ ...server, ca: ca.cert, requestCert: true, rejectUnauthorized: true });
    const ui = http.createServer();
    const ports: number[] = [];
    for (const each of [registry, ui]) {
      each.listen(0); // on every address: a test may take 127.0.0.2 for another node
      await once(each, "listening");
      ports.push((each.address() as AddressInfo).port);
    }
    const [registryPort = 0, uiPort = 0] = ports;
    const upstreams = new Upstreams([registry, ui], registryPort, uiPort);
    registry.on("secureConnection", (socket: Socket) => {
      upstreams.kept.add(socket);
      socket.on("close", () => [upstreams.kept, upstreams.dead].forEach((sockets) => sockets.delete(socket)));
    });
    registry.on("request", (request, response) => upstreams.answer(request, response, "registry"));
    ui.on("request", (request, response) => upstreams.answer(request, response, "ui"));
    return upstreams;
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse, who: string): void {
    if (this.dead.delete(request.socket)) {
      request.socket.destroy();
      return;
    }
    let bytes = 0;
    request.on("data", (part: Buffer) => (bytes += part.length));
    request.on("end", () => {
      this.seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, bytes });
      if (who === "ui" && this.parts) return void this.sendFirst(request.socket);
      if (who === "registry") response.setHeader("Docker-Distribution-Api-Version", "registry/2.0");
      this.waiting.push(() => response.end(`${who} ${request.url}`));
      if (this.waiting.length < this.together) return;
      this.together = 1;
      for (const send of this.waiting.splice(0)) send();
    });
  }

  /**
   * Lets the UI's next page come in two parts.
   * @param first Bytes of the first one, with status line and headers.
   * @returns What sends the second one, when the first one is on its way.
   */
  inParts(first: number): Promise<() => void> {
    return new Promise((sent) => (this.parts = { first, sent }));
  }

  private sendFirst(socket: Socket): void {
    const { first = 0, sent } = this.parts ?? {};
    this.parts = undefined;
    const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${first}\r\n\r\n`;
    socket.write(head.padEnd(first, "."));
    sent?.(() => void socket.write("".padEnd(head.length, ".")));
  }

  /** Answers the next requests when there are so many, all at once: so there are as many connections. */
  hold(count: number): void {
    this.together = count;
  }

  /** Closes every kept connection of the registry, and waits until that is done. */
  async closeKept(): Promise<void> {
    await Promise.all([...this.kept].map((socket) => (socket.destroy(), once(socket, "close"))));
  }

  /** Lets every kept connection of the registry be dead. */
  endPod(): void {
    for (const socket of this.kept) this.dead.add(socket);
  }

  /** The last request. */
  get last(): Seen {
    const last = this.seen.at(-1);
    if (!last) throw new Error("nothing came to the upstream");
    return last;
  }

  stop(): void {
    for (const server of this.servers) {
      server.close();
      server.closeAllConnections();
    }
  }
}
