import { isIP } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import type { RegistryNetworkPolicyArgs } from "../registry/network-policy/args";
import { uiProxies } from "../registry/ui";
import { UiKind } from "../registry/args";
import type { PrivateRegistryArgs } from "./args";

/** Without a name for it there is no UI. */
export function uiKind(args: PrivateRegistryArgs): UiKind {
  return args.uiHost === undefined ? UiKind.None : (args.ui?.kind ?? UiKind.Joxit);
}

/** True if the UI is a way round the password: it asks the registry by itself, which takes anybody. */
export function uiIsOpen(args: PrivateRegistryArgs): boolean {
  return uiProxies(uiKind(args)) && args.requireClientCertificate === false;
}

/** Who may connect to the pod: as said, or the gateways alone if the UI is a way round the password. */
export function networkPolicy(args: PrivateRegistryArgs): RegistryNetworkPolicyArgs | undefined {
  if (args.networkPolicy || !uiIsOpen(args)) return args.networkPolicy;
  return { allowedCidrs: args.gateways.map(({ address }) => pulumi.output(address).apply(single)) };
}

function single(address: string): string {
  const version = isIP(address);
  if (version !== 0) return `${address}/${version === 4 ? 32 : 128}`;
  const reason = `networkPolicy.allowedCidrs must be given, since the gateway ${address} has a host name; give the gateways' addresses as the nodes see them`;
  throw new pulumi.InputPropertyError({ propertyPath: "networkPolicy.allowedCidrs", reason });
}
