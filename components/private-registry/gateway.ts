import type * as pulumi from "@pulumi/pulumi";
import { CertificateIssuer } from "../issuers/args";
import type { AcmeCertificate } from "../acme-certificate";
import { given } from "../checks/omit-undefined";
import { NginxGateway } from "../nginx-gateway";
import type { PrivateRegistryArgs } from "./args";
import type { InnerCertificate } from "./mutual-tls";

/** The gateways last: a release is proven by what the registry answers through it. */
export function createGateway(
  name: string,
  args: PrivateRegistryArgs,
  certificate: AcmeCertificate,
  client: InnerCertificate | undefined,
  registry: InnerCertificate | undefined,
  dependsOn: pulumi.Resource[],
  parent: pulumi.Resource,
): NginxGateway {
  return new NginxGateway(
    `${name}-gateway`,
    {
      ...args.gateway,
      hosts: args.gateways,
      registryHost: args.registryHost,
      nodeAddresses: args.nodeAddresses,
      certificate: { chainPem: certificate.chainPem, keyPem: certificate.keyPem },
      upstreamTls: {
        ...given({ caPem: registry?.caPem ?? trustedRoots(args, certificate) }),
        ...(client ? { clientCertificatePem: client.certificatePem, clientKeyPem: client.keyPem } : {}),
      },
      users: args.users,
      ...given({ uiHost: args.uiHost, nodePorts: args.nodePorts, anonymousPull: args.anonymousPull }),
    },
    { parent, dependsOn },
  );
}

/** What the registry's certificate is verified by; undefined: by the roots that every host knows. */
export function trustedRoots(
  { certificate: { issuer }, trustedRootsPem }: PrivateRegistryArgs,
  certificate: AcmeCertificate,
): pulumi.Input<string> | undefined {
  return trustedRootsPem ?? (issuer === CertificateIssuer.PrivateCa ? certificate.issuerPem : undefined);
}
