import * as pulumi from "@pulumi/pulumi";
import type { AcmeCertificate } from "../acme-certificate";
import { omitUndefined } from "../checks/omit-undefined";
import { from } from "../checks/origin";
import { MIRRORS, type MirrorsArgs } from "../mirrors/args";
import { urlOf } from "../mirrors/upstream";
import { NodeHosts } from "../node-hosts";
import type { PrivateRegistryArgs } from "./args";
import { trustedRoots } from "./gateway";
import type { Mirrors } from "./mirrors";
import { originOf } from "./origins";
import { podIdentities } from "./pod-identities";

/** The nodes after the gateways, which each of them asks. */
export function createNodes(
  name: string,
  args: PrivateRegistryArgs,
  certificate: AcmeCertificate,
  mirrors: Mirrors | undefined,
  opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
): pulumi.Output<string> {
  const { nodeHosts = [], ssh, registryHost } = args;
  if (nodeHosts.length === 0) return pulumi.output("");
  const settings = {
    nodeHosts,
    registryHost,
    ...omitUndefined({ ssh, trustedRootsPem: trustedRoots(args, certificate), podIdentities: podIdentities(args) }),
    ...(args.mirrors && mirrors ? { mirrors: { ...ways(args.mirrors), ...shownBy(mirrors) } } : {}),
  };
  const dependsOn = [...opts.dependsOn, ...(mirrors ? [mirrors.gateway] : [])];
  return new NodeHosts(`${name}-nodes`, from(originOf(name, "nodes"), settings), { ...opts, dependsOn }).releaseHash;
}

/** The registries that are mirrored, as nodes have to know them. */
function ways({ host, fallback, upstreams }: MirrorsArgs) {
  return {
    host,
    ...omitUndefined({ fallback }),
    upstreams: upstreams.map(({ name, url, caPem }) => ({
      name,
      url: url ?? urlOf(name),
      ...omitUndefined({ caPem }),
    })),
  };
}

function shownBy({ certificates: { server, nodes } }: Mirrors) {
  return {
    caPem: server.caPem,
    certificates: nodes.map(({ certificatePem, keyPem }) => ({ certificatePem, keyPem })),
  };
}

/**
 * What nodes need that the stack does not write over SSH (`npm run nodes -- --print`), as JSON; empty without mirrors.
 * A secret, since a key is in it.
 */
export function forOtherNodes(
  { mirrors: args }: PrivateRegistryArgs,
  mirrors: Mirrors | undefined,
): pulumi.Output<string> {
  if (!args || !mirrors) return pulumi.secret("");
  const { server, others } = mirrors.certificates;
  const { certificatePem, keyPem } = others;
  const known = pulumi.output({
    fallback: MIRRORS.fallback.default,
    ...ways(args),
    caPem: server.caPem,
    certificatePem,
    keyPem,
  });
  return pulumi.secret(known.apply((plain) => JSON.stringify(plain)));
}
