import * as pulumi from "@pulumi/pulumi";
import { asciiName } from "../checks/rules";
import { byFile, type ShownFiles } from "../hosts/preview";
import { certificateFacts, NOT_SHOWN } from "../hosts/public-facts";
import type { Blueprint } from "../hosts/release";
import type { NodeHostsArgs } from "./args";
import { folderOf, nodeBlueprint } from "./blueprint";
import { type CheckedNodes, OF_EACH } from "./checked";

/** What a preview shows of the files: of certificates what they say, and of keys that there are some. */
export function shownNodes(
  site: string,
  { registryHost, httpsPort, trustedRootsPem, mirrors: given, podIdentities: provider }: NodeHostsArgs,
  { trustedRootsPem: rootsPem, mirrors }: CheckedNodes,
  common: pulumi.Output<Blueprint>,
): ShownFiles {
  const upstreams = mirrors?.upstreams ?? [];
  const sample = {
    site,
    registryHost: typeof registryHost === "string" ? asciiName(registryHost) : "registry",
    httpsPort: typeof httpsPort === "number" ? httpsPort : 443,
    caPem: trustedRootsPem === undefined ? undefined : "roots",
    provider,
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
