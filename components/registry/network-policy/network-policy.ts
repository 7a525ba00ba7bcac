import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy";
import * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../../checks/checker";
import type { Rule } from "../../checks/problems";
import { cidr } from "../../checks/rules";
import { type PodIdentity, selectorLabels } from "../identity";
import type { RegistryNetworkPolicyArgs } from "./args";

/** What has to be known of a pod to guard it. */
export interface GuardedPod extends PodIdentity {
  allowedCidrs: pulumi.Output<string[]> | undefined;
  registry: { port: pulumi.Output<number> };
  /** Without an image there is no UI. */
  ui: { image: pulumi.Output<string> | undefined; port: pulumi.Output<number> };
}

/** Checks who may connect. */
export function checkNetworkPolicy(checker: Checker, args: RegistryNetworkPolicyArgs): pulumi.Output<string[]> {
  const advice = "give the gateways' addresses as the nodes see them";
  const each = cidr(advice);
  const rule: Rule<string[]> = (list) => {
    if (!Array.isArray(list) || list.length === 0) return { expected: "a list of one range at least", advice };
    const wrong = list.find((range) => each(range) !== undefined);
    return wrong === undefined
      ? undefined
      : { expected: "ranges such as 192.0.2.10/32", got: JSON.stringify(wrong), advice };
  };
  return checker.check("networkPolicy.allowedCidrs", args.allowedCidrs, rule);
}

/**
 * Keeps everybody but the gateways from the ports of registry and UI, where the cluster's network holds such policies. Policies add up: none of the others may
 * open these ports.
 */
export function createNetworkPolicy(name: string, input: GuardedPod, parent: pulumi.Resource): void {
  const { allowedCidrs, registry, ui } = input;
  if (!allowedCidrs) return;
  const ports = [registry.port, ...(ui.image ? [ui.port] : [])].map((port) => ({ port, protocol: "TCP" }));
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
