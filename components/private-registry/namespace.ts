import { Namespace } from "@pulumi/kubernetes/core/v1/namespace";
import type * as pulumi from "@pulumi/pulumi";
import { Checker } from "../checks/checker";
import { labelName } from "../checks/rules";
import type { PrivateRegistryArgs } from "./args";

/**
 * Makes the namespace if that was asked for; everything in it then comes after it. It outlives the stack: deleting it would delete every claim in it, and the images.
 */
export function withNamespace(name: string, args: PrivateRegistryArgs, parent: pulumi.Resource): PrivateRegistryArgs {
  const { names } = args;
  if (!names?.createNamespace) return args;
  const checker = new Checker(`PrivateRegistry "${name}"`);
  const wanted = names.namespace ?? "kube-system";
  if (wanted === "kube-system") {
    const advice = "give the namespace a name of its own, or leave out createNamespace";
    checker.add({ property: "names.namespace", expected: "another one than kube-system", got: "that", advice });
  }
  const checked = checker.check("names.namespace", wanted, labelName("kube-system"));
  checker.done();
  const made = new Namespace(`${name}-namespace`, { metadata: { name: checked } }, { parent, retainOnDelete: true });
  return { ...args, names: { ...names, namespace: made.metadata.name } };
}
