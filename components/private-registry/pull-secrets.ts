import { Secret } from "@pulumi/kubernetes/core/v1/secret";
import { ServiceAccountPatch } from "@pulumi/kubernetes/core/v1/serviceAccountPatch";
import * as pulumi from "@pulumi/pulumi";
import { Checker } from "../checks/checker";
import { labelName, objectName } from "../checks/rules";
import type { PullSecretArgs } from "./args";

/**
 * The secrets by which pods of other namespaces pull: each holds the docker config of one user (`kubernetes.io/dockerconfigjson`). A namespace's default service account
 * is told of it when that was asked for, by a patch that leaves the rest of it alone and is taken back with the stack.
 */
export function createPullSecrets(
  name: string,
  list: PullSecretArgs[] | undefined,
  dockerConfigs: pulumi.Output<Record<string, string>>,
  parent: pulumi.Resource,
): void {
  for (const args of list ?? []) {
    const input = checked(name, args);
    const metadata = { name: input.secretName, namespace: args.namespace };
    const text = pulumi.all([dockerConfigs, args.user]).apply(([all, user]) => configOf(args.namespace, user, all));
    const secret = new Secret(
      `${name}-pull-${args.namespace}`,
      { metadata, type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": pulumi.secret(text) } },
      { parent },
    );
    if (!args.defaultServiceAccount) continue;
    new ServiceAccountPatch(
      `${name}-pull-${args.namespace}`,
      {
        metadata: { name: "default", namespace: args.namespace, annotations: { "pulumi.com/patchForce": "true" } },
        imagePullSecrets: [{ name: secret.metadata.name }],
      },
      { parent },
    );
  }
}

function checked(name: string, args: PullSecretArgs): { secretName: pulumi.Output<string> } {
  const checker = new Checker(`PrivateRegistry "${name}"`);
  const advice = "give the name of a namespace that is there";
  const complaint = labelName("")(args.namespace);
  if (complaint) {
    checker.add({ ...complaint, property: "pullSecrets.namespace", got: JSON.stringify(args.namespace), advice });
  }
  const standard = "private-registry";
  const secretName = checker.check("pullSecrets.secretName", args.secretName ?? standard, objectName(standard));
  checker.done();
  return { secretName };
}

function configOf(namespace: string, user: string, all: Record<string, string>): string {
  const config = all[user];
  if (config !== undefined) return Buffer.from(config).toString("base64");
  const reason = `pullSecrets of ${namespace}: user must be one of ${Object.keys(all).join(", ")}, got ${JSON.stringify(user)}; add the user, or name another`;
  throw new pulumi.InputPropertyError({ propertyPath: "pullSecrets", reason });
}
