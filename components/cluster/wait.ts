import { KubectlError } from "./kubectl";
import type { Snapshot } from "./objects";
import type { Reason } from "./reasons/reason";
import { reasonsOf } from "./reasons/reasons";
import { hasServed, isDone, restartedAt } from "./versions";

/** How long kubectl may fail, one time after the other, before the wait ends by it: seconds. */
const UNREACHABLE_SECONDS = 30;
/** How long a restart by others is waited for while no reason says that it fails: seconds. */
const RESTART_SECONDS = 30;
/** Between two looks, at first and later: seconds. */
const PAUSE_SECONDS = { first: 1, later: 2, firstUntil: 10 };
/** From when on a look is for reasons too, which is three questions for one: seconds. Most rollouts are soon done. */
const REASONS_AFTER_SECONDS = 2;

/** What a wait needs of the world. */
export interface World {
  /** The deployment now, and with `whole` what belongs to it. */
  look: (whole: boolean) => Promise<Snapshot>;
  /** Tells a person, once for each reason. */
  tell: (reason: Reason) => void;
  /** Seconds by a clock that only goes forward. */
  now: () => number;
  sleep: (seconds: number) => Promise<void>;
}

/** How a wait ended. */
export interface Outcome {
  /**
   * `done`: the new version serves. `broken-since`: it did, and then something else happened, so no change is to blame.
   * `restarting`: others have restarted it, which may take long, as with a collection of unused layers.
   * `failed`: one of the reasons won't pass by itself, or the time is over.
   */
  kind: "done" | "broken-since" | "restarting" | "failed";
  snapshot: Snapshot;
  /** What there was at the end. */
  reasons: readonly Reason[];
  /** How long it took: seconds. */
  seconds: number;
}

/** Waits until a deployment's new version serves, or a reason is final, or the time is over. */
export async function waitForRollout(world: World, timeoutSeconds: number): Promise<Outcome> {
  const started = world.now();
  const seen = new Map<string, { since: number; told: boolean }>();
  let reached = started;
  for (;;) {
    const snapshot = await tolerant(world, reached, world.now() - started >= REASONS_AFTER_SECONDS);
    const now = world.now();
    const seconds = now - started;
    if (snapshot) {
      reached = now;
      const judged = judge(snapshot, seen, now, world.tell);
      if (judged) return { ...judged, snapshot, seconds };
      if (seconds >= RESTART_SECONDS && isMerelyRestarting(snapshot)) {
        return { kind: "restarting", snapshot, reasons: reasonsOf(snapshot), seconds };
      }
      if (seconds >= timeoutSeconds) return { kind: "failed", snapshot, reasons: reasonsOf(snapshot), seconds };
    }
    await world.sleep(seconds < PAUSE_SECONDS.firstUntil ? PAUSE_SECONDS.first : PAUSE_SECONDS.later);
  }
}

function isMerelyRestarting(snapshot: Snapshot): boolean {
  if (restartedAt(snapshot.deployment) === undefined) return false;
  return reasonsOf(snapshot).every(({ finalAfterSeconds }) => finalAfterSeconds === undefined);
}

/** One look; undefined if it failed by what may pass, and has not failed for long. */
async function tolerant(world: World, reached: number, whole: boolean): Promise<Snapshot | undefined> {
  try {
    return await world.look(whole);
  } catch (error) {
    const mayPass = error instanceof KubectlError && error.kind === "failed";
    if (!mayPass || world.now() - reached >= UNREACHABLE_SECONDS) throw error;
    return undefined;
  }
}

type Seen = Map<string, { since: number; told: boolean }>;

function judge(
  snapshot: Snapshot,
  seen: Seen,
  now: number,
  tell: (reason: Reason) => void,
): Pick<Outcome, "kind" | "reasons"> | undefined {
  if (isDone(snapshot.deployment)) return { kind: "done", reasons: [] };
  const reasons = reasonsOf(snapshot);
  if (hasServed(snapshot)) return { kind: "broken-since", reasons };
  for (const key of seen.keys()) if (!reasons.some((each) => each.key === key)) seen.delete(key);
  const lasted = reasons.map((reason) => {
    const entry = seen.get(reason.key) ?? { since: now, told: false };
    seen.set(reason.key, entry);
    const seconds = now - entry.since;
    if (!entry.told && seconds >= reason.tellAfterSeconds) {
      entry.told = true;
      tell(reason);
    }
    return { reason, seconds };
  });
  const isFinal = lasted.some(
    ({ reason: { finalAfterSeconds: limit }, seconds }) => limit !== undefined && seconds >= limit,
  );
  return isFinal ? { kind: "failed", reasons } : undefined;
}
