import { Log } from "../protocol/resource";

/** An error as the real plugin shows it: once in the log, once as the failure of the step. */
export function failure(log: Log, summary: string, detail: string): Error {
  log.error(`[ERROR] ${detail}: ${summary}`);
  return new Error(`${summary}: ${detail}`);
}

/** A warning as the real plugin shows it. */
export function warn(log: Log, summary: string, detail: string): void {
  log.warning(`[WARNING] ${detail}: ${summary}`);
}

/** Does something whose errors become failures with a summary. */
export function within<T>(log: Log, summary: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw failure(log, summary, (error as Error).message);
  }
}
