/*
 * What is read of the cluster's objects, as `kubectl get -o json` prints them. What is not always there is optional.
 */

/** Metadata of an object. Times are RFC 3339, by the API server's clock. */
export interface Metadata {
  name: string;
  namespace?: string;
  uid?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  annotations?: Record<string, string>;
  ownerReferences?: { uid: string }[];
  managedFields?: { manager?: string; subresource?: string; time?: string }[];
}

/** A condition of a deployment or a pod. */
export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastUpdateTime?: string;
}

/** A deployment. The counts are left out where they are 0. */
export interface Deployment {
  metadata: Metadata;
  spec: {
    replicas?: number;
    paused?: boolean;
    selector: { matchLabels?: Record<string, string> };
    template?: { metadata?: { annotations?: Record<string, string> } };
  };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    availableReplicas?: number;
    conditions?: Condition[];
  };
}

/** A replica set: one version of a deployment. */
export interface ReplicaSet {
  metadata: Metadata;
}

/** A container's state: one of the three. */
export interface ContainerState {
  waiting?: { reason?: string; message?: string };
  running?: { startedAt?: string };
  terminated?: { reason?: string; message?: string; exitCode: number; signal?: number };
}

/** What the kubelet says of a container. */
export interface ContainerStatus {
  name: string;
  ready: boolean;
  started?: boolean | null;
  restartCount: number;
  image?: string;
  state?: ContainerState;
  lastState?: ContainerState;
}

/** A pod. */
export interface Pod {
  metadata: Metadata;
  spec?: { nodeName?: string };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    conditions?: Condition[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
}

/** An event: the cluster forgets it after an hour. */
export interface Event {
  type?: string;
  reason?: string;
  message?: string;
  involvedObject: { uid?: string; fieldPath?: string };
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  series?: { lastObservedTime?: string } | null;
}

/** A deployment and what belongs to it, as it is at one moment. */
export interface Snapshot {
  deployment: Deployment;
  replicaSets: ReplicaSet[];
  pods: Pod[];
  /** Those of the pods that are not ready; none where they may not be read. */
  events: Event[];
}
