import type * as pulumi from "@pulumi/pulumi";
import { cpuQuantity, memoryQuantity, variableName, variableText } from "../checks/kubernetes";
import { type Members, table, text } from "../checks/value";

/** An amount of CPU and one of memory. */
export interface ResourceAmountArgs {
  /** CPU, in Kubernetes' form: "100m" is a tenth of a core. */
  cpu?: pulumi.Input<string>;
  /** Memory, in Kubernetes' form: "100Mi". */
  memory?: pulumi.Input<string>;
}

/** What a container asks for and what it may take, as Kubernetes has it. */
export interface ContainerResourcesArgs {
  /** What a node must have free for the pod. */
  requests?: ResourceAmountArgs;
  /** What the container can't go beyond: with more CPU it is slowed down, with more memory it is killed. */
  limits?: ResourceAmountArgs;
}

/** The values of `ContainerResourcesArgs`. */
export const RESOURCES = {
  requests: table({
    cpu: text({ rule: cpuQuantity, advice: "correct it, or leave it out" }),
    memory: text({ rule: memoryQuantity, advice: "correct it, or leave it out" }),
  } satisfies Members<ResourceAmountArgs>),
  limits: table({
    cpu: text({ rule: cpuQuantity, advice: "correct it, or leave it out" }),
    memory: text({ rule: memoryQuantity, advice: "correct it, or leave it out" }),
  } satisfies Members<ResourceAmountArgs>),
} satisfies Members<ContainerResourcesArgs>;

/**
 * The registry's limit of memory, where none is given: 64 pulls at once of 200 MiB in 4 layers, each with a buffer of
 * 4 MiB, and Go's own (`npm run bench -- deployed --only memory`).
 */
export const MEMORY_LIMIT = "1536Mi";

/** The pod's class, by which Kubernetes chooses which pods to stop first where a node runs out of memory. */
export const PodQosClass = {
  /** The pod may take what the node has to spare, up to its limits. The default. */
  Burstable: "Burstable",
  /** Each container asks for all that it may take, so the pod is stopped last, and never gets more. */
  Guaranteed: "Guaranteed",
} as const;
export type PodQosClass = (typeof PodQosClass)[keyof typeof PodQosClass];

/** How variables are written, by name. */
export const VARIABLES = {
  name: variableName,
  each: text({ rule: variableText, advice: 'write each as NAME: "text"' }),
};
