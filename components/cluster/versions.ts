import type { Condition, Deployment, Pod, ReplicaSet, Snapshot } from "./objects";

const REVISION = "deployment.kubernetes.io/revision";

/** How many pods a deployment has. */
export interface Counts {
  /** As many as it should have. */
  wanted: number;
  /** Of the new version. */
  updated: number;
  /** Ready ones, of any version. */
  available: number;
  /** All that are not on their way out. */
  all: number;
}

/** The counts of a deployment's status. */
export function countsOf({ spec, status = {} }: Deployment): Counts {
  const { updatedReplicas: updated = 0, availableReplicas: available = 0, replicas: all = 0 } = status;
  return { wanted: spec.replicas ?? 1, updated, available, all };
}

/** True if all pods are of the new version and serve, and no other is left, but for those on their way out. */
export function isDone(deployment: Deployment): boolean {
  const { wanted, updated, available, all } = countsOf(deployment);
  return isObserved(deployment) && updated === wanted && available === wanted && all === wanted;
}

/** True if the status is that of the specification as it is now. */
function isObserved({ metadata, status }: Deployment): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
}

/**
 * True if the deployment's last change by Pulumi was carried through, and only then its pods stopped serving: a node
 * that is down, say. The controller notes when a version has come up, and with it the moment. A change of the number of
 * pods is not noted there, so such a one is older than Pulumi's last change. Both times are the cluster's.
 */
export function hasServed({ deployment, replicaSets }: Pick<Snapshot, "deployment" | "replicaSets">): boolean {
  const progress = conditionOf(deployment.status?.conditions, "Progressing");
  const current = currentReplicaSet({ deployment, replicaSets });
  const changed = changedAt(deployment);
  if (!isObserved(deployment) || !current || changed === undefined) return false;
  if (progress?.reason !== "NewReplicaSetAvailable" || !progress.message?.includes(`"${current.metadata.name}"`)) {
    return false;
  }
  return Date.parse(progress.lastUpdateTime ?? "") >= changed;
}

/**
 * When a deployment was restarted by others than Pulumi, if that was after Pulumi's last change: by `kubectl rollout
 * restart`, as the schedule of the garbage collection does. RFC 3339.
 */
export function restartedAt(deployment: Deployment): string | undefined {
  const at = deployment.spec.template?.metadata?.annotations?.["kubectl.kubernetes.io/restartedAt"];
  const changed = changedAt(deployment);
  return at !== undefined && changed !== undefined && Date.parse(at) > changed ? at : undefined;
}

/** When Pulumi changed a deployment last: milliseconds since 1970; undefined if nobody knows. */
function changedAt({ metadata }: Deployment): number | undefined {
  const times = (metadata.managedFields ?? [])
    .filter(({ manager = "", subresource }) => manager.startsWith("pulumi") && !subresource)
    .map(({ time = "" }) => Date.parse(time))
    .filter((time) => !Number.isNaN(time));
  return times.length > 0 ? Math.max(...times) : undefined;
}

/** The condition of a type. */
export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((each) => each.type === type);
}

/** The version that the deployment wants: the newest of its replica sets, once the controller has seen the change. */
export function currentReplicaSet({
  deployment,
  replicaSets,
}: Pick<Snapshot, "deployment" | "replicaSets">): ReplicaSet | undefined {
  if (!isObserved(deployment)) return undefined;
  const revision = ({ metadata }: ReplicaSet): number => Number(metadata.annotations?.[REVISION] ?? 0);
  const own = replicaSets.filter((each) => isOwned(each, deployment.metadata.uid));
  return own.sort((one, other) => revision(other) - revision(one))[0];
}

/** Pods of the new version, and those of earlier ones. */
export function podsByVersion(snapshot: Snapshot): { current: Pod[]; former: Pod[] } {
  const current = currentReplicaSet(snapshot)?.metadata.uid;
  const own = new Set(
    snapshot.replicaSets
      .filter((each) => isOwned(each, snapshot.deployment.metadata.uid))
      .map(({ metadata }) => metadata.uid),
  );
  const isCurrent = (pod: Pod): boolean => isOwned(pod, current);
  const isOwn = ({ metadata }: Pod): boolean => (metadata.ownerReferences ?? []).some(({ uid }) => own.has(uid));
  return {
    current: snapshot.pods.filter(isCurrent),
    former: snapshot.pods.filter((pod) => isOwn(pod) && !isCurrent(pod)),
  };
}

function isOwned({ metadata }: ReplicaSet | Pod, uid: string | undefined): boolean {
  return uid !== undefined && (metadata.ownerReferences ?? []).some((owner) => owner.uid === uid);
}

/** True if a pod serves. */
export function isReady({ metadata, status }: Pod): boolean {
  return !metadata.deletionTimestamp && conditionOf(status?.conditions, "Ready")?.status === "True";
}
