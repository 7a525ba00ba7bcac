import type { ContainerStatus, Pod, Snapshot } from "../../components/cluster/objects";
import { container, deployment, ended, event, pod, snapshot, unscheduled, waiting } from "./rollout";
import { IMAGES, of, type Row } from "./rollout-image-rows";

const firstOf = (init: ContainerStatus): Pod["status"] => ({
  initContainerStatuses: [{ ...init, name: "cleaning" }],
  containerStatuses: [waiting("PodInitializing")],
});
/** What the scheduler says of too large a request. */
export const ROOM =
  "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims.";
const NOT_THERE = {
  terminated: { exitCode: 128, reason: "StartError", message: "exec: /bin/registry: no such file or directory" },
};
const failing = (message: string): Snapshot =>
  snapshot(
    [],
    [],
    deployment({ conditions: [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message }] }),
  );

/** What the cluster may say, and what is made of it. */
export const ROWS: readonly Row[] = [
  {
    what: "a CPU request that no node has",
    pod: unscheduled(ROOM),
    is: { word: "Unschedulable", fault: "room", final: 30, says: /1 Insufficient cpu/ },
  },
  {
    what: "a node selector that fits no node",
    pod: unscheduled("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."),
    is: { word: "Unschedulable", fault: "place", final: 30, says: /didn't match/ },
  },
  {
    what: "a taint",
    pod: unscheduled("0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: ci}."),
    is: { word: "Unschedulable", fault: "taint", final: 30, says: /dedicated/ },
  },
  {
    what: "a node that is starting gets more time",
    pod: unscheduled("0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }."),
    is: { word: "Unschedulable", fault: "taint", final: 120, says: /not-ready/ },
  },
  {
    what: "a volume that is being made gets more time",
    pod: unscheduled("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."),
    is: { word: "Unschedulable", fault: "claim", final: 120, says: /unbound/ },
  },
  {
    what: "a claim that is not there",
    pod: unscheduled('0/1 nodes are available: persistentvolumeclaim "images" not found.'),
    is: { word: "Unschedulable", fault: "claim", final: 30, says: /"images" not found/ },
  },
  {
    what: "no end while an autoscaler starts a node",
    pod: unscheduled(ROOM),
    events: [event("TriggeredScaleUp", "pod triggered scale-up: [{pool 1->2}]", { type: "Normal" })],
    is: { word: "Unschedulable", fault: "room", final: undefined, says: /An autoscaler starts a node/ },
  },
  {
    what: "an end if the autoscaler has no node for it",
    pod: unscheduled(ROOM),
    events: [event("NotTriggerScaleUp", "pod didn't trigger scale-up: 1 max node group size reached")],
    is: { word: "Unschedulable", fault: "room", final: 30, says: /Insufficient cpu/ },
  },
  {
    what: "no end while a former pod makes room",
    snapshot: snapshot([pod(unscheduled(ROOM)), pod({}, { former: true, leaving: true })]),
    is: { word: "Unschedulable", fault: "room", final: undefined, says: /Insufficient cpu/ },
  },
  {
    what: "no end while the pod is held back by a gate",
    pod: unscheduled("Scheduling is blocked due to non-empty scheduling gates", "SchedulingGated"),
    is: { word: "SchedulingGated", fault: "scheduling", final: undefined, says: /gates/ },
  },
  ...IMAGES,
  {
    what: "a secret with variables that is not there",
    pod: of(waiting("CreateContainerConfigError", 'secret "s3-keys" not found')),
    is: { word: "CreateContainerConfigError", fault: "configuration", final: 20, says: /"s3-keys" not found/ },
  },
  {
    what: "a container that the runtime refuses",
    pod: of(waiting("CreateContainerError", "failed to generate container spec: no command specified")),
    is: { word: "CreateContainerError", fault: "start", final: 20, says: /no command/ },
  },
  {
    what: "a program that is not in the image",
    pod: of(waiting("CrashLoopBackOff", "back-off", { restartCount: 1, lastState: NOT_THERE })),
    is: { word: "StartError", fault: "start", final: 20, says: /no such file/ },
  },
  {
    what: "a container that has ended once",
    pod: of(container(ended(2))),
    is: { word: "Error", fault: "crash", final: 30, says: /exit code 2 \(Error\), once/, log: "current" },
  },
  {
    what: "a container that ends each time",
    pod: of(waiting("CrashLoopBackOff", "back-off 20s", { restartCount: 3, lastState: ended(1) })),
    is: {
      word: "CrashLoopBackOff",
      fault: "crash",
      final: 30,
      says: /exit code 1 \(Error\), 3 times/,
      log: "previous",
    },
  },
  {
    what: "no end while it runs once more",
    pod: of(container({ running: {} }, { restartCount: 1, lastState: ended(1) })),
    is: { word: "CrashLoopBackOff", fault: "crash", final: undefined, says: /once so far/, log: "previous" },
  },
  {
    what: "a container that takes more memory than it may",
    pod: of(waiting("CrashLoopBackOff", "", { restartCount: 2, lastState: ended(137, "OOMKilled") })),
    is: { word: "CrashLoopBackOff", fault: "memory", final: 30, says: /exit code 137 \(OOMKilled\)/, log: "previous" },
  },
  {
    what: "a container that ends without an error and should not end",
    pod: of(container(ended(0, "Completed"))),
    is: { word: "Completed", fault: "crash", final: 30, says: /exit code 0/, log: "current" },
  },
  {
    what: "a container that goes first and fails",
    pod: firstOf(waiting("CrashLoopBackOff", "", { restartCount: 2, lastState: ended(1) })),
    is: { word: "CrashLoopBackOff", fault: "crash", final: 30, says: /2 times/, log: "previous" },
  },
  {
    what: "a container that goes first may take its time",
    pod: firstOf(container({ running: {} })),
    is: { word: "Initializing", fault: "patience", final: undefined, says: /it runs/, log: "current" },
  },
  {
    what: "a container that runs and is not ready",
    pod: of(container({ running: {} })),
    events: [
      event("Unhealthy", "Readiness probe failed: the store takes no write", {
        involvedObject: { uid: "kube-registry-v0-new-uid", fieldPath: "spec.containers{registry}" },
      }),
      event("Unhealthy", "of the UI", {
        involvedObject: { uid: "kube-registry-v0-new-uid", fieldPath: "spec.containers{registry-ui}" },
      }),
    ],
    is: { word: "NotReady", fault: "readiness", final: undefined, says: /takes no write$/, log: "current" },
  },
  {
    what: "a volume whose secret is not there",
    pod: of(waiting("ContainerCreating")),
    events: [event("FailedMount", 'MountVolume.SetUp failed for volume "cert-dir" : secret "tls" not found')],
    is: { word: "FailedMount", fault: "volume", final: 30, says: /secret "tls" not found/ },
  },
  {
    what: "a path of a node that is no directory",
    pod: of(waiting("ContainerCreating")),
    events: [event("FailedMount", "hostPath type check failed: /data is not a directory")],
    is: { word: "FailedMount", fault: "volume", final: 30, says: /type check failed/ },
  },
  {
    what: "a volume that another node still has may come free",
    pod: of(waiting("ContainerCreating")),
    events: [event("FailedAttachVolume", 'Multi-Attach error for volume "pvc-1"')],
    is: { word: "FailedAttachVolume", fault: "volume", final: undefined, says: /Multi-Attach/ },
  },
  {
    what: "what a kubelet says at every second start is nothing",
    pod: of(waiting("ContainerCreating")),
    events: [event("FailedMount", "MountVolume.SetUp failed: failed to sync secret cache: timed out")],
    is: { word: "ContainerCreating", fault: "patience", final: undefined, says: /being made/ },
  },
  {
    what: "a network that is not there yet",
    pod: of(waiting("ContainerCreating")),
    events: [event("FailedCreatePodSandBox", "Failed to create pod sandbox: plugin type bridge failed")],
    is: { word: "FailedCreatePodSandBox", fault: "network", final: undefined, says: /plugin/ },
  },
  {
    what: "a quota",
    snapshot: failing(
      'pods "kube-registry-v0-new-" is forbidden: exceeded quota: small, requested: cpu=1, used: cpu=0',
    ),
    is: { word: "FailedCreate", fault: "quota", final: 30, says: /exceeded quota/ },
  },
  {
    what: "Pod Security",
    snapshot: failing('pods "x" is forbidden: violates PodSecurity "restricted:latest": hostPath volumes'),
    is: { word: "FailedCreate", fault: "policy", final: 30, says: /PodSecurity/ },
  },
  {
    what: "a webhook that does not answer may come back",
    snapshot: failing('failed calling webhook "check.example.com": dial tcp 10.0.0.1:443: connect: connection refused'),
    is: { word: "FailedCreate", fault: "creation", final: undefined, says: /webhook/ },
  },
  {
    what: "a pod that the kubelet refused",
    pod: { phase: "Failed", reason: "OutOfcpu", message: "Node didn't have enough resource: cpu" },
    is: { word: "OutOfcpu", fault: "room", final: 20, says: /enough resource/ },
  },
  {
    what: "a deployment that was paused",
    snapshot: snapshot([], [], deployment({}, { paused: true })),
    is: { word: "DeploymentPaused", fault: "paused", final: 0, says: /paused/ },
  },
  {
    what: "the former pod that goes first",
    snapshot: snapshot([pod({}, { former: true, leaving: true })]),
    is: { word: "Terminating", fault: "patience", final: undefined, says: /finishes its pushes/ },
  },
];
