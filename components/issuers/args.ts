import type * as pulumi from "@pulumi/pulumi";
import { Revocation } from "../acme/revocation";
import { certificates, keyPem } from "../checks/rules";
import { flag, list, type Members, oneOf, optionalTable, plain, table, text, wholeNumber } from "../checks/value";
import { DNS01, type Dns01Args } from "./dns01-args";
import * as rules from "./rules";

/** Kinds of certificate keys. */
export const KeyType = {
  /** ECDSA on P-256: the cheapest handshakes. */
  EcdsaP256: "ecdsa-p256",
  EcdsaP384: "ecdsa-p384",
  Rsa2048: "rsa-2048",
  Rsa3072: "rsa-3072",
  Rsa4096: "rsa-4096",
} as const;
export type KeyType = (typeof KeyType)[keyof typeof KeyType];

/** Where a certificate comes from. */
export const CertificateIssuer = {
  /** An ACME directory: Let's Encrypt, or any other. */
  Acme: "acme",
  /** The user brings chain and key. */
  Provided: "provided",
  /** A CA of the stack's own, which clients have to be told to trust. */
  PrivateCa: "private-ca",
} as const;
export type CertificateIssuer = (typeof CertificateIssuer)[keyof typeof CertificateIssuer];

/** A certificate that the user brings. */
export interface ProvidedCertificateArgs {
  /** The certificate and its issuers, PEM, leaf first, each signed by the next. */
  chainPem: pulumi.Input<string>;
  /** The certificate's private key, PEM, unencrypted. A secret. */
  keyPem: pulumi.Input<string>;
}

/** A CA of the stack's own. */
export interface PrivateCaArgs {
  /** The CA's name in its certificate. Default "private-registry CA". */
  commonName?: pulumi.Input<string>;
  /** Lifetime of the CA, 30 to 36500 days. Default 3650. */
  caValidityDays?: pulumi.Input<number>;
  /** Lifetime of the certificate, 1 to 825 days. Default 90. It is renewed in its last third. */
  validityDays?: pulumi.Input<number>;
}

/** An account at the CA outside of ACME, which some CAs want a new account to be bound to (RFC 8555 section 7.3.4). */
export interface ExternalAccountArgs {
  /** The key's id, as the CA gave it. */
  keyId: pulumi.Input<string>;
  /** The HMAC key, base64url, as the CA gave it. A secret. */
  hmacKey: pulumi.Input<string>;
}

/** Where a certificate comes from, and how it is kept. */
export interface CertificateSourceArgs {
  /**
   * Where the certificate comes from. Default acme. Not an output, since it decides which resources exist. What is said
   * below of the account, the directory, challenges and renewal is for ACME.
   */
  issuer?: CertificateIssuer;
  /** The certificate that you bring, for the issuer "provided". */
  provided?: ProvidedCertificateArgs;
  /** The stack's own CA, for the issuer "private-ca". Default one with the defaults. */
  privateCa?: PrivateCaArgs;
  /**
   * The CA's ACME directory: "staging" or "production" (both Let's Encrypt's), or an https URL. Default "staging",
   * whose certificates no browser trusts, but which has no weekly limit.
   */
  directory?: pulumi.Input<string>;
  /** Root certificates, PEM, for the directory's own HTTPS, besides the system's. Only needed for a private CA. */
  directoryCaPem?: pulumi.Input<string>;
  /** Mail addresses for the account, 10 at most. Default none. */
  contacts?: pulumi.Input<pulumi.Input<string>[]>;
  /** True if you agree to the CA's terms of service; without it no account is made. Default false. */
  termsAgreed?: pulumi.Input<boolean>;
  /**
   * Private key of the ACME account, PEM: EC or RSA. An account of that key is found again. Made here by default;
   * whether it is given decides which resources exist. A secret.
   */
  accountKeyPem?: pulumi.Input<string>;
  /** Kind of the certificate's key. Default ecdsa-p256. A change makes a new key and a new certificate. */
  keyType?: pulumi.Input<KeyType>;
  /**
   * Name of a profile of the CA, such as Let's Encrypt's "classic", "tlsserver" or "shortlived". Default the CA's own.
   */
  profile?: pulumi.Input<string>;
  /**
   * Common name of the issuer at the top of the wished chain, where the CA offers more than one. A chain that isn't
   * offered is told, and the CA's own choice used. Default the CA's own.
   */
  preferredChain?: pulumi.Input<string>;
  /** The external account that a new account is bound to. Default none; some CAs make no account without it. */
  externalAccount?: ExternalAccountArgs;
  /**
   * Show that the names are yours by DNS-01. Default by HTTP-01 on port 80. Not an output, since it decides what is
   * done.
   */
  dns01?: Dns01Args;
  /**
   * Whether the certificate is revoked when it goes, by a destroy or after another has taken its place, and with which
   * reason. What counts is what the last update had. A renewal revokes nothing. Default never.
   */
  revocation?: pulumi.Input<Revocation>;
  /**
   * Any text of letters, digits, "." and "-"; a new text makes a new key, and a certificate for it, in the same update.
   * For a key that was lost or seen by others. Not an output, since it is part of the key resource's name. Default
   * none.
   */
  generation?: string;
  /**
   * Renew this many hours before the end, 1 to 87600, whatever the CA suggests; an update has to come within them. By
   * default the CA's own window decides (RFC 9773), and where there is none, two thirds of the lifetime. It is never
   * before a third of the lifetime, with a warning where more is set, unless the CA has called the certificate back, as
   * after a revocation.
   */
  renewBeforeHours?: pulumi.Input<number>;
  /** The longest that one issuance may take in all, 10 to 3600 seconds. Default 300. */
  timeoutSeconds?: pulumi.Input<number>;
}

