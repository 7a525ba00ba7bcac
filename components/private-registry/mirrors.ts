import * as pulumi from "@pulumi/pulumi";
import type { AcmeCertificate } from "../acme-certificate";
import { Checker } from "../checks/checker";
import { from } from "../checks/origin";
import { asciiName } from "../checks/rules";
import { optionalTable } from "../checks/value";
import { reachable } from "../hosts/host";
import { MIRRORS, type MirrorUpstreamArgs } from "../mirrors/args";
import { MirrorGateway } from "../mirrors/gateway";
import { createServices, type MirrorPorts } from "../mirrors/services";
import { GATEWAY_SETTINGS } from "../nginx/gateway/args";
import { gather } from "../nginx/gather";
import type { MirrorSite } from "../nginx/mirror/site";
import type { PrivateRegistryArgs } from "./args";
import { subjectOf } from "./check";
import { upstreamTlsOf } from "./gateway";
import { createMirrorCertificates, type MirrorCertificates } from "./mirror-certificates";
import { createMirrorPod, mirrorName, mirrorResource } from "./mirror-pods";
import type { MutualTls } from "./mutual-tls";
import { limitsPorts } from "./network-policy";
import type { PodNeeds } from "./workload";

/** What the nodes have to know of the mirrors, and wait for. */
export interface Mirrors {
  certificates: MirrorCertificates;
  gateway: MirrorGateway;
}

/** What the mirrors need of the registry's other parts. */
export interface MirrorNeeds {
  pod: PodNeeds;
  certificate: AcmeCertificate;
  mutualTls: MutualTls;
}

/** A pod for each registry, and the site on the gateways by which the nodes get to them; undefined without mirrors. */
export function createMirrors(
  name: string,
  args: PrivateRegistryArgs,
  needs: MirrorNeeds,
  parent: pulumi.Resource,
): Mirrors | undefined {
  if (!args.mirrors) return undefined;
  const input = taken(name, args);
  const certificates = createMirrorCertificates(name, args, input.mirrors.host, parent);
  const made = args.mirrors.upstreams.map((upstream, index) => ({
    pod: createMirrorPod(name, args, { upstream, index }, needs.pod, parent),
    ports: portsOf(name, args, upstream, input.mirrors.upstreams[index]?.nodePorts, needs, parent),
  }));
  const site = siteOf(name, args, input, { certificates, ports: made.map(({ ports }) => ports), ...needs });
  const tls = upstreamTlsOf(args, needs);
  const known = {
    names: namesOf(certificates),
    upstreams: args.mirrors.upstreams.map((each) => ({
      name: each.name,
      repositories: each.repositories !== undefined,
    })),
    caPem: tls.caPem !== undefined,
    client: tls.clientKeyPem !== undefined,
    blobCache: args.mirrors.blobCache !== undefined,
  };
  const dependsOn = made.map(({ pod }) => pod);
  const hosts = reachable(input, args.gateways);
  return { certificates, gateway: new MirrorGateway(`${name}-mirror`, hosts, site, known, { parent, dependsOn }) };
}

const SHARED = {
  gateways: GATEWAY_SETTINGS.gateways,
  ssh: GATEWAY_SETTINGS.ssh,
  registryHost: GATEWAY_SETTINGS.registryHost,
  nodeAddresses: GATEWAY_SETTINGS.nodeAddresses,
  nginx: GATEWAY_SETTINGS.nginx,
  mirrors: optionalTable(MIRRORS, { required: true }),
};

type Input = ReturnType<typeof taken>;

/** The settings with their defaults; they have been judged with all the others. */
function taken(name: string, args: PrivateRegistryArgs) {
  const { gateways, ssh, registryHost, nodeAddresses, nginx, mirrors } = args;
  const shared = from(
    { subject: subjectOf(name), places: {} },
    { gateways, ssh, registryHost, nodeAddresses, nginx, mirrors },
  );
  return new Checker("", shared).read(SHARED, shared);
}

function portsOf(
  name: string,
  args: PrivateRegistryArgs,
  upstream: MirrorUpstreamArgs,
  nodePorts: { proxy: pulumi.Output<number> | undefined; reader: pulumi.Output<number> | undefined } | undefined,
  { pod }: MirrorNeeds,
  parent: pulumi.Resource,
): MirrorPorts {
  const mirror = {
    name: mirrorName(args, upstream),
    namespace: pod.namespace,
    localTraffic: limitsPorts(args),
    nodePorts: nodePorts ?? { proxy: undefined, reader: undefined },
  };
  return createServices(mirror, mirrorResource(name, upstream), parent);
}

const namesOf = ({ nodes, others }: MirrorCertificates): string[] =>
  [...nodes, others].map(({ commonName }) => commonName);

function siteOf(
  name: string,
  args: PrivateRegistryArgs,
  { mirrors, nodeAddresses, registryHost, nginx }: Input,
  { certificates, ports, ...needs }: MirrorNeeds & { certificates: MirrorCertificates; ports: MirrorPorts[] },
): pulumi.Output<MirrorSite> {
  const { server, nodesCaPem, nodesCaNames } = certificates;
  const tls = upstreamTlsOf(args, needs);
  const upstreams = mirrors.upstreams.map(({ name: upstream, repositories }, index) =>
    pulumi
      .all([ports[index]?.proxyPort ?? 0, ports[index]?.readerPort ?? 0, repositories])
      .apply(([proxyPort, readerPort, patterns]) => ({
        name: upstream,
        proxyPort,
        readerPort,
        repositories: patterns,
      })),
  );
  const { accessLog, errorLog, logFormat } = nginx;
  return gather<Omit<MirrorSite, "site">>({
    host: mirrors.host.apply(asciiName),
    httpsPort: pulumi.output(443),
    nodeAddresses,
    upstreams: pulumi.all(upstreams),
    tagTimeoutSeconds: mirrors.tagTimeoutSeconds,
    chainPem: server.certificatePem,
    keyPem: server.keyPem,
    nodes: nodesCaPem.apply((caPem) => ({ caPem, caNames: nodesCaNames, names: namesOf(certificates) })),
    upstreamTls: pulumi
      .all([tls.caPem, registryHost, tls.clientCertificatePem, tls.clientKeyPem])
      .apply(([caPem, host, clientCertificatePem, clientKeyPem]) => ({
        caPem,
        serverName: asciiName(host),
        clientCertificatePem,
        clientKeyPem,
      })),
    accessLog,
    errorLog,
    logFormat,
    blobCache: mirrors.blobCache ? gather(mirrors.blobCache) : pulumi.output(undefined),
  }).apply((known) => ({ site: `${name}-mirror`, ...known }));
}
