import * as pulumi from "@pulumi/pulumi";
import { asciiName } from "../checks/rules";
import type { Checked } from "../checks/value";
import { byFile, type ShownFiles } from "../hosts/preview";
import { certificateFacts, NOT_SHOWN } from "../hosts/public-facts";
import type { Blueprint } from "../hosts/release";
import type { NodeHostsArgs, NODES } from "./args";
import { folderOf, nodeBlueprint } from "./blueprint";
import type { NodeMirrors } from "./upstreams";

/** The arguments of `NodeHosts` after the checks. */
export type CheckedNodes = Checked<typeof NODES>;

type Mirrors = CheckedNodes["mirrors"];
type Known = pulumi.Output<NodeMirrors | undefined>;

/** What stands in a release for what each node has for itself. */
const OF_EACH = "one for each node\n";

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

/** What a preview shows of the files: of certificates what they say, and of keys that there are some. */
export function shownNodes(
  site: string,
  { registryHost, httpsPort, trustedRootsPem, mirrors: given }: NodeHostsArgs,
  { trustedRootsPem: rootsPem, mirrors }: CheckedNodes,
  common: pulumi.Output<Blueprint>,
): ShownFiles {
  const upstreams = mirrors?.upstreams ?? [];
  const sample = {
    site,
    registryHost: typeof registryHost === "string" ? asciiName(registryHost) : "registry",
    httpsPort: typeof httpsPort === "number" ? httpsPort : 443,
    caPem: trustedRootsPem === undefined ? undefined : "roots",
    mirrors: given && {
      host: "mirror",
      httpsPort: 443,
      caPem: "ca",
      certificatePem: OF_EACH,
      keyPem: OF_EACH,
      fallback: true,
      upstreams: upstreams.map(({ name, caPem }) => ({ name, url: "https://registry", caPem: caPem && "roots" })),
    },
  };
  const facts = (pem: pulumi.Output<string | undefined> | undefined): pulumi.Output<string> =>
    pulumi.unsecret((pem ?? pulumi.output("")).apply((text) => certificateFacts(text ?? "")));
  return byFile(nodeBlueprint(sample), common, {
    [`${folderOf(sample)}/ca.crt`]: facts(rootsPem),
    "mirror-ca.crt": facts(mirrors?.caPem),
    "node.key": pulumi.output(`${NOT_SHOWN}: ${OF_EACH}`),
    ...Object.fromEntries(upstreams.map(({ name, caPem }) => [`${name}/ca.crt`, facts(caPem)])),
  });
}
