import { LocallySignedCert } from "@pulumi/tls/locallySignedCert";
import { CertRequest } from "@pulumi/tls/certRequest";
import { PrivateKey } from "@pulumi/tls/privateKey";
import { SelfSignedCert } from "@pulumi/tls/selfSignedCert";
import * as pulumi from "@pulumi/pulumi";

const YEAR = 8760;

/** By what the registry knows the gateways. */
export interface ClientCertificate {
  /** The CA that the registry trusts, in PEM. */
  caPem: pulumi.Output<string>;
  /** The gateways' certificate, in PEM. */
  certificatePem: pulumi.Output<string>;
  /** Its private key, in PEM. A secret. */
  keyPem: pulumi.Output<string>;
}

/**
 * Makes a CA for this one registry, and the certificate by which it knows its gateways. The CA lives for twenty years and the certificate for
 * ten; each is renewed by the first `up` in its last year.
 */
export function createClientCertificate(name: string, parent: pulumi.Resource): ClientCertificate {
  const caKey = createKey(`${name}-client-ca-key`, parent);
  const ca = new SelfSignedCert(
    `${name}-client-ca`,
    {
      privateKeyPem: pulumi.secret(caKey.privateKeyPem),
      isCaCertificate: true,
      subject: { commonName: "private-registry client CA" },
      allowedUses: ["cert_signing", "crl_signing"],
      validityPeriodHours: 20 * YEAR,
      earlyRenewalHours: YEAR,
      setSubjectKeyId: true,
    },
    { parent },
  );
  const key = createKey(`${name}-client-key`, parent);
  const request = new CertRequest(
    `${name}-client-request`,
    { privateKeyPem: pulumi.secret(key.privateKeyPem), subject: { commonName: "private-registry gateway" } },
    { parent },
  );
  const certificate = new LocallySignedCert(
    `${name}-client-certificate`,
    {
      certRequestPem: request.certRequestPem,
      caCertPem: ca.certPem,
      caPrivateKeyPem: pulumi.secret(caKey.privateKeyPem),
      allowedUses: ["digital_signature", "client_auth"],
      validityPeriodHours: 10 * YEAR,
      earlyRenewalHours: YEAR,
    },
    { parent },
  );
  return { caPem: ca.certPem, certificatePem: certificate.certPem, keyPem: pulumi.secret(key.privateKeyPem) };
}

/** A P-256 key of the stack; everything private in it is a secret. */
export function createKey(name: string, parent: pulumi.Resource): PrivateKey {
  const additionalSecretOutputs = ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"];
  return new PrivateKey(name, { algorithm: "ECDSA", ecdsaCurve: "P256" }, { parent, additionalSecretOutputs });
}
