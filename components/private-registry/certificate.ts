import * as pulumi from "@pulumi/pulumi";
import { CertificateIssuer } from "../acme/args";
import { accountThumbprint } from "../acme/thumbprint";
import { AcmeCertificate } from "../acme-certificate";
import { AcmeResponder } from "../acme-responder";
import type { PrivateRegistryArgs } from "./args";
import { createKey } from "./client-certificate";

/** With HTTP-01 the responder first: it has to answer before the CA asks. Without it nothing of the stack is on port 80. */
export function createCertificate(name: string, args: PrivateRegistryArgs, parent: pulumi.Resource): AcmeCertificate {
  const names = args.uiHost === undefined ? [args.registryHost] : [args.registryHost, args.uiHost];
  const { issuer = CertificateIssuer.Acme, dns01 } = args.certificate;
  if (issuer !== CertificateIssuer.Acme) {
    return new AcmeCertificate(`${name}-certificate`, { ...args.certificate, names }, { parent });
  }
  const accountKeyPem = pulumi.secret(
    args.certificate.accountKeyPem ?? createKey(`${name}-account-key`, parent).privateKeyPem,
  );
  const settings = { ...args.certificate, names, accountKeyPem };
  if (dns01) return new AcmeCertificate(`${name}-certificate`, settings, { parent });
  const responder = new AcmeResponder(
    `${name}-responder`,
    {
      hosts: args.gateways,
      names,
      accountThumbprint: pulumi.unsecret(accountKeyPem.apply(accountThumbprint)),
    },
    { parent },
  );
  return new AcmeCertificate(`${name}-certificate`, settings, { parent, dependsOn: responder });
}
