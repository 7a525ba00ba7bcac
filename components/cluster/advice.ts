import type { Fault, Reason } from "./reasons/reason";

/** By which settings a deployment's user changes it, for advice. */
export interface RolloutSettings {
  /** By container, the table of its settings: `{ "registry-ui": "ui" }`. */
  containers: Readonly<Record<string, string>>;
  /** What says on which node the pods may run: "scheduling.nodeSelector". */
  place: string;
  /** What says which taints they tolerate: "scheduling.tolerations". */
  tolerations: string;
  /** What says where their data are: "storage". */
  storage: string;
  /** Secrets that containers name: "registry.secretNames". */
  secrets: string;
}

type Advice = (tables: { own: string; all: string[] }, settings: RolloutSettings, namespace: string) => string;

const settingOf = (tables: readonly string[], member: string): string =>
  tables.map((each) => `${each}.${member}`).join(" and ");

/** What to do, by fault. */
const ADVICE: Record<Fault, Advice> = {
  room: ({ all }, { place }) =>
    `ask for less by ${settingOf(all, "resources")}, or make room on a node where the pod may be (${place}); ` +
    "kubectl describe nodes shows what is taken",
  place: (_, { place }) =>
    `correct ${place}: they name labels that no node has; kubectl get nodes --show-labels shows which there are`,
  taint: (_, { tolerations }) =>
    `let the pod tolerate the taint by ${tolerations}, or take it off the node; ` +
    "one that Kubernetes has put there itself tells of a node that is not in order",
  claim: (_, { storage }, namespace) =>
    `correct ${storage}, or wait for the volume; kubectl -n ${namespace} describe pvc says what it waits for`,
  scheduling: (_, { place }) => `correct ${place}; kubectl describe nodes shows what the nodes have`,
  image: ({ own }) =>
    `correct ${own}.image, or let the nodes reach that registry; one that asks for a password needs a service ` +
    "account with imagePullSecrets",
  platform: ({ own }) => `take an image in ${own}.image that is made for the processor of this node`,
  configuration: ({ own }, { secrets }, namespace) =>
    `make what is missing in the namespace ${namespace}, or correct ${secrets} or ${own}.runAsUser`,
  start: ({ own }) => `correct ${own}.image: the program that it has to run is not in it, or may not run`,
  memory: ({ own }) => `give it more memory by ${own}.resources`,
  crash: ({ own }, { storage }) =>
    `correct what its last lines name; its variables come from ${own}.environment and ${storage}`,
  volume: (_, { storage }, namespace) =>
    `correct ${storage}, or make what is missing in the namespace ${namespace}; the kubelet goes on trying`,
  network: () => "look after the network plugin of the node; the kubelet goes on trying",
  quota: ({ all }, _, namespace) =>
    `ask for less by ${settingOf(all, "resources")}, or raise the limit; ` +
    `kubectl -n ${namespace} describe quota,limits shows what there is`,
  policy: (_, { storage }, namespace) =>
    `change what that policy forbids, or the policy of the namespace ${namespace}; a directory of a node in ` +
    `${storage} needs the level "privileged" of Pod Security`,
  creation: () => "correct what that message names",
  paused: () => "somebody has paused it by hand; kubectl rollout resume lets it go on",
  readiness: ({ own }, { storage }) =>
    `look at its last lines: a pod serves only while its store takes a write, so ${storage} and ${own}.runAsUser ` +
    "have to fit the images",
  patience: () => "wait, or look at what it does",
};

/** What to do about a reason, as a sentence without its end. */
export function adviceFor({ fault, container = "" }: Reason, settings: RolloutSettings, namespace: string): string {
  const all = [...new Set(Object.values(settings.containers))];
  const own = settings.containers[container] ?? all[0] ?? container;
  return ADVICE[fault]({ own, all }, settings, namespace);
}
