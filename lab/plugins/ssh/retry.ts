import { setTimeout as sleep } from "node:timers/promises";
import { Call } from "../protocol/resource";

const FIRST_DELAY_MS = 100;
const BACKOFF = 1.5;
const LONGEST_DELAY_MS = 5_000;

/**
 * Dials until it works, waiting 0.1 s, then 1.5 times as long each time, at most 5 s. Every failure but the last is
 * told as a status; the last is thrown. A person's cancel ends it.
 *
 * @param limit How many dials may fail before it is an error: 0 for one dial, -1 for no limit.
 */
export async function dialWithRetry<T>(what: string, limit: number, call: Call, dial: () => Promise<T>): Promise<T> {
  let delay = FIRST_DELAY_MS;
  for (let tried = 0; ; tried++) {
    try {
      return await dial();
    } catch (error) {
      const dials = tried + 1;
      if (limit > -1 && dials > limit) {
        throw new Error(`after ${tried} failed attempts: ${(error as Error).message}`, { cause: error });
      }
      call.log.status(`${what} ${dials}/${limit === -1 ? "inf" : limit} failed: retrying`);
    }
    try {
      await sleep(Math.min(delay, LONGEST_DELAY_MS), undefined, { signal: call.cancelled });
    } catch (cause) {
      throw new Error("context canceled", { cause });
    }
    delay *= BACKOFF;
  }
}
