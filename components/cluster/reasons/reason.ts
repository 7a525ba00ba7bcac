/** Which setting is at fault: what to do about a reason depends on it. */
export type Fault =
  | "room"
  | "place"
  | "taint"
  | "claim"
  | "scheduling"
  | "image"
  | "platform"
  | "configuration"
  | "start"
  | "memory"
  | "crash"
  | "volume"
  | "network"
  | "quota"
  | "policy"
  | "creation"
  | "paused"
  | "readiness"
  | "patience";

/** Why a pod does not serve, as far as the cluster says. */
export interface Reason {
  /** The same as long as it is the same fault, for the next pod of the version too. */
  key: string;
  /** Name of the pod. Left out if there is none yet. */
  pod?: string;
  /** Name of the container. Left out if it is the pod's fault as a whole. */
  container?: string;
  /** Kubernetes's word for it: `Unschedulable`, `ErrImagePull`. */
  word: string;
  /** What scheduler, kubelet or controller say. */
  message: string;
  fault: Fault;
  /** How long it may last before the wait ends by it. Seconds. Left out if it may well pass by itself. */
  finalAfterSeconds?: number;
  /** How long it may last before it is told while the wait goes on. Seconds. */
  tellAfterSeconds: number;
  /** Whose last lines tell more: those of the run before this one, or of this one. Left out if there are none. */
  log?: "previous" | "current";
}

/**
 * How long each kind of reason has to last, in seconds: what ends the wait, and what is told.
 *
 * A pod is unschedulable for a moment while another one is on its way out, and an autoscaler looks every 10 s: three
 * looks, without a word of it that a node comes, are enough. What a kubelet tries again (a secret that is made beside
 * the pod, a volume) it has tried at least four times after 20-30 s. A registry that says that there is no such image
 * says so again. A container that ends has been started three times after 30 s.
 */
export const LASTING = {
  unschedulable: { finalAfterSeconds: 30, tellAfterSeconds: 5 },
  startingNode: { finalAfterSeconds: 120, tellAfterSeconds: 5 },
  wrongImage: { finalAfterSeconds: 10, tellAfterSeconds: 2 },
  unclearImage: { finalAfterSeconds: 30, tellAfterSeconds: 5 },
  configuration: { finalAfterSeconds: 20, tellAfterSeconds: 5 },
  start: { finalAfterSeconds: 20, tellAfterSeconds: 5 },
  crash: { finalAfterSeconds: 30, tellAfterSeconds: 2 },
  failedPod: { finalAfterSeconds: 20, tellAfterSeconds: 5 },
  volume: { finalAfterSeconds: 30, tellAfterSeconds: 5 },
  notCreated: { finalAfterSeconds: 30, tellAfterSeconds: 5 },
  paused: { finalAfterSeconds: 0, tellAfterSeconds: 0 },
  /** May pass by itself: only the whole time ends it. */
  passing: { tellAfterSeconds: 5 },
  /** Is so at every start. */
  usual: { tellAfterSeconds: 20 },
} as const satisfies Record<string, Pick<Reason, "finalAfterSeconds" | "tellAfterSeconds">>;
