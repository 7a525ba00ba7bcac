import type * as pulumi from "@pulumi/pulumi";
import type { AcmeCertificate } from "../acme-certificate";
import { omitUndefined } from "../checks/omit-undefined";
import { from } from "../checks/origin";
import { CertificateIssuer } from "../issuers/args";
import { NginxGateway } from "../nginx-gateway";
import type { GatewaySsoArgs, GatewayUpstreamTlsArgs, GatewayVerifierArgs } from "../nginx/gateway/args";
import type { UserArgs } from "../nginx/users/args";
import type { PrivateRegistryArgs } from "./args";
import type { MutualTls } from "./mutual-tls";
import { originOf } from "./origins";
import { allIdentities } from "./sso-identities";

/** What the gateways need of the registry's other parts. */
export interface GatewayNeeds {
  certificate: AcmeCertificate;
  mutualTls: MutualTls;
  /** The users, each with a password. */
  users: UserArgs[];
  /** Where tokens are verified. */
  verifiers: GatewayVerifierArgs[];
  /** The login for the UI. */
  sso: GatewaySsoArgs | undefined;
}

/** The gateways last: a release is proven by what the registry answers through it. */
export function createGateway(
  name: string,
  args: PrivateRegistryArgs,
  { certificate, mutualTls, users, verifiers, sso }: GatewayNeeds,
  opts: pulumi.ComponentResourceOptions,
): NginxGateway {
  const { redirectHttp, ...nginx } = args.nginx ?? {};
  const { verifier, sso: login, ...access } = args.access ?? {};
  const settings = {
    gateways: args.gateways,
    registryHost: args.registryHost,
    nodeAddresses: args.nodeAddresses,
    users,
    access: { ...access, ...(login ? { identities: allIdentities(args.access) } : {}) },
    verifiers,
    nginx,
    certificate: { chainPem: certificate.chainPem, keyPem: certificate.keyPem },
    upstreamTls: upstreamTlsOf(args, { certificate, mutualTls }),
    ...omitUndefined({ ssh: args.ssh, nodePorts: args.cluster?.nodePorts }),
    ...omitUndefined({ uiHost: args.ui?.host, uiPath: args.ui?.path, sso }),
  };
  return new NginxGateway(`${name}-gateway`, from(originOf(name, "gateway"), settings), opts);
}

/** How the gateways and the pods know each other. */
export function upstreamTlsOf(
  args: PrivateRegistryArgs,
  { certificate, mutualTls: { client, registry } }: Pick<GatewayNeeds, "certificate" | "mutualTls">,
): GatewayUpstreamTlsArgs {
  return {
    ...omitUndefined({ caPem: registry?.caPem ?? trustedRoots(args, certificate) }),
    ...(client ? { clientCertificatePem: client.certificatePem, clientKeyPem: client.keyPem } : {}),
  };
}

/** What the registry's certificate is verified by; undefined: by the roots that every host knows. */
export function trustedRoots(
  { certificate: { issuer, trustedRootsPem } }: PrivateRegistryArgs,
  certificate: AcmeCertificate,
): pulumi.Input<string> | undefined {
  return trustedRootsPem ?? (issuer === CertificateIssuer.PrivateCa ? certificate.issuerPem : undefined);
}
