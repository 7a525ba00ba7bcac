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

/** How variables are written, by name. */
export const VARIABLES = {
  name: variableName,
  each: text({ rule: variableText, advice: 'write each as NAME: "text"' }),
};
