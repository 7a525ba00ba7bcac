import assert from "node:assert/strict";
import { RegistryPod } from "../../components/registry-pod";
import type { RegistryGarbageCollectionArgs } from "../../components/registry/garbage-collection/args";
import type { RegistryPodArgs } from "../../components/registry/pod-args";
import type { RegistryStorageArgs } from "../../components/registry/storage/args";
import { type Registered, type Run, underMocks } from "../pulumi/mocks";

/** Arguments that a `RegistryPod` can't do without. */
export const required: RegistryPodArgs = {
  storage: { hostPath: { nodeName: "node-1" } },
  tlsSecretName: "registry-tls-secret",
  tlsChecksum: "sum",
  httpSecret: "0123456789abcdef0123456789abcdef",
};

/** The same storage, with a collection of what no image uses. */
export const withCollection = (more: RegistryGarbageCollectionArgs = {}): RegistryStorageArgs => ({
  ...required.storage,
  garbageCollection: { schedule: "0 4 * * 0", ...more },
});

/** A container of the deployment. */
export interface Container {
  name: string;
  image: string;
  env: { name: string; value?: string; valueFrom?: unknown }[];
  ports: unknown[];
  resources?: unknown;
  volumeMounts?: unknown[];
  lifecycle: unknown;
  [probe: string]: unknown;
}
/** The pod of the deployment. */
export interface Template {
  metadata: { labels: unknown; annotations: Record<string, string> };
  spec: Record<string, unknown> & { containers: Container[]; volumes: unknown[] };
}

interface NodeTerm {
  matchFields: unknown[];
}
interface Pinned {
  nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: NodeTerm[] } };
}
/** The affinity of a pod that has to run on a node, chosen by its name. */
export const onlyOn = (node: string): Pinned => {
  const nodeSelectorTerms: NodeTerm[] = [{ matchFields: [{ key: "metadata.name", operator: "In", values: [node] }] }];
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
};

export const pod = (args: Partial<RegistryPodArgs> = {}): Promise<Run<RegistryPod>> =>
  underMocks(() => new RegistryPod("main", { ...required, ...args }));
export const deployment = async (args: Partial<RegistryPodArgs> = {}): Promise<Registered> =>
  (await pod(args)).one("apps/v1:Deployment");
export const templateOf = (made: Registered): Template => (made.inputs["spec"] as { template: Template }).template;
/** The conditions that Pulumi waits for in the place of its own; none if it goes by those. */
export const waitFor = (made: Registered): string | undefined =>
  (made.inputs["metadata"] as { annotations?: Record<string, string> }).annotations?.["pulumi.com/waitFor"];
export const container = async (name: string, args: Partial<RegistryPodArgs> = {}): Promise<Container> => {
  const found = templateOf(await deployment(args)).spec.containers.find((each) => each.name === name);
  assert.ok(found, `no container ${name}`);
  return found;
};
export const variables = async (name: string, args: Partial<RegistryPodArgs> = {}): Promise<Record<string, unknown>> =>
  Object.fromEntries((await container(name, args)).env.map((each) => [each.name, each.value ?? each.valueFrom]));
