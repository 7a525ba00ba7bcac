import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "./https";
import { credentials, makeImage, push, reference, login } from "./images";
import { labVariable, succeeded } from "./lab";

/** What a stream of requests saw. */
export interface Seen {
  requests: number;
  failures: string[];
}

/**
 * Asks the gateway for an image's manifest, one request after the other on each of some connections, until told to
 * stop. Everything but a 200 is a failure.
 * @param repository Where the image is, by the tag 1.
 */
export function streamOfPulls(repository: string, connections = 4): { stop(): Promise<Seen> } {
  const host = labVariable("LAB_REGISTRY_HOST");
  const seen: Seen = { requests: 0, failures: [] };
  let running = true;
  const work = Array.from({ length: connections }, async () => {
    while (running) {
      const at = new Date().toISOString();
      seen.requests += 1;
      await ask(host, `/v2/${repository}/manifests/1`, { auth: credentials("pull").auth }).then(
        ({ status, body }) => {
          if (status !== 200) seen.failures.push(`${at} ${status} ${body.slice(0, 200)}`);
        },
        (error: Error) => seen.failures.push(`${at} ${error.message}`),
      );
      await sleep(20);
    }
  });
  return {
    stop: async () => {
      running = false;
      await Promise.all(work);
      return seen;
    },
  };
}

/** Pushes small images, one after the other, until told to stop. */
export function streamOfPushes(repository: string): { stop(): Promise<Seen> } {
  const seen: Seen = { requests: 0, failures: [] };
  let running = true;
  const work = (async () => {
    const variables = await login("push");
    while (running) {
      const image = await makeImage(`stream-${seen.requests}`, 2, 64 << 10);
      const pushed = await push(image, reference(repository, String(seen.requests)), variables);
      seen.requests += 1;
      if (pushed.exitCode !== 0) seen.failures.push(pushed.all);
    }
  })();
  return {
    stop: async () => {
      running = false;
      await work;
      return seen;
    },
  };
}

/** Fails, with what was seen, if a request failed or there was none. */
export function noneFailed(what: string, seen: Seen): void {
  console.log(`      ${what}: ${seen.requests} requests, ${seen.failures.length} failed`);
  if (seen.requests === 0) throw new Error(`${what}: no request was made`);
  if (seen.failures.length > 0) throw new Error(`${what}:\n${seen.failures.slice(0, 10).join("\n")}`);
}

/** Pushes the image that a stream of pulls asks for. */
export async function pushTarget(repository: string): Promise<void> {
  succeeded(await push(await makeImage("target", 2, 1 << 20), reference(repository), await login("push")));
}
