import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import * as fs from "node:fs";
import type { IncomingMessage } from "node:http";
import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { credentials } from "./images";
import { labVariable } from "./lab";

/**
 * Uploads a layer through the gateway at a trickle, as over a poor line; says the answer's status and how long it took.
 */
export async function slowUpload(repository: string, seconds: number): Promise<{ status: number; seconds: number }> {
  const started = Date.now();
  const parts = Array.from({ length: seconds * 4 }, () => randomBytes(16 << 10));
  const body = Buffer.concat(parts);
  const begun = send("POST", `/v2/${repository}/blobs/uploads/`);
  begun.end();
  const [answer] = (await once(begun, "response")) as [IncomingMessage];
  answer.resume();
  const location = new URL(String(answer.headers.location));
  location.searchParams.set("digest", `sha256:${createHash("sha256").update(body).digest("hex")}`);
  const put = send("PUT", location.pathname + location.search, {
    "content-length": body.length,
    "content-type": "application/octet-stream",
  });
  const ended = once(put, "response") as Promise<[IncomingMessage]>;
  for (const part of parts) {
    put.write(part);
    await Promise.race([sleep(250), ended]);
  }
  put.end();
  const [last] = await ended;
  last.resume();
  return { status: last.statusCode ?? 0, seconds: (Date.now() - started) / 1000 };
}

function send(method: string, path: string, headers: Record<string, string | number> = {}) {
  const host = labVariable("LAB_REGISTRY_HOST");
  return https.request({
    host: labVariable("LAB_GATEWAY_HOST"),
    servername: host,
    path,
    method,
    headers: { host, ...headers },
    ca: fs.readFileSync(labVariable("LAB_CA_FILE")),
    auth: credentials("push").auth,
    agent: false,
  });
}
