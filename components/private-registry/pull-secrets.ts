import { Secret } from "@pulumi/kubernetes/core/v1/secret";
import { ServiceAccountPatch } from "@pulumi/kubernetes/core/v1/serviceAccountPatch";
import * as pulumi from "@pulumi/pulumi";
import { Checker } from "../checks/checker";
import type { Problem } from "../checks/problems";
import { type PrivateRegistryArgs, PULL_SECRET } from "./args";
import { oneOfUsers, subjectOf } from "./check";

/**
 * The secrets by which pods of other namespaces pull: each holds the docker config of one user
 * (`kubernetes.io/dockerconfigjson`). A namespace's default service account is told of it when that was asked for, by a
 * patch that changes nothing else in it and is taken back with the stack.
 */
export function createPullSecrets(
  name: string,
  registry: PrivateRegistryArgs,
  dockerConfigs: pulumi.Output<Record<string, string>>,
  parent: pulumi.Resource,
): void {
  const checker = new Checker(subjectOf(name), registry);
  for (const [index, args] of (registry.cluster?.pullSecrets ?? []).entries()) {
    const at = `cluster.pullSecrets[${index}]`;
    const given = args.secretName ?? PULL_SECRET.secretName.default;
    const names = checker.column([{ property: `${at}.secretName`, given, value: PULL_SECRET.secretName }]);
    const metadata = { name: names.apply(([secretName = ""]) => secretName), namespace: args.namespace };
    const text = checker
      .late(pulumi.all([dockerConfigs, args.user]), ([all, user]) => [nobody(`${at}.user`, user, all)])
      .apply(([all, user]) => Buffer.from(all[user] ?? "").toString("base64"));
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

function nobody(property: string, user: string, all: Record<string, string>): Problem | undefined {
  if (Object.hasOwn(all, user)) return undefined;
  const advice = "add the user, or name another";
  return { property, expected: oneOfUsers(Object.keys(all)), got: JSON.stringify(user), advice };
}
