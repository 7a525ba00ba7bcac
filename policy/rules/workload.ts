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
  env?: Variable[];
  volumeMounts?: { name: string; mountPath: string }[];
}

/** What a pod is made of. */
export interface PodSpec {
  containers?: Container[];
  initContainers?: Container[];
  nodeName?: string;
  nodeSelector?: Record<string, string>;
  affinity?: { nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: object } };
  volumes?: { name: string; hostPath?: { path: string }; emptyDir?: object; persistentVolumeClaim?: object }[];
}

interface Template {
  spec?: PodSpec;
}

const TEMPLATED =
  /^kubernetes:(apps|batch|core)\/[^:]+:(Deployment|StatefulSet|DaemonSet|ReplicaSet|Job|ReplicationController)$/;

/** The pod that a Kubernetes resource runs; undefined if it runs none. */
export function podOf(type: string, props: Record<string, unknown>): PodSpec | undefined {
  if (/^kubernetes:core\/[^:]+:Pod$/.test(type)) return props["spec"] as PodSpec;
  if (TEMPLATED.test(type)) return (props["spec"] as { template?: Template } | undefined)?.template?.spec;
  if (!/^kubernetes:batch\/[^:]+:CronJob$/.test(type)) return undefined;
  const job = (props["spec"] as { jobTemplate?: { spec?: { template?: Template } } } | undefined)?.jobTemplate;
  return job?.spec?.template?.spec;
}

/** All containers of a pod. */
export function containersOf(pod: PodSpec | undefined): Container[] {
  return [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])];
}

/** True for a container that runs a registry (distribution), whatever its image is called. */
export function isRegistry(container: Container): boolean {
  return (container.env ?? []).some(({ name }) => /^REGISTRY_(HTTP_ADDR|STORAGE_)/.test(name));
}

/** The value of a container's variable, if it is given there. */
export function variable(container: Container, name: string): string | undefined {
  return (container.env ?? []).find((each) => each.name === name)?.value;
}
