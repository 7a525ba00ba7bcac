import * as pulumi from "@pulumi/pulumi";
import type { Checked } from "../checks/value";
import type { NODES } from "./args";
import type { NodeMirrors } from "./upstreams";

/** The arguments of `NodeHosts` after the checks. */
export type CheckedNodes = Checked<typeof NODES>;

type Mirrors = CheckedNodes["mirrors"];
type Known = pulumi.Output<NodeMirrors | undefined>;

/** What stands in a release for what each node has for itself. */
export const OF_EACH = "one for each node\n";

/** The mirrors as one node knows them. */
export function nodeMirrors(mirrors: Mirrors, index: number): Known {
  const own = mirrors?.certificates[index];
  if (!mirrors || !own) return pulumi.output<NodeMirrors | undefined>(undefined);
  return known(mirrors, own.certificatePem, own.keyPem);
}

/** The mirrors as all nodes know them. */
export function commonMirrors(mirrors: Mirrors): Known {
  if (!mirrors) return pulumi.output<NodeMirrors | undefined>(undefined);
  return known(mirrors, pulumi.output(OF_EACH), pulumi.output(OF_EACH));
}

function known(
  { host, caPem, fallback, upstreams }: NonNullable<Mirrors>,
  certificatePem: pulumi.Output<string>,
  keyPem: pulumi.Output<string>,
): Known {
  return pulumi.output({
    host,
    httpsPort: 443,
    caPem,
    fallback,
    certificatePem,
    keyPem,
    upstreams: upstreams.map(({ name, url, caPem: roots }) => ({ name, url, caPem: roots })),
  });
}
