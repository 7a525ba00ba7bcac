import type { Event, Pod, Snapshot } from "../objects";
import { conditionOf, isReady, podsByVersion } from "../versions";
import { containerReasons } from "./containers";
import { type Fault, LASTING, type Reason } from "./reason";
import { schedulingReason } from "./scheduling";
import { volumeReasons } from "./volumes";

/** Why a deployment's new version does not serve, one for each fault. Nothing where there is nothing to say. */
export function reasonsOf(snapshot: Snapshot): Reason[] {
  const { current, former } = podsByVersion(snapshot);
  const leaving = [...current, ...former].filter(({ metadata }) => metadata.deletionTimestamp);
  const waiting = current.filter((pod) => !isReady(pod) && !pod.metadata.deletionTimestamp);
  const reasons = [
    ...deploymentReasons(snapshot, leaving.length > 0),
    ...waiting.flatMap((pod) => podReasons(pod, eventsOf(pod, snapshot.events), leaving.length > 0)),
  ];
  const [last] = leaving;
  if (last && waiting.length === 0 && reasons.length === 0) reasons.push(leavingReason(last));
  return [...new Map(reasons.map((each) => [each.key, each])).values()];
}

function podReasons(pod: Pod, events: readonly Event[], roomComes: boolean): Reason[] {
  const { phase, reason: word = "Failed", message = "it has failed" } = pod.status ?? {};
  if (phase === "Failed") {
    return [{ key: `failed ${word}`, pod: pod.metadata.name, word, message, fault: "room", ...LASTING.failedPod }];
  }
  const scheduling = schedulingReason(pod, events, roomComes);
  if (scheduling) return [scheduling];
  const containers = containerReasons(pod, events);
  return containers.length > 0 ? containers : volumeReasons(pod, events);
}

/** What is wrong before there is a pod. */
function deploymentReasons({ deployment }: Snapshot, roomComes: boolean): Reason[] {
  if (deployment.spec.paused) {
    const message = "the deployment is paused, so no new pod is made";
    return [{ key: "paused", word: "DeploymentPaused", message, fault: "paused", ...LASTING.paused }];
  }
  const failure = conditionOf(deployment.status?.conditions, "ReplicaFailure");
  if (failure?.status !== "True") return [];
  const { reason: word = "FailedCreate", message = "no pod can be made" } = failure;
  const fault = creationFault(message);
  const mayPass = roomComes || /timeout|timed out|connection refused|no endpoints available|deadline/i.test(message);
  const key = `creation ${mayPass ? "passing" : "lasting"}`;
  return [{ key, word, message, fault, ...(mayPass ? LASTING.passing : LASTING.notCreated) }];
}

function creationFault(message: string): Fault {
  if (/exceeded quota|failed quota|LimitRange|maximum cpu|maximum memory|minimum/i.test(message)) return "quota";
  if (/PodSecurity|admission webhook|violates|policy/i.test(message)) return "policy";
  return "creation";
}

/** With `Recreate` the last pod goes before there is a new one, and first finishes what it has. */
function leavingReason({ metadata: { name } }: Pod): Reason {
  const message = "the former pod finishes its pushes and pulls before the new one starts";
  return { key: "leaving", pod: name, word: "Terminating", message, fault: "patience", ...LASTING.passing };
}

/** A pod's events in the order in which they came last. */
function eventsOf({ metadata: { uid } }: Pod, events: readonly Event[]): Event[] {
  const own = events.filter(({ involvedObject }) => involvedObject.uid === uid);
  return own.sort((one, other) => timeOf(one) - timeOf(other));
}

function timeOf({ series, lastTimestamp, eventTime, firstTimestamp }: Event): number {
  return Date.parse(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? firstTimestamp ?? "") || 0;
}
