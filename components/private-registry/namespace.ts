import { Namespace } from "@pulumi/kubernetes/core/v1/namespace";
import type * as pulumi from "@pulumi/pulumi";
import type { PrivateRegistryArgs } from "./args";

/**
 * The namespace of everything in the cluster. It is made if that was asked for, and all else comes after it. It
 * outlives the stack: deleting it would delete every claim in it, and the images.
 */
export function createNamespace(
  name: string,
  { cluster }: PrivateRegistryArgs,
  parent: pulumi.Resource,
): pulumi.Input<string> | undefined {
  const { createNamespace: wanted, namespace } = cluster ?? {};
  if (!wanted || namespace === undefined) return namespace;
  const opts = { parent, retainOnDelete: true };
  return new Namespace(`${name}-namespace`, { metadata: { name: namespace } }, opts).metadata.name;
}
