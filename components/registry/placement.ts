import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";

type Affinity = k8s.core.v1.Affinity;
type Term = pulumi.Unwrap<k8s.core.v1.NodeSelectorTerm>;
type Known = pulumi.Unwrap<Affinity>;

/**
 * Affinity of pods that have to run on one node, added to what else is wished. The node is chosen by its name: its
 * label `kubernetes.io/hostname` need not say the same.
 * @param node The name; undefined for any node.
 */
export function onNode(
  node: pulumi.Input<string> | undefined,
  affinity: pulumi.Input<Affinity> | undefined,
): pulumi.Input<Affinity> | undefined {
  if (node === undefined) return affinity;
  return pulumi.all([node, affinity]).apply(([name, more]) => pinned(name, more));
}

/** Terms are alternatives, so each of them has to name the node. */
function pinned(node: string, { nodeAffinity, ...more }: Known = {}): Known {
  const named = { key: "metadata.name", operator: "In", values: [node] };
  const { requiredDuringSchedulingIgnoredDuringExecution: required, ...wished } = nodeAffinity ?? {};
  const terms: Term[] = required?.nodeSelectorTerms ?? [{}];
  const nodeSelectorTerms = terms.map((term) => ({ ...term, matchFields: [...(term.matchFields ?? []), named] }));
  const only = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
  return { ...more, nodeAffinity: { ...wished, ...only } };
}
