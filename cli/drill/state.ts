/** What Kubernetes says of a job. */
export interface Job {
  status?: { conditions?: { type: string; status: string; reason?: string; message?: string }[] };
}

/** What it says of one of its pods. */
export interface Pod {
  metadata: { name: string };
  status: {
    phase?: string;
    reason?: string;
    message?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    containerStatuses?: { state: ContainerState }[];
  };
}

interface ContainerState {
  waiting?: { reason?: string; message?: string };
  running?: object;
  terminated?: { exitCode: number; reason?: string; message?: string };
}

/** What it says of an event. */
export interface Event {
  type: string;
  reason: string;
  message: string;
  involvedObject: { name: string };
  lastTimestamp?: string | null;
}

/** How far a drill has come. `why` is the cluster's own reason; empty if it has not said one yet. */
export type Progress =
  { state: "waiting" | "running"; why: string } | { state: "ended"; exitCode: number | undefined; why: string };

/** How far a job has come, from what the cluster says of it and of its pod. */
export function progressOf(job: Job, pod: Pod | undefined): Progress {
  const ended = pod && endOf(pod);
  if (ended) return ended;
  const failed = job.status?.conditions?.find(({ type, status }) => type === "Failed" && status === "True");
  if (failed) return { state: "ended", exitCode: undefined, why: joined(failed.reason, failed.message) };
  const running = pod?.status.containerStatuses?.[0]?.state.running !== undefined;
  return running ? { state: "running", why: "" } : { state: "waiting", why: pod ? hindrance(pod) : "" };
}

/** Why a pod does not start; empty if nothing is in its way. */
function hindrance({ status }: Pod): string {
  const unscheduled = status.conditions?.find(({ type, status: held }) => type === "PodScheduled" && held === "False");
  if (unscheduled) return joined(unscheduled.reason, unscheduled.message);
  const { reason, message } = status.containerStatuses?.[0]?.state.waiting ?? {};
  const ordinary = reason === "ContainerCreating" || reason === "PodInitializing";
  return ordinary ? "" : joined(reason, message);
}

/** A pod that the node has sent away has no container that tells of its end. */
function endOf({ status }: Pod): Progress | undefined {
  const { terminated } = status.containerStatuses?.[0]?.state ?? {};
  if (terminated) {
    const { exitCode, reason, message } = terminated;
    return { state: "ended", exitCode, why: joined(reason, message) };
  }
  if (status.phase !== "Failed") return undefined;
  return { state: "ended", exitCode: undefined, why: joined(status.reason, status.message) };
}

/** Reasons of what keeps a pod from starting; a cluster warns of much else, such as settings of its DNS. */
const HINDERS = /Fail|Err|BackOff/;

/** The newest warning of the cluster about one of these names, such as a volume that can't be mounted. */
export function warningOf(events: readonly Event[], names: readonly string[]): string {
  const warnings = events.filter(({ type, reason }) => type === "Warning" && HINDERS.test(reason));
  const about = warnings.filter(({ involvedObject }) => names.includes(involvedObject.name));
  const [newest] = about.sort((a, b) => (b.lastTimestamp ?? "").localeCompare(a.lastTimestamp ?? ""));
  return newest ? joined(newest.reason, newest.message) : "";
}

function joined(reason: string | undefined, message: string | undefined): string {
  return [reason, message].filter(Boolean).join(": ");
}
