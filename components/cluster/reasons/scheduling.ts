import type { Event, Pod } from "../objects";
import { conditionOf } from "../versions";
import { type Fault, LASTING, type Reason } from "./reason";

/** What autoscalers say of a pod for which they start a node: cluster-autoscaler, Karpenter. */
const NODE_COMES = new Set(["TriggeredScaleUp", "Nominated"]);
/** Taints of a node that is starting. */
const STARTING = /node\.kubernetes\.io\/not-ready|node\.cloudprovider\.kubernetes\.io\/uninitialized/;
/** A claim whose volume is being made. */
const UNBOUND = /unbound immediate PersistentVolumeClaims/;

const FAULTS: readonly (readonly [RegExp, Fault])[] = [
  [/persistentvolumeclaim|PersistentVolume|volume node affinity|free volume/i, "claim"],
  [/Insufficient|Too many pods/, "room"],
  [/node affinity|node selector|didn't match Pod's node|NodeAffinity/i, "place"],
  [/taint/, "taint"],
];

/**
 * Why no node takes a pod. Not while pods of the deployment are on their way out, whose room the new one may get, nor
 * while an autoscaler has a node on its way.
 */
export function schedulingReason(pod: Pod, events: readonly Event[], roomComes: boolean): Reason | undefined {
  const scheduled = conditionOf(pod.status?.conditions, "PodScheduled");
  if (scheduled?.status !== "False") return undefined;
  const { reason: word = "Unscheduled", message = "no node takes it yet" } = scheduled;
  const nodeComes = events.some(({ reason = "" }) => NODE_COMES.has(reason));
  const passes = roomComes || nodeComes || word !== "Unschedulable";
  return {
    key: `scheduling ${passes ? "passing" : "lasting"}`,
    pod: pod.metadata.name,
    word,
    message: nodeComes ? `${message} An autoscaler starts a node for it.` : message,
    fault: faultOf(message),
    ...(passes ? LASTING.passing : lastingOf(message)),
  };
}

function faultOf(message: string): Fault {
  return FAULTS.find(([pattern]) => pattern.test(message))?.[1] ?? "scheduling";
}

function lastingOf(message: string) {
  return STARTING.test(message) || UNBOUND.test(message) ? LASTING.startingNode : LASTING.unschedulable;
}
