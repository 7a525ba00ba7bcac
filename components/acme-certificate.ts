import * as pulumi from "@pulumi/pulumi";
import { outputsOf } from "./outputs";
import type { AcmeCertificateArgs } from "./issuers/args";
import { checkAcmeCertificate, type CheckedCertificate } from "./issuers/check";
import { issueByAcme } from "./issuers/acme";
import type { Issued } from "./chain/issued";
import { issueByPrivateCa } from "./issuers/private-ca";
import { takeProvided } from "./issuers/provided";

/**
 * A certificate from an ACME directory (RFC 8555), shown by HTTP-01 that needs no state: whatever answers port 80 of
 * the names must say `<token>.<thumbprint of the account key>` (`AcmeResponder` does), and must be up before:
 * `dependsOn`.
 *
 * It is renewed in place, by the first `up` after `renewAt`; a preview then says so. That is at a third of its lifetime
 * at the earliest, whatever is set or the CA says, unless the CA has called it back. A run that has nothing to renew
 * does not talk to the CA. A renewal that fails leaves the present certificate in service and warns. Changed names, key
 * type or directory make a new certificate before the old one goes.
 *
 * The certificate can also be one that you bring, or come from a CA of the stack's own (`issuer`): what uses it can't
 * tell.
 *
 * @example
 * const certificate = new AcmeCertificate("site", {
 *   names: ["registry.example.com", "www.example.com"], directory: "production", termsAgreed: true,
 *   accountKeyPem: accountKey.privateKeyPem,
 * }, { dependsOn: responder });
 *
 * Errors: one that names every setting that is not right; in an `up`, the CA's problem (RFC 8555 section 6.7) in plain
 * words.
 */
export class AcmeCertificate extends pulumi.ComponentResource {
  /** The certificate and its issuers, PEM, leaf first. */
  public readonly chainPem: pulumi.Output<string>;
  /** The certificate's private key, PEM. Secret. */
  public readonly keyPem: pulumi.Output<string>;
  /** Only the certificate itself, without its chain, PEM. */
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
    const { chain, keyPem } = issue(name, checkAcmeCertificate(name, args), this);
    this.chainPem = chain.chainPem;
    this.keyPem = keyPem;
    this.leafPem = chain.leafPem;
    this.issuerPem = chain.issuerPem;
    this.notBefore = chain.notBefore;
    this.notAfter = chain.notAfter;
    this.renewAt = chain.renewAt;
    this.renewReason = chain.renewReason;
    this.serialNumber = chain.serialNumber;
    this.fingerprintSha256 = chain.fingerprintSha256;
    this.accountUrl = chain.accountUrl;
    this.registerOutputs(outputsOf(this));
  }
}

function issue(name: string, input: CheckedCertificate, parent: AcmeCertificate): Issued {
  const { acme, provided, privateCa, ...common } = input;
  if (provided) return takeProvided({ ...common, ...provided }, parent, `AcmeCertificate "${name}"`);
  if (privateCa) return issueByPrivateCa(name, { ...common, ...privateCa }, parent);
  if (acme) return issueByAcme(name, { ...common, ...acme }, parent);
  throw new Error(`AcmeCertificate "${name}": no issuer`);
}
