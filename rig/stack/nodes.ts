import { setTimeout as sleep } from "node:timers/promises";
import { endHost, runOn } from "../../lab/hosts";
import { ctr } from "../../lab/cluster/runtime";
import { type Lab, type LabNode, labOf, nodes } from "../../lab/lab";
import { env, kubectl, labUp, run, succeeded } from "./lab";

/** The node with the control plane, and the one that a test may take away. */
export const [firstNode, secondNode] = nodes;

/** The running lab. */
export const theLab = (): Lab => labOf({ ...process.env, ...env });

/** A pod as the tests of nodes look at it. */
export interface PlacedPod {
  metadata: { name: string; deletionTimestamp?: string };
  spec: { nodeName?: string };
  status: {
    podIP?: string;
    conditions?: { type: string; status: string }[];
    containerStatuses?: { imageID: string; state: { waiting?: { reason: string; message?: string } } }[];
  };
}

/** The pods of a namespace with a label, with those that are on their way out. */
export async function podsOf(namespace: string, label: string): Promise<PlacedPod[]> {
  const found = await kubectl("-n", namespace, "get", "pods", "-l", label, "-o", "json");
  return (JSON.parse(found) as { items: PlacedPod[] }).items;
}

/** Waits until some pods of the registry serve, as evenly on both nodes as may be; leaving ones don't count. */
export function spreadOver(count: number): Promise<PlacedPod[]> {
  return placed(`${count} pods on both nodes`, (first, second) => {
    return first + second === count && Math.abs(first - second) <= 1;
  });
}

/** Waits until as many pods of the registry serve, and all of them on one node. */
export function allOn({ name }: LabNode, count: number): Promise<PlacedPod[]> {
  const isFirst = name === firstNode.name;
  return placed(`${count} pods on ${name}`, (first, second) => {
    return first + second === count && (isFirst ? first : second) === count;
  });
}

async function placed(what: string, fits: (first: number, second: number) => boolean): Promise<PlacedPod[]> {
  const staying = async () =>
    (await podsOf("kube-system", "k8s-app=kube-registry")).filter(({ metadata }) => !metadata.deletionTimestamp);
  const isPlaced = (pods: PlacedPod[]): boolean => {
    const on = ({ name }: LabNode): number => pods.filter(({ spec }) => spec.nodeName === name).length;
    return pods.every(serves) && fits(on(firstNode), on(secondNode));
  };
  return (await eventually(what, staying, isPlaced)).value;
}

/** True if Kubernetes says that a pod is ready; of a node that was killed it says so for some seconds more. */
const serves = ({ status }: PlacedPod): boolean =>
  status.conditions?.some((each) => each.type === "Ready" && each.status === "True") === true;

/** Waits until Kubernetes has found out that a node is gone ("Unknown"), or is there again ("True"). */
export async function nodeIs(node: LabNode, status: "Unknown" | "True"): Promise<void> {
  const field = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
  const ask = (): Promise<string> => kubectl("get", "node", node.name, "-o", field);
  await eventually(`${node.name} is ${status}`, ask, (said) => said === status);
}

/** Waits for something, and says after some seconds what there was instead. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T>,
  fits: (value: T) => boolean,
  seconds = 60,
): Promise<{ value: T; seconds: number }> {
  const started = performance.now();
  for (;;) {
    const value = await ask();
    const passed = (performance.now() - started) / 1000;
    if (fits(value)) return { value, seconds: passed };
    if (passed > seconds) throw new Error(`not ${what} after ${seconds} s: ${JSON.stringify(value)}`);
    await sleep(200);
  }
}

/** Takes a node away as a cut cable does: it ends with all that runs on it, and says nothing more. */
export const killNode = (node: LabNode): Promise<void> => endHost(theLab(), node.host);

/** Brings back what is missing of the lab, and waits until pods may be placed on all its nodes. */
export async function nodesBack(): Promise<void> {
  for (const { name } of nodes) await run("kubectl", ["uncordon", name]);
  await labUp();
}

/** Runs a shell script on a node as the SSH user, as a user of the stack would. */
export async function onNode(node: LabNode, script: string, input = ""): Promise<string> {
  return (await runOn(theLab(), node.host, ["/bin/bash", "-euc", script], { input })).stdout;
}

/** The references of the images that a node has, and the digests of all its content. */
export async function imagesOn(node: LabNode): Promise<string> {
  const images = await ctr(theLab(), node, ["images", "ls", "-q"]);
  const content = await ctr(theLab(), node, ["content", "ls", "-q"]);
  return `${images.stdout}\n${content.stdout}`;
}

/** Makes objects of Kubernetes, or changes them. */
export async function apply(...items: object[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  succeeded(await run("kubectl", ["apply", "-f", "-"], { input: list }));
}
