/** A variable of a container. */
export interface Variable {
  name: string;
  value?: string;
  valueFrom?: object;
}

/** A container, as far as the rules look at it. */
export interface Container {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  env?: Variable[];
  /** Variables that a ConfigMap or a Secret has. */
  envFrom?: object[];
  /** "Always" makes a sidecar of an init container. */
  restartPolicy?: string;
  volumeMounts?: { name: string; mountPath: string }[];
  lifecycle?: object;
  livenessProbe?: object;
  readinessProbe?: object;
  startupProbe?: object;
}

/** Which nodes fit. */
export interface NodeSelector {
  nodeSelectorTerms?: { matchExpressions?: object[]; matchFields?: object[] }[];
}

/** A volume of a pod. */
export interface Volume {
  name: string;
  hostPath?: { path: string };
  image?: { reference?: string };
  [kind: string]: unknown;
}

/** What a pod is made of. */
export interface PodSpec {
  containers?: Container[];
  initContainers?: Container[];
  ephemeralContainers?: Container[];
  nodeName?: string;
  nodeSelector?: Record<string, string>;
  affinity?: { nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector } };
  volumes?: Volume[];
}

/** The command provider's resource, here or on a host. */
export const COMMAND = /^command:(remote|local):Command$/;
/** A ConfigMap, or a patch of one. */
export const CONFIG_MAP = /^kubernetes:core\/[^:]+:ConfigMap(Patch)?$/;

/** The texts among some values, each with its name. */
export function textsIn(values: unknown): [string, string][] {
  return Object.entries(values ?? {}).filter((pair): pair is [string, string] => typeof pair[1] === "string");
}

/** The texts among a resource's members of these names. */
export function textsOf(props: Record<string, unknown>, names: readonly string[]): [string, string][] {
  return textsIn(Object.fromEntries(names.map((name) => [name, props[name]])));
}

/** The members of a command that are a shell's text. */
export const SHELL_TEXTS = ["create", "update", "delete"] as const;

/**
 * The pods that a Kubernetes resource runs, found by their shape: whatever the kind is called and wherever it has its
 * template (Deployment, CronJob, a kind of an operator's).
 */
export function podsOf(type: string, props: unknown): PodSpec[] {
  return type.startsWith("kubernetes:") && !/:(Secret|ConfigMap)(Patch)?$/.test(type) ? podsIn(props) : [];
}

function podsIn(value: unknown): PodSpec[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(podsIn);
  const found = [...LISTS, "volumes"].some((list) => Array.isArray((value as PodSpec)[list as "volumes"]))
    ? [value as PodSpec]
    : [];
  return [...found, ...Object.entries(value).flatMap(([name, each]) => (isList(name) ? [] : podsIn(each)))];
}

const LISTS = ["containers", "initContainers", "ephemeralContainers"] as const;
const isList = (name: string): boolean => (LISTS as readonly string[]).includes(name);

/** Kinds of Kubernetes that always run a pod. */
const WORKLOAD = /^kubernetes:\w+\/[^:]+:(Deployment|StatefulSet|DaemonSet|ReplicaSet|Job|CronJob|Pod)$/;

/** True for a resource that runs a pod in which no container is found: a rule that looks for one would look at none. */
export function hidesItsPod(type: string, props: unknown): boolean {
  return WORKLOAD.test(type) && podsOf(type, props).every((pod) => containersOf(pod).length === 0);
}

/** All containers of a pod. */
export function containersOf(pod: PodSpec): Container[] {
  return LISTS.flatMap((list) => pod[list] ?? []);
}

/** The containers that run as long as the pod: an init container does if it is a sidecar. */
export function lastingOf(pod: PodSpec): Container[] {
  return [...(pod.containers ?? []), ...(pod.initContainers ?? []).filter((each) => each.restartPolicy === "Always")];
}

/** True for a container that runs a registry (distribution): by its variables, or by its image and what it starts. */
export function isRegistry(container: Container): boolean {
  if ((container.env ?? []).some(({ name }) => /^REGISTRY_(HTTP_ADDR|STORAGE_)/.test(name))) return true;
  const [program = ""] = /[^/]*$/.exec((container.image ?? "").replace(/@.*$/, "").replace(/:[^/:]*$/, "")) ?? [];
  if (program !== "registry" && program !== "distribution") return false;
  const started = [...(container.command ?? []), ...(container.args ?? [])];
  return container.command === undefined
    ? !started.includes("garbage-collect")
    : started.some((word) => /(^|\/)(registry|entrypoint\.sh)$/.test(word)) && !started.includes("garbage-collect");
}

/** The value of a container's variable, if it is given there. */
export function variable(container: Container, name: string): string | undefined {
  const value = (container.env ?? []).find((each) => each.name === name)?.value;
  return value === undefined || !name.startsWith("REGISTRY_") ? value : withoutQuotes(value);
}

/** The registry reads its variables as YAML: a text may be in quotes. */
function withoutQuotes(value: string): string {
  const [, double, single] = /^\s*(?:"(.*)"|'(.*)')\s*$/s.exec(value) ?? [];
  return double?.replace(/\\(["\\/])/g, "$1") ?? single?.replaceAll("''", "'") ?? value;
}

/** True if a variable is given, but from elsewhere: this resource does not have its value. */
export function isElsewhere(container: Container, name: string): boolean {
  const found = (container.env ?? []).find((each) => each.name === name);
  return found ? found.valueFrom !== undefined : (container.envFrom ?? []).length > 0;
}
