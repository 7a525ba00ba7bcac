import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import type * as http from "node:http";
import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { LoadCounts, LoadTarget } from "./load";

interface Reply {
  status: number;
  location: string;
  body: Buffer;
}

/**
 * Pulls and pushes of small blobs, one after the other on kept-alive connections, until it is stopped. As Go's and
 * every other client does, a GET or HEAD is sent again, once, if the server closes a kept-alive connection on it (RFC
 * 9112, 9.3.1); what belongs to a push never is, so a push that fails here may still be saved by its client.
 */
class Loop {
  private readonly counts: LoadCounts = { pulls: 0, pushes: 0, failedPulls: [], failedPushes: [] };
  private stopped = false;
  private readonly all: Promise<void>[] = [];

  constructor(private readonly target: LoadTarget) {}

  /** Two that pull and two that push, after a first push, whose blob is what is pulled. */
  async start(): Promise<void> {
    const blob = randomBytes(200_000);
    await this.push(new https.Agent({ keepAlive: true, maxSockets: 1 }), blob);
    for (const what of ["pull", "pull", "push", "push"] as const) this.all.push(this.keepOn(what, blob));
  }

  async stop(): Promise<LoadCounts> {
    this.stopped = true;
    await Promise.all(this.all);
    return this.counts;
  }

  private async keepOn(what: "pull" | "push", blob: Buffer): Promise<void> {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    while (!this.stopped) {
      try {
        await (what === "pull" ? this.pull(agent, blob) : this.push(agent, randomBytes(20_000)));
      } catch (error) {
        this.counts[what === "pull" ? "failedPulls" : "failedPushes"].push(String(error));
      }
      this.counts[what === "pull" ? "pulls" : "pushes"]++;
      await sleep(5);
    }
    agent.destroy();
  }

  private async pull(agent: https.Agent, blob: Buffer): Promise<void> {
    const { status, body } = await this.askTwice(agent, "GET", `/v2/${this.target.repository}/blobs/${digestOf(blob)}`);
    if (status !== 200 || !body.equals(blob)) throw new Error(`GET of a blob: ${status}, ${body.length} bytes`);
  }

  private async push(agent: https.Agent, blob: Buffer): Promise<void> {
    const step = async (method: string, path: string, expected: number, body?: Buffer): Promise<string> => {
      const reply = await this.ask(agent, method, path, body).catch((error: unknown) => {
        throw new Error(`${method}: ${String(error)}`);
      });
      if (reply.status !== expected) throw new Error(`${method}: ${reply.status} ${reply.body.toString()}`);
      return reply.location;
    };
    const there = await this.askTwice(agent, "HEAD", `/v2/${this.target.repository}/blobs/${digestOf(blob)}`);
    if (there.status !== 404) throw new Error(`HEAD: ${there.status} for a blob that is new`);
    const started = await step("POST", `/v2/${this.target.repository}/blobs/uploads/`, 202);
    const sent = await step("PATCH", started, 202, blob);
    await step("PUT", `${sent}&digest=${encodeURIComponent(digestOf(blob))}`, 201);
  }

  private async askTwice(agent: https.Agent, method: "GET" | "HEAD", path: string): Promise<Reply> {
    try {
      return await this.ask(agent, method, path);
    } catch (error) {
      if (!(error as { onKeptConnection?: boolean }).onKeptConnection) throw error;
      return this.ask(agent, method, path);
    }
  }

  private ask(agent: https.Agent, method: string, target: string, body?: Buffer): Promise<Reply> {
    const { port, host, caPem, auth } = this.target;
    const { pathname, search } = new URL(target, "https://localhost");
    const options = { host: "127.0.0.1", port, servername: host, ca: caPem, agent, method, path: pathname + search };
    const headers = {
      Host: `${host}:${port}`,
      "Content-Length": body?.length ?? 0,
      ...(body ? { "Content-Type": "application/octet-stream" } : {}),
    };
    return new Promise((resolve, reject) => {
      let answered = false;
      const request = https.request({ ...options, headers, ...(auth === undefined ? {} : { auth }) }, (response) => {
        answered = true;
        readAll(response).then(resolve, reject);
      });
      request.on("error", (error) =>
        reject(Object.assign(error, { onKeptConnection: request.reusedSocket && !answered })),
      );
      request.setTimeout(30_000, () => request.destroy(new Error("no answer within 30 s")));
      request.end(body);
    });
  }
}

async function readAll(response: http.IncomingMessage): Promise<Reply> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { status: response.statusCode ?? 0, location: response.headers.location ?? "", body: Buffer.concat(parts) };
}

function digestOf(body: Buffer): string {
  return `sha256:${createHash("sha256").update(body).digest("hex")}`;
}

async function main(): Promise<void> {
  const loop = new Loop(workerData as LoadTarget);
  await loop.start();
  parentPort?.postMessage("started");
  if (parentPort) await once(parentPort, "message");
  parentPort?.postMessage(await loop.stop());
}

void main();
