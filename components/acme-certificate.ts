import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { type AcmeCertificateArgs, KeyType } from "./acme/args";
import { checkAcmeCertificateArgs } from "./acme/check";
import type { ChainInputs } from "./acme/data";
import { AcmeChain } from "./acme/resource";

/**
 * A certificate from an ACME directory (RFC 8555), shown by HTTP-01 that needs no state: whatever answers port 80 of the
 * names must say `<token>.<thumbprint of the account key>` (`AcmeResponder` does), and must be up before: `dependsOn`.
 *
 * It is renewed in place, by the first `up` after `renewAt`; a preview then says so. A run that has nothing to renew does
 * not talk to the CA. A renewal that fails leaves the present certificate in service and warns. Changed names, key type
 * or directory make a new certificate before the old one goes.
 *
 * @example
 * const certificate = new AcmeCertificate("site", {
 *   names: ["registry.example.com", "www.example.com"], directory: "production", termsAgreed: true,
 *   accountKeyPem: accountKey.privateKeyPem,
 * }, { dependsOn: responder });
 *
 * Errors: `InputPropertiesError` for settings; in an `up`, the CA's problem (RFC 8555 section 6.7) in plain words.
 */
export class AcmeCertificate extends pulumi.ComponentResource {
  /** The certificate and its issuers, PEM, leaf first. */
  public readonly chainPem: pulumi.Output<string>;
  /** The certificate's private key, PEM. Secret. */
  public readonly keyPem: pulumi.Output<string>;
  /** The certificate alone, PEM. */
  public readonly leafPem: pulumi.Output<string>;
  /** Its issuers, PEM, without the leaf. */
  public readonly issuerPem: pulumi.Output<string>;
  /** Start of its validity, ISO 8601. */
  public readonly notBefore: pulumi.Output<string>;
  /** End of its validity, ISO 8601. */
  public readonly notAfter: pulumi.Output<string>;
  /** From when on an update renews it, ISO 8601. */
  public readonly renewAt: pulumi.Output<string>;
  /** Why then. */
  public readonly renewReason: pulumi.Output<string>;
  /** Serial number, hexadecimal, lower case. */
  public readonly serialNumber: pulumi.Output<string>;
  /** SHA-256 of the certificate, 64 hexadecimal digits, lower case. */
  public readonly fingerprintSha256: pulumi.Output<string>;
  /** URL of the ACME account. */
  public readonly accountUrl: pulumi.Output<string>;

  constructor(name: string, args: AcmeCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:index:AcmeCertificate", name, {}, opts);
    const input = checkAcmeCertificateArgs(name, args);
    const key = createKey(keyName(name, args.keyGeneration), input.keyType, this);
    const request = createRequest(`${name}-request`, key, input.settings.names, this);
    const accountKeyPem =
      input.accountKeyPem ?? createKey(`${name}-account-key`, KeyType.EcdsaP256, this).privateKeyPem;
    const { certRequestPem: csrPem } = request;
    const { publicKeyPem } = key;
    const chain = createChain(name, { ...input.settings, accountKeyPem, csrPem, publicKeyPem }, this);
    this.chainPem = chain.chainPem;
    this.keyPem = pulumi.secret(key.privateKeyPem);
    this.leafPem = chain.leafPem;
    this.issuerPem = chain.issuerPem;
    this.notBefore = chain.notBefore;
    this.notAfter = chain.notAfter;
    this.renewAt = chain.renewAt;
    this.renewReason = chain.renewReason;
    this.serialNumber = chain.serialNumber;
    this.fingerprintSha256 = chain.fingerprintSha256;
    this.accountUrl = chain.accountUrl;
    this.registerOutputs({
      chainPem: this.chainPem,
      keyPem: this.keyPem,
      leafPem: this.leafPem,
      issuerPem: this.issuerPem,
      notBefore: this.notBefore,
      notAfter: this.notAfter,
      renewAt: this.renewAt,
      renewReason: this.renewReason,
      serialNumber: this.serialNumber,
      fingerprintSha256: this.fingerprintSha256,
      accountUrl: this.accountUrl,
    });
  }
}

type ChainSettings = { [K in keyof ChainInputs]: pulumi.Input<ChainInputs[K]> };

function createChain(name: string, settings: ChainSettings, parent: pulumi.Resource): AcmeChain {
  return new AcmeChain(name, { ...settings, accountKeyPem: pulumi.secret(settings.accountKeyPem) }, { parent });
}

const SECRET_KEYS = ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"];

/** A key resource of another name is another key; the old one goes when nothing uses it any more. */
function keyName(name: string, generation: string | undefined): string {
  return generation === undefined ? `${name}-key` : `${name}-key-${generation}`;
}

function createKey(name: string, type: pulumi.Input<KeyType>, parent: pulumi.Resource): tls.PrivateKey {
  const spec = pulumi.output(type).apply(keySpec);
  const args = { algorithm: spec.algorithm, ecdsaCurve: spec.ecdsaCurve, rsaBits: spec.rsaBits };
  return new tls.PrivateKey(name, args, { parent, additionalSecretOutputs: SECRET_KEYS });
}

/** The names are in the CSR's subjectAltName alone: a common name is limited to 64 characters, and nobody reads it. */
function createRequest(
  name: string,
  key: tls.PrivateKey,
  dnsNames: pulumi.Output<string[]>,
  parent: pulumi.Resource,
): tls.CertRequest {
  return new tls.CertRequest(name, { privateKeyPem: pulumi.secret(key.privateKeyPem), dnsNames }, { parent });
}

interface KeySpec {
  algorithm: string;
  ecdsaCurve?: string;
  rsaBits?: number;
}

/** The arguments of the key resource for a kind of key. */
function keySpec(type: KeyType): KeySpec {
  switch (type) {
    case KeyType.EcdsaP256:
      return { algorithm: "ECDSA", ecdsaCurve: "P256" };
    case KeyType.EcdsaP384:
      return { algorithm: "ECDSA", ecdsaCurve: "P384" };
    case KeyType.Rsa2048:
    case KeyType.Rsa3072:
    case KeyType.Rsa4096:
      return { algorithm: "RSA", rsaBits: Number(type.slice("rsa-".length)) };
  }
}
