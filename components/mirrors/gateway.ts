import * as pulumi from "@pulumi/pulumi";
import { activateInTurn } from "../hosts/activation";
import type { CheckedHost } from "../hosts/host";
import { byFile } from "../hosts/preview";
import { certificateFacts, keyFacts, NOT_SHOWN } from "../hosts/public-facts";
import { mirrorBlueprint } from "../nginx/mirror/blueprint";
import type { MirrorSite } from "../nginx/mirror/site";

/** What never is in a text for people, and what stands for it. */
const HIDDEN = { chainPem: NOT_SHOWN, keyPem: NOT_SHOWN };

/** What is known at once of the mirrors' site. */
export interface KnownOfMirrors {
  names: string[];
  upstreams: { name: string; repositories: boolean }[];
  /** Which of the files between gateway and pods there are. */
  caPem: boolean;
  client: boolean;
  /** Whether gateways keep blobs. */
  blobCache: boolean;
}

/**
 * The mirrors' site on every gateway, as a release of its own. It is made after the pods, and before the nodes that
 * prove by it that they get in.
 */
export class MirrorGateway extends pulumi.ComponentResource {
  /** Hash of the release that the hosts serve, known when they serve it. */
  public readonly releaseHash: pulumi.Output<string>;

  constructor(
    name: string,
    hosts: readonly CheckedHost[],
    site: pulumi.Output<MirrorSite>,
    known: KnownOfMirrors,
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("private-registry:index:MirrorGateway", name, {}, opts);
    this.releaseHash = activateInTurn(name, hosts, site.apply(mirrorBlueprint), shown(name, site, known), this);
    this.registerOutputs({ releaseHash: this.releaseHash });
  }
}

/** What a preview shows: the texts made anew without secrets, and of certificates and keys what is public. */
function shown(name: string, site: pulumi.Output<MirrorSite>, known: KnownOfMirrors) {
  const upstreamTls = {
    caPem: known.caPem ? NOT_SHOWN : undefined,
    clientCertificatePem: known.client ? NOT_SHOWN : undefined,
    clientKeyPem: known.client ? NOT_SHOWN : undefined,
  };
  const open = pulumi.unsecret(
    site.apply((all) => ({
      ...all,
      ...HIDDEN,
      upstreamTls: { ...upstreamTls, serverName: all.upstreamTls.serverName },
    })),
  );
  const facts = (of: (all: MirrorSite) => string | undefined) =>
    pulumi.unsecret(site.apply((all) => certificateFacts(of(all) ?? "")));
  const key = (of: (all: MirrorSite) => string | undefined) =>
    pulumi.unsecret(site.apply((all) => keyFacts(of(all) ?? "")));
  return byFile(mirrorBlueprint(sampleOf(name, known, upstreamTls)), open.apply(mirrorBlueprint), {
    "chain.pem": facts(({ chainPem }) => chainPem),
    "key.pem": key(({ keyPem }) => keyPem),
    "nodes-ca.pem": facts(({ nodes }) => nodes.caPem),
    "upstream-ca.pem": facts((all) => all.upstreamTls.caPem),
    "client.pem": facts((all) => all.upstreamTls.clientCertificatePem),
    "client-key.pem": key((all) => all.upstreamTls.clientKeyPem),
  });
}

/** A site of the same files, with values that say nothing. */
function sampleOf(
  site: string,
  { names, upstreams, blobCache }: KnownOfMirrors,
  upstreamTls: Omit<MirrorSite["upstreamTls"], "serverName">,
): MirrorSite {
  return {
    ...HIDDEN,
    site,
    host: "mirror",
    httpsPort: 443,
    nodeAddresses: ["127.0.0.1"],
    upstreams: upstreams.map(({ name, repositories }) => ({
      name,
      proxyPort: 0,
      readerPort: 0,
      repositories: repositories ? [] : undefined,
    })),
    tagTimeoutSeconds: 5,
    nodes: { caPem: NOT_SHOWN, caNames: [], names },
    upstreamTls: { ...upstreamTls, serverName: "registry" },
    accessLog: "/dev/null",
    errorLog: "/dev/null",
    logFormat: "combined",
    blobCache: blobCache ? { sizeGiB: 1, path: "/cache" } : undefined,
  };
}
