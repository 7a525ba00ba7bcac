import assert from "node:assert/strict";
import { REGISTRY_CERTIFICATES } from "../../lab/cluster/places";
import { type LabNode, network, nodes } from "../../lab/lab";
import { labVariable, type Run, run } from "./lab";
import { apply, eventually, imagesOn, onNode, podsOf, theLab } from "./nodes";
import type { Settings } from "./stack";

/*
 * The lab's nodes as hosts of a stack: how its file names them, and pods that show what they pull.
 */

const HOST_KEYS = ["LAB_NODE_HOST_KEY", "LAB_NODE_2_HOST_KEY"];

/** `nodeHosts` with all nodes of the lab. */
export function nodeHosts(): Settings {
  const rows = nodes.flatMap((node, index): [string, string][] => [
    [`nodeHosts[${index}].address`, network.addresses[node.host]],
    [`nodeHosts[${index}].hostKey`, labVariable(HOST_KEYS[index] ?? "")],
    [`nodeHosts[${index}].user`, labVariable("LAB_SSH_USER")],
  ]);
  return Object.fromEntries(rows);
}

/** The registry's folder in containerd's `config_path`. */
export const certsFolder = (): string => `${REGISTRY_CERTIFICATES}/${labVariable("LAB_REGISTRY_HOST")}`;

/** Takes that folder away, which the lab has made by hand. */
export async function removeCertsFolders(): Promise<void> {
  for (const node of nodes) await onNode(node, `sudo -n rm -rf ${certsFolder()}`);
}

/** Brings back the lab's own roots, by which its nodes pull where the stack does not say otherwise. */
export async function labRootsBack(): Promise<void> {
  for (const node of nodes) {
    await onNode(node, `mkdir -p ${certsFolder()} && ln -sfn '${theLab().caFile}' ${certsFolder()}/ca.crt`);
  }
}

/** What `npm run drift` says of the lab's stack. */
export const drift = (...more: string[]): Promise<Run> =>
  run("npm", ["run", "--silent", "drift", "--", ...more, "--stack", labVariable("LAB_STACK")]);

/** An image by the name that a pod gives it. */
export interface Image {
  reference: string;
  digest: string;
}

/** A pod that runs an image on a node. */
export interface Placed {
  node: LabNode;
  image: Image;
}

/**
 * Runs images that their nodes have not in pods of a namespace, labelled `app`, and waits until each runs its own.
 * @param more Added to each pod's spec.
 * @returns The seconds until then.
 */
export async function runPods(
  namespace: string,
  app: string,
  placed: readonly Placed[],
  more: object = {},
): Promise<number> {
  for (const { node, image } of placed) {
    assert.ok(!(await imagesOn(node)).includes(image.digest), `${node.name} has ${image.reference} already`);
  }
  const pods = placed.map(({ node, image }, index) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `${app}-${index}`, namespace, labels: { app } },
    spec: {
      nodeName: node.name,
      terminationGracePeriodSeconds: 1,
      containers: [{ name: "app", image: image.reference, imagePullPolicy: "Always" }],
      ...more,
    },
  }));
  await apply(...pods);
  const { seconds } = await eventually(
    `${app} runs in ${placed.length} pods`,
    async () => (await podsOf(namespace, `app=${app}`)).flatMap(({ status }) => status.containerStatuses ?? []),
    (found) =>
      found.length === placed.length &&
      placed.every(({ image }) => found.some(({ imageID }) => imageID.endsWith(image.digest))),
    120,
  );
  console.log(`      ${app}: ${seconds.toFixed(1)} s to the last pod`);
  return seconds;
}
