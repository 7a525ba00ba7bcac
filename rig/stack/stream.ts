import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "./https";
import { credentials, makeImage, push, reference, login } from "./images";
import { labVariable, succeeded } from "./lab";

/** What a stream of requests saw. */
export interface Seen {
  requests: number;
  failures: string[];
  /** The longest time until an answer, a failure too. Seconds. */
  slowest: number;
}

/**
 * Asks the gateway for an image's manifest, one request after the other on each of some connections, until told to
 * stop. Everything but a 200 is a failure.
 * @param repository Where the image is, by the tag 1.
 */
export function streamOfPulls(repository: string, connections = 4): { stop(): Promise<Seen> } {
  const host = labVariable("LAB_REGISTRY_HOST");
  const seen: Seen = { requests: 0, failures: [], slowest: 0 };
  let running = true;
  const work = Array.from({ length: connections }, async () => {
    while (running) {
      const at = new Date().toISOString();
      const started = performance.now();
      seen.requests += 1;
      await ask(host, `/v2/${repository}/manifests/1`, { auth: credentials("pull").auth }).then(
        ({ status, body }) => {
          if (status !== 200) seen.failures.push(`${at} ${status} ${body.slice(0, 200)}`);
        },
        (error: Error) => seen.failures.push(`${at} ${error.message}`),
      );
      took(seen, started);
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
  const seen: Seen = { requests: 0, failures: [], slowest: 0 };
  let running = true;
  const work = (async () => {
    const variables = await login("push");
    while (running) {
      const image = await makeImage(`stream-${seen.requests}`, 2, 64 << 10);
      const started = performance.now();
      const pushed = await push(image, reference(repository, String(seen.requests)), variables);
      seen.requests += 1;
      took(seen, started);
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

const took = (seen: Seen, started: number): void => {
  seen.slowest = Math.max(seen.slowest, (performance.now() - started) / 1000);
};

/** Fails, with what was seen, if a request failed or there was none. */
export function noneFailed(what: string, seen: Seen): void {
  const slowest = `the slowest took ${seen.slowest.toFixed(1)} s`;
  console.log(`      ${what}: ${seen.requests} requests, ${seen.failures.length} failed, ${slowest}`);
  if (seen.requests === 0) throw new Error(`${what}: no request was made`);
  if (seen.failures.length > 0) throw new Error(`${what}:\n${seen.failures.slice(0, 10).join("\n")}`);
}

/**
 * Fails if a request failed that began some time after a node was cut off, or if one failed by anything but the
 * gateway's own answer for a registry that has none.
 */
export function nothingLater(
  what: string,
  { requests, failures, slowest }: Seen,
  cutOff: number,
  seconds: number,
): void {
  const after = failures.map((each) => (Date.parse(each.slice(0, 24)) - cutOff) / 1000);
  const last = Math.max(0, ...after);
  const words = `${failures.length} failed, the last of them begun ${last.toFixed(1)} s after the node was cut off`;
  console.log(`      ${what}: ${requests} requests, ${words}; the slowest took ${slowest.toFixed(1)} s`);
  const others = failures.filter((each) => !/^\S+ 50[24] /.test(each));
  if (others.length > 0) throw new Error(`${what}:\n${others.join("\n")}`);
  if (last > seconds) throw new Error(`${what} later than ${seconds} s:\n${failures.slice(-10).join("\n")}`);
}

/** Pushes the image that a stream of pulls asks for. */
export async function pushTarget(repository: string): Promise<void> {
  succeeded(await push(await makeImage("target", 2, 1 << 20), reference(repository), await login("push")));
}
