import type { ContainerState, ContainerStatus, Event, Pod } from "../objects";
import { imageReason } from "./images";
import { LASTING, type Reason } from "./reason";

/** What keeps a container from being started, by the kubelet's word. */
const START = new Set(["CreateContainerError", "RunContainerError", "PostStartHookError", "PreCreateHookError"]);
/** Ends of a container that has not run: a program that is not there, a wrong platform. */
const NOT_STARTED = new Set(["StartError", "ContainerCannotRun"]);

/** Why the containers of a pod do not serve: those that go first, or else the others. */
export function containerReasons(pod: Pod, events: readonly Event[]): Reason[] {
  const { initContainerStatuses: before = [], containerStatuses: main = [] } = pod.status ?? {};
  const unfinished = before.filter((each) => each.state?.terminated?.exitCode !== 0 && !each.started);
  const reasons = (unfinished.length > 0 ? unfinished.slice(0, 1) : main).map((each) =>
    containerReason(pod.metadata.name, each, events, unfinished.length > 0),
  );
  return reasons.filter((each) => each !== undefined);
}

interface Place {
  pod: string;
  container: string;
}

function containerReason(
  pod: string,
  status: ContainerStatus,
  events: readonly Event[],
  isInit: boolean,
): Reason | undefined {
  const of = { pod, container: status.name };
  return (
    waitingReason(of, status, events) ??
    notStartedReason(of, status) ??
    crashReason(of, status) ??
    runningReason(of, status, events, isInit)
  );
}

/** What the kubelet waits for before it starts a container. */
function waitingReason(of: Place, { image = "", state }: ContainerStatus, events: readonly Event[]) {
  const { reason: word = "", message = "" } = state?.waiting ?? {};
  const noImage = imageReason({ ...of, image }, { reason: word, message }, events);
  if (noImage) return noImage;
  if (word === "CreateContainerConfigError") {
    const key = `${of.container} configuration`;
    return { ...of, key, word, message, fault: "configuration" as const, ...LASTING.configuration };
  }
  return START.has(word) ? startReason(of, word, message) : undefined;
}

function notStartedReason(of: Place, { state, lastState }: ContainerStatus): Reason | undefined {
  const ended = [state?.terminated, lastState?.terminated].find((each) => NOT_STARTED.has(each?.reason ?? ""));
  return ended && startReason(of, ended.reason ?? "", ended.message ?? "");
}

function startReason(of: Place, word: string, message: string): Reason {
  const fault = /exec format error/.test(message) ? ("platform" as const) : ("start" as const);
  return { ...of, key: `${of.container} start`, word, message, fault, ...LASTING.start };
}

/** How a container ended that should run: now, or the last time. */
function endOf({ state, lastState, ready, restartCount }: ContainerStatus): ContainerState["terminated"] {
  if (ready) return undefined;
  return state?.terminated ?? (restartCount > 0 ? lastState?.terminated : undefined);
}

/** One that ended. While it runs once more, the wait does not end: it may hold this time. */
function crashReason(of: Place, status: ContainerStatus): Reason | undefined {
  const { state = {}, restartCount } = status;
  const end = endOf(status);
  if (!end) return undefined;
  const times = restartCount + (state.terminated ? 1 : 0);
  const { reason = "Error" } = end;
  // Between two pauses the kubelet says how it ended, which the message has.
  const word = restartCount > 0 ? "CrashLoopBackOff" : reason;
  const { finalAfterSeconds, tellAfterSeconds } = LASTING.crash;
  return {
    ...of,
    key: `${of.container} crash`,
    word,
    message: `it ${endWords(end)} (${reason}), ${times === 1 ? "once" : `${times} times`} so far`,
    fault: reason === "OOMKilled" ? "memory" : "crash",
    tellAfterSeconds,
    ...(state.running ? {} : { finalAfterSeconds }),
    log: state.terminated ? "current" : "previous",
  };
}

const endWords = ({ signal, exitCode }: { signal?: number; exitCode: number }): string =>
  signal ? `was ended by signal ${signal}` : `ended with exit code ${exitCode}`;

function runningReason(of: Place, { ready, state }: ContainerStatus, events: readonly Event[], isInit: boolean) {
  if (!state?.running) return undefined;
  if (isInit) return usual(of, "Initializing", "it runs, and the other containers start when it has ended");
  return ready ? undefined : usual(of, "NotReady", probeMessage(of.container, events));
}

function usual(of: Place, word: string, message: string): Reason {
  const key = `${of.container} ${word}`;
  const fault = word === "NotReady" ? ("readiness" as const) : ("patience" as const);
  return { ...of, key, word, message, fault, ...LASTING.usual, log: "current" };
}

/** What the last probe of a container said. */
function probeMessage(container: string, events: readonly Event[]): string {
  const own = ({ reason, involvedObject: { fieldPath } }: Event): boolean =>
    reason === "Unhealthy" && (fieldPath === undefined || fieldPath.includes(`{${container}}`));
  return events.filter(own).at(-1)?.message?.trim() ?? "it runs, and its readiness probe has not succeeded yet";
}
