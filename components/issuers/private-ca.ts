import { LocallySignedCert } from "@pulumi/tls/locallySignedCert";
import type { PrivateKey } from "@pulumi/tls/privateKey";
import { SelfSignedCert } from "@pulumi/tls/selfSignedCert";
import * as pulumi from "@pulumi/pulumi";
import { KeyType } from "./args";
import { chainFacts } from "../chain/chain";
import { type ChainOutputs, type Issued, partsOf } from "../chain/issued";
import { createCertificateKey, createKey, createRequest } from "./keys";

/** What a CA of the stack's own issues, after the checks. */
export interface PrivateCaOptions {
  names: pulumi.Output<string[]>;
  keyType: pulumi.Output<KeyType>;
  generation: string | undefined;
  commonName: pulumi.Output<string>;
  caValidityDays: pulumi.Output<number>;
  validityDays: pulumi.Output<number>;
}

const HOURS_A_DAY = 24;

/**
 * A CA of the stack's own and a certificate of it, all by `@pulumi/tls`, which renews the certificate by itself in the
 * last third of its life, and the CA in its last tenth. The chain holds the CA too: whoever is to trust it takes the
 * last certificate.
 */
export function issueByPrivateCa(name: string, options: PrivateCaOptions, parent: pulumi.Resource): Issued {
  const caKey = createKey(`${name}-ca-key`, KeyType.EcdsaP256, parent);
  const ca = createCa(`${name}-ca`, caKey, options, parent);
  const key = createCertificateKey(name, options.keyType, options.generation, parent);
  const request = createRequest(`${name}-request`, key, options.names, parent);
  const early = options.validityDays.apply((days) => Math.floor((days * HOURS_A_DAY) / 3));
  const certificate = new LocallySignedCert(
    name,
    {
      certRequestPem: request.certRequestPem,
      caCertPem: ca.certPem,
      caPrivateKeyPem: pulumi.secret(caKey.privateKeyPem),
      allowedUses: ["digital_signature", "key_encipherment", "server_auth"],
      validityPeriodHours: options.validityDays.apply((days) => days * HOURS_A_DAY),
      earlyRenewalHours: early,
    },
    { parent },
  );
  const outputs = pulumi.all([certificate.certPem, ca.certPem, early]).apply(privateOutputs);
  return { chain: partsOf(outputs), keyPem: pulumi.secret(key.privateKeyPem) };
}

function createCa(name: string, key: PrivateKey, options: PrivateCaOptions, parent: pulumi.Resource): SelfSignedCert {
  return new SelfSignedCert(
    name,
    {
      privateKeyPem: pulumi.secret(key.privateKeyPem),
      isCaCertificate: true,
      subject: { commonName: options.commonName },
      allowedUses: ["cert_signing", "crl_signing"],
      validityPeriodHours: options.caValidityDays.apply((days) => days * HOURS_A_DAY),
      earlyRenewalHours: options.caValidityDays.apply((days) => Math.floor((days * HOURS_A_DAY) / 10)),
      setSubjectKeyId: true,
    },
    { parent },
  );
}

function privateOutputs([certificate, ca, earlyHours]: [string, string, number]): ChainOutputs {
  const facts = chainFacts(`${certificate.trimEnd()}\n${ca}`);
  const renewAt = `${new Date(Date.parse(facts.notAfter) - earlyHours * 3_600_000).toISOString().slice(0, 19)}Z`;
  return { ...facts, renewAt, renewReason: "the last third of its life, by the stack's own CA", accountUrl: "" };
}
