import * as pulumi from "@pulumi/pulumi";
import type { AcmeCertificate } from "../acme-certificate";
import { omitUndefined } from "../checks/omit-undefined";
import { from } from "../checks/origin";
import { NodeHosts } from "../node-hosts";
import type { PrivateRegistryArgs } from "./args";
import { trustedRoots } from "./gateway";
import { originOf } from "./origins";

/** The nodes after the gateways, which each of them asks. */
export function createNodes(
  name: string,
  args: PrivateRegistryArgs,
  certificate: AcmeCertificate,
  opts: pulumi.ComponentResourceOptions,
): pulumi.Output<string> {
  const { nodeHosts = [], ssh, registryHost } = args;
  if (nodeHosts.length === 0) return pulumi.output("");
  const settings = {
    nodeHosts,
    registryHost,
    ...omitUndefined({ ssh, trustedRootsPem: trustedRoots(args, certificate) }),
  };
  return new NodeHosts(`${name}-nodes`, from(originOf(name, "nodes"), settings), opts).releaseHash;
}
