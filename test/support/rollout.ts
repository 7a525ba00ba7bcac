import type {
  Condition,
  ContainerStatus,
  Deployment,
  Event,
  Pod,
  ReplicaSet,
  Snapshot,
} from "../../components/cluster/objects";

/** Name of the deployment of these tests, and of its replica set of the new version and of the former one. */
export const NAME = "kube-registry-v0";
const [NEW, FORMER] = [`${NAME}-new`, `${NAME}-former`];
/** When Pulumi changed the deployment. */
export const CHANGED = "2026-11-29T12:00:00Z";

/** A deployment in the middle of a rollout: generation 2, one pod wanted. */
export function deployment(status: Deployment["status"] = {}, more: Partial<Deployment["spec"]> = {}): Deployment {
  return {
    metadata: {
      name: NAME,
      namespace: "kube-system",
      uid: "deployment",
      generation: 2,
      managedFields: [
        { manager: "pulumi-kubernetes-1234", time: CHANGED },
        { manager: "kube-controller-manager", subresource: "status", time: "2026-11-29T12:30:00Z" },
      ],
    },
    spec: { replicas: 1, selector: { matchLabels: { "k8s-app": "kube-registry", version: "v0" } }, ...more },
    status: { observedGeneration: 2, replicas: 1, updatedReplicas: 1, ...status },
  };
}

/** Its status when all pods serve. */
export const SERVING = { replicas: 1, updatedReplicas: 1, availableReplicas: 1 };

/** A pod of the new version, or of the former one, that has a node. */
export function pod(status: Pod["status"] = {}, { former = false, leaving = false, name = "" } = {}): Pod {
  const of = former ? FORMER : NEW;
  const scheduled = { type: "PodScheduled", status: "True" };
  return {
    metadata: {
      name: name || `${of}-abcde`,
      uid: name || `${of}-uid`,
      ownerReferences: [{ uid: of }],
      ...(leaving ? { deletionTimestamp: CHANGED } : {}),
    },
    spec: { nodeName: "node-1" },
    status: { phase: "Pending", conditions: [scheduled], ...status },
  };
}

/** The conditions of a pod that no node takes. */
export function unscheduled(message: string, reason = "Unschedulable"): Pod["status"] {
  return { conditions: [{ type: "PodScheduled", status: "False", reason, message }] };
}

/** The conditions of a pod that serves. */
export const READY: Condition[] = [{ type: "Ready", status: "True" }];

/** A container that waits. */
export function waiting(reason: string, message = "", more: Partial<ContainerStatus> = {}): ContainerStatus {
  return container({ waiting: { reason, message } }, more);
}

/** The container `registry`, in a state. */
export function container(state: ContainerStatus["state"] = {}, more: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name: "registry", ready: false, restartCount: 0, image: "registry:2", state, ...more };
}

/** One that has ended, with its exit code. */
export function ended(exitCode = 1, reason = "Error"): NonNullable<ContainerStatus["state"]> {
  return { terminated: { exitCode, reason } };
}

/** An event of the new pod. */
export function event(reason: string, message: string, more: Partial<Event> = {}): Event {
  return { type: "Warning", reason, message, involvedObject: { uid: `${NEW}-uid` }, lastTimestamp: CHANGED, ...more };
}

/** The deployment with what belongs to it. */
export function snapshot(pods: Pod[] = [], events: Event[] = [], of: Deployment = deployment()): Snapshot {
  const set = (name: string, revision: string): ReplicaSet => ({
    metadata: {
      name,
      uid: name,
      ownerReferences: [{ uid: "deployment" }],
      annotations: { "deployment.kubernetes.io/revision": revision },
    },
  });
  return { deployment: of, replicaSets: [set(FORMER, "9"), set(NEW, "10")], pods, events };
}

/** The condition of a version that has come up. */
export function cameUp(lastUpdateTime: string, replicaSet = NEW): Condition {
  const message = `ReplicaSet "${replicaSet}" has successfully progressed.`;
  return { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable", message, lastUpdateTime };
}
