import { isIP } from "node:net";
import type { Problem } from "../checks/problems";
import { UiKind } from "../registry/ui-args";
import { uiProxies } from "../registry/ui";
import type { PrivateRegistryArgs } from "./args";

/** True if there is a UI: it has a name. */
export function hasUi({ ui }: PrivateRegistryArgs): boolean {
  return ui?.host !== undefined;
}

/** True if the UI is a way round the password: it asks the registry by itself, which accepts anybody. */
export function uiIsOpen(args: PrivateRegistryArgs): boolean {
  const proxies = hasUi(args) && uiProxies(args.ui?.kind ?? UiKind.Joxit);
  return proxies && args.backend?.requireClientCertificate === false;
}

/** The problem of a gateway that is known by a name where only gateways may connect: the nodes see an address. */
export function namedGateway(address: unknown): Problem | undefined {
  if (typeof address !== "string" || isIP(address) !== 0) return undefined;
  const expected = `set, since the gateway ${address} has a host name`;
  const advice = "give the gateways' addresses as the nodes see them";
  return { property: "cluster.allowedCidrs", expected, got: "nothing", advice };
}
