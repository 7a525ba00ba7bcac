import { ClusterRole } from "@pulumi/kubernetes/rbac/v1/clusterRole";
import { ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1/clusterRoleBinding";
import type * as pulumi from "@pulumi/pulumi";
import type { NodePodIdentitiesArgs } from "../nodes/args";
import type { PrivateRegistryArgs } from "./args";

/**
 * The identities of pods as nodes have to know them: for which audience the kubelet asks for a pod's token, and by
 * which name it shows whose; undefined if there are none.
 */
export function podIdentities({ access }: PrivateRegistryArgs): NodePodIdentitiesArgs | undefined {
  const all = (access?.identities ?? []).filter(({ cluster }) => cluster === true);
  const [first] = all;
  if (first === undefined) return undefined;
  const identities = all.map(({ name, subject = "" }) => ({ name, subject }));
  return { audience: first.audience, identities };
}

/**
 * Lets the kubelets ask for tokens of their pods for the registry: the API server gives them none for an audience that
 * no volume of the pod names (NodeRestriction, ServiceAccountNodeAudienceRestriction). It opens nothing else.
 */
export function createAudienceRole(name: string, args: PrivateRegistryArgs, parent: pulumi.Resource): void {
  const { audience } = podIdentities(args) ?? {};
  if (audience === undefined) return;
  const rules = [{ apiGroups: [""], resources: [audience], verbs: ["request-serviceaccounts-token-audience"] }];
  const role = new ClusterRole(`${name}-pods`, { rules }, { parent });
  new ClusterRoleBinding(
    `${name}-pods`,
    {
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role.metadata.name },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "system:nodes" }],
    },
    { parent },
  );
}
