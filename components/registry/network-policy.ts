import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy";
import type * as pulumi from "@pulumi/pulumi";
import { type PodIdentity, selectorLabels } from "./identity";

/** What has to be known of a pod to guard it. */
export interface GuardedPod extends PodIdentity {
  allowedCidrs: pulumi.Output<string[]> | undefined;
  registry: { port: pulumi.Output<number> };
  /** The port of a cache's reader; undefined without one. */
  readerPort: pulumi.Output<number> | undefined;
  /** Without an image there is no UI. */
  ui: { image: pulumi.Output<string> | undefined; port: pulumi.Output<number> };
}

/**
 * Keeps everybody but the gateways from the ports of registry and UI, where the cluster's network enforces such
 * policies. Policies add up: none of the others may open these ports.
 */
export function createNetworkPolicy(
  name: string,
  input: GuardedPod & { allowedCidrs: pulumi.Output<string[]> },
  parent: pulumi.Resource,
): void {
  const { allowedCidrs } = input;
  const ports = openPorts(input).map((port) => ({ port, protocol: "TCP" }));
  const from = allowedCidrs.apply((all) => all.map((range) => ({ ipBlock: { cidr: range } })));
  new NetworkPolicy(
    name,
    {
      metadata: { name: input.name, namespace: input.namespace },
      spec: {
        podSelector: { matchLabels: selectorLabels(input) },
        policyTypes: ["Ingress"],
        ingress: [{ from, ports }],
      },
    },
    { parent },
  );
}

/** The ports of the pod that are for gateways. */
export function openPorts({ registry, ui, readerPort }: GuardedPod): pulumi.Output<number>[] {
  return [registry.port, ...(ui.image ? [ui.port] : []), ...(readerPort ? [readerPort] : [])];
}
