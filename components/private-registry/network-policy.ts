import { isIPv4 } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import { Checker } from "../checks/checker";
import type { PrivateRegistryArgs } from "./args";
import { subjectOf } from "./check";
import { namedGateway, uiIsOpen } from "./open-ui";

/** True if the ports of registry and UI are not open to anybody. */
export function limitsPorts(args: PrivateRegistryArgs): boolean {
  return args.cluster?.allowedCidrs !== undefined || uiIsOpen(args);
}

/** Who may connect to the pod: as said, or only the gateways if the UI is a way round the password. */
export function allowedCidrs(
  name: string,
  args: PrivateRegistryArgs,
): pulumi.Input<pulumi.Input<string>[]> | undefined {
  const given = args.cluster?.allowedCidrs;
  if (given !== undefined || !uiIsOpen(args)) return given;
  const checker = new Checker(subjectOf(name), args);
  const addresses = pulumi.output(args.gateways.map(({ address }) => address));
  return checker
    .late(addresses, (all) => all.map(namedGateway))
    .apply((all) => all.map((address) => `${address}/${isIPv4(address) ? 32 : 128}`));
}