/** Arguments of `AcmeCertificate`. */
export interface AcmeCertificateArgs extends CertificateSourceArgs {
  /**
   * The DNS names of the certificate, 1 to 100, each reachable on port 80 from the CA unless `dns01` is given. Names
   * with other letters than ASCII are given to the CA in their ASCII form. A wildcard such as "*.example.com" needs
   * `dns01`.
   */
  names: pulumi.Input<pulumi.Input<string>[]>;
}

const CHAIN = { rule: certificates, advice: "give the content of the file, not its path" } as const;
const KEY = { rule: keyPem, secret: true, advice: "give the content of the key's file, not its path" } as const;

const PROVIDED = {
  chainPem: text({ ...CHAIN, required: true }),
  keyPem: text({ ...KEY, required: true }),
} satisfies Members<ProvidedCertificateArgs>;

const PRIVATE_CA = {
  commonName: text({ max: 64, default: "private-registry CA" }),
  caValidityDays: wholeNumber({ min: 30, max: 36500, default: 3650 }),
  validityDays: wholeNumber({ min: 1, max: 825, default: 90 }),
} satisfies Members<PrivateCaArgs>;

const EXTERNAL_ACCOUNT = {
  keyId: text({ required: true, advice: "copy the key id of the external account from the CA" }),
  hmacKey: text({
    rule: rules.hmacKey,
    required: true,
    secret: true,
    advice: "copy the HMAC key of the external account from the CA",
  }),
} satisfies Members<ExternalAccountArgs>;

/** The values of `CertificateSourceArgs`. */
export const CERTIFICATE_SOURCE = {
  issuer: plain(oneOf(CertificateIssuer, { default: CertificateIssuer.Acme })),
  provided: optionalTable(PROVIDED, {}),
  privateCa: table(PRIVATE_CA),
  directory: text({ rule: rules.acmeDirectory, default: "staging" }),
  directoryCaPem: text(CHAIN),
  contacts: list(text({ rule: rules.mailAddress, advice: 'write it as "ops@example.com", without "mailto:"' }), {
    of: "mail addresses",
    max: 10,
    default: [] as string[],
  }),
  termsAgreed: flag({ default: false }),
  accountKeyPem: text({ rule: rules.accountKey, secret: true, advice: "leave it out to have one made" }),
  keyType: oneOf(KeyType, { default: KeyType.EcdsaP256 }),
  profile: text({ max: 64, without: "the CA's own" }),
  preferredChain: text({ max: 200, without: "the CA's own" }),
  externalAccount: optionalTable(EXTERNAL_ACCOUNT, {}),
  dns01: optionalTable(DNS01, {}),
  revocation: oneOf(Revocation, { default: Revocation.Never }),
  generation: plain(text({ rule: rules.generation, advice: "leave it out until the key has to be replaced" })),
  renewBeforeHours: wholeNumber({ min: 1, max: 87600, without: "the CA's window or the lifetime" }),
  timeoutSeconds: wholeNumber({ min: 10, max: 3600, default: 300 }),
} satisfies Members<CertificateSourceArgs>;

/** The values of `AcmeCertificateArgs`. */
export const ACME_CERTIFICATE = {
  ...CERTIFICATE_SOURCE,
  names: list(text({ max: 255 }), { of: "host names", min: 1, max: 100, required: true, advice: "list every name" }),
} satisfies Members<AcmeCertificateArgs>;
