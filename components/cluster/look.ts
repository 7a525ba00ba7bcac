import { setTimeout as sleep } from "node:timers/promises";
import { type Kubectl, KubectlError } from "./kubectl";
import type { Deployment, Event, Pod, ReplicaSet, Snapshot } from "./objects";
import type { Reason } from "./reasons/reason";
import { isDone, isReady } from "./versions";

/** A deployment's name in its namespace. */
export interface DeploymentName {
  name: string;
  namespace: string;
}

type List<T> = { items: T[] };

/** Asks for a deployment, and with `whole` for what belongs to it, unless its rollout is done. */
export async function look(kubectl: Kubectl, { name, namespace }: DeploymentName, whole = true): Promise<Snapshot> {
  const within = ["--namespace", namespace];
  const deployment = await kubectl.get<Deployment>("deployment", name, ...within, "--show-managed-fields");
  const nothing = { deployment, replicaSets: [], pods: [], events: [] };
  if (!whole || isDone(deployment)) return nothing;
  const labels = Object.entries(deployment.spec.selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const found = await kubectl.get<List<ReplicaSet | Pod>>("replicasets,pods", ...within, "-l", labels.join(","));
  const of = (kind: string) => found.items.filter((each) => (each as { kind?: string }).kind === kind);
  const pods = of("Pod") as Pod[];
  const waiting = pods.filter((pod) => !isReady(pod) && !pod.metadata.deletionTimestamp).slice(0, 5);
  const events = await Promise.all(waiting.map((pod) => eventsOf(kubectl, namespace, pod)));
  return { deployment, replicaSets: of("ReplicaSet"), pods, events: events.flat() };
}

/** A pod's events; none where they may not be read, since they only tell more of what is known. */
async function eventsOf(kubectl: Kubectl, namespace: string, { metadata }: Pod): Promise<Event[]> {
  const selector = `involvedObject.uid=${metadata.uid}`;
  try {
    return (await kubectl.get<List<Event>>("events", "--namespace", namespace, "--field-selector", selector)).items;
  } catch (error) {
    if (error instanceof KubectlError) return [];
    throw error;
  }
}

/** How often a log is asked for, and the milliseconds between: the kubelet deletes a container as it makes the next. */
const LOG_TRIES = 6;
const LOG_PAUSE = 500;

/** The last lines of a reason's container; nothing where they may not be read, or there are none. */
export async function logOf(kubectl: Kubectl, namespace: string, { pod, container, log }: Reason): Promise<string> {
  if (!pod || !container || !log) return "";
  const args = ["logs", pod, "--namespace", namespace, "--container", container, "--tail", "40"];
  // A container that restarts may have ended before its next one is known, or be the one that has just begun.
  const ways = log === "previous" ? [[...args, "--previous"], args] : [args];
  for (let tries = 0; tries < LOG_TRIES; tries++) {
    for (const way of ways) {
      const text = await textOf(kubectl, way);
      if (text !== "") return text ?? "";
    }
    await sleep(LOG_PAUSE);
  }
  return "";
}

/**
 * A log's text; none where there is only kubectl's own message in its place, with which it ends well; undefined where
 * the cluster will not let this user read it.
 */
async function textOf(kubectl: Kubectl, args: string[]): Promise<string | undefined> {
  try {
    const text = await kubectl.text(...args);
    return /^unable to retrieve container logs for \S+\s*$/.test(text) ? "" : text;
  } catch (error) {
    if (error instanceof KubectlError) return error.kind === "refused" ? undefined : "";
    throw error;
  }
}
