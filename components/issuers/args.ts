import type * as pulumi from "@pulumi/pulumi";
import type { TsigAlgorithm } from "../acme/dns/tsig";
import type { Revocation } from "../acme/revocation";

export { TsigAlgorithm } from "../acme/dns/tsig";
export { Revocation } from "../acme/revocation";

/** Kinds of certificate keys. */
export enum KeyType {
  /** ECDSA on P-256: the cheapest handshakes. */
  EcdsaP256 = "ecdsa-p256",
  EcdsaP384 = "ecdsa-p384",
  Rsa2048 = "rsa-2048",
  Rsa3072 = "rsa-3072",
  Rsa4096 = "rsa-4096",
}

/** Where a certificate comes from. */
export enum CertificateIssuer {
  /** An ACME directory: Let's Encrypt, or any other. */
  Acme = "acme",
  /** The user brings chain and key. */
  Provided = "provided",
  /** A CA of the stack's own, which clients have to be told to trust. */
  PrivateCa = "private-ca",
}

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

/** DNS-01 by dynamic updates of the zone (RFC 2136), signed with TSIG (RFC 8945), over TCP. */
export interface DynamicUpdateArgs {
  /** The zone's primary name server: host name or address, with ":port" if it is not 53. */
  server: pulumi.Input<string>;
  /** The zone that is updated, such as "example.com". Default what the server says that the name is in. */
  zone?: pulumi.Input<string>;
  /** Name of the TSIG key, as the server knows it. */
  keyName: pulumi.Input<string>;
  /** Hash of the TSIG key. Default hmac-sha256. */
  keyAlgorithm?: pulumi.Input<TsigAlgorithm>;
  /** The TSIG key, base64. A secret. */
  keySecret: pulumi.Input<string>;
  /** Lifetime of the TXT records, 1 to 86400 seconds. Default 60. */
  ttlSeconds?: pulumi.Input<number>;
}

/** DNS-01 by a program of yours, for zones that take no dynamic updates. */
export interface DnsHookArgs {
  /**
   * The program and its first arguments, run where Pulumi runs, without a shell. It gets as further arguments "present" or
   * "cleanup", the record's full name without the last dot, and the TXT record's value. Two values of one name are two calls.
   */
  command: pulumi.Input<pulumi.Input<string>[]>;
  /** The longest that one call may take, 1 to 3600 seconds. Default 60. */
  timeoutSeconds?: pulumi.Input<number>;
}

/** Shows that names are yours by TXT records in their zone (RFC 8555 section 8.4): for wildcards, and without port 80. */
export interface Dns01Args {
  /** Dynamic updates. Either this or `hook` is given; plain, since it decides how. */
  dynamicUpdate?: DynamicUpdateArgs;
  /** A program. Either this or `dynamicUpdate` is given; plain, since it decides how. */
  hook?: DnsHookArgs;
  /** The longest that the records may take until all name servers of the zone show them, 1 to 3600 seconds. Default 120. */
  propagationTimeoutSeconds?: pulumi.Input<number>;
  /** The name servers where that is looked at, each with ":port" if it is not 53. Default those of the zone's NS records. */
  nameServers?: pulumi.Input<pulumi.Input<string>[]>;
}

/** What a certificate is asked for with. */
export interface AcmeCertificateArgs {
  /**
   * The DNS names of the certificate, 1 to 100, each reachable on port 80 from the CA unless `dns01` is given. Names with
   * other letters than ASCII are given to the CA in their ASCII form. A wildcard such as "*.example.com" needs `dns01`.
   */
  names: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Where the certificate comes from. Default acme. Plain, since it decides which resources exist. What is said below of the
   * account, the directory, challenges and renewal is for ACME.
   */
  issuer?: CertificateIssuer;
  /** The certificate that you bring, for the issuer "provided". */
  provided?: ProvidedCertificateArgs;
  /** The stack's own CA, for the issuer "private-ca". Default one with the defaults. */
  privateCa?: PrivateCaArgs;
  /**
   * The CA's ACME directory: "staging" or "production" (both Let's Encrypt's), or an https URL. Default "staging", whose
   * certificates no browser trusts, but which has no weekly limit.
   */
  directory?: pulumi.Input<string>;
  /** Root certificates, PEM, for the directory's own HTTPS, beside the system's. Needed for a private CA only. */
  directoryCaPem?: pulumi.Input<string>;
  /** Mail addresses for the account, 10 at most. Default none. */
  contacts?: pulumi.Input<pulumi.Input<string>[]>;
  /** True if you agree to the CA's terms of service; without it no account is made. Default false. */
  termsAgreed?: pulumi.Input<boolean>;
  /**
   * Private key of the ACME account, PEM: EC or RSA. An account of that key is found again. Made here by default; whether
   * it is given decides which resources exist.
   */
  accountKeyPem?: pulumi.Input<string>;
  /** Kind of the certificate's key. Default ecdsa-p256. A change makes a new key and a new certificate. */
  keyType?: pulumi.Input<KeyType>;
  /** Name of a profile of the CA, such as Let's Encrypt's "classic", "tlsserver" or "shortlived". Default the CA's own. */
  profile?: pulumi.Input<string>;
  /**
   * Common name of the issuer at the top of the wished chain, where the CA offers more than one. A chain that isn't offered is
   * told, and the CA's own choice used. Default the CA's own.
   */
  preferredChain?: pulumi.Input<string>;
  /** The external account that a new account is bound to. Default none; some CAs make no account without it. */
  externalAccount?: ExternalAccountArgs;
  /** Show that the names are yours by DNS-01. Default by HTTP-01 on port 80. Plain, since it decides what is done. */
  dns01?: Dns01Args;
  /**
   * Whether the certificate is revoked when it goes, by a destroy or after another has taken its place, and with which
   * reason. What counts is what the last update had. A renewal revokes nothing. Default never.
   */
  revocation?: pulumi.Input<Revocation>;
  /**
   * Any text of letters, digits, "." and "-"; another text makes another key, and a certificate for it, in the same update. For
   * a key that was lost or seen by others. Plain, since it is part of the key resource's name. Default none.
   */
  keyGeneration?: string;
  /**
   * Renew this many hours before the end, 1 to 87600, whatever the CA suggests; an update has to come within them. By default the
   * CA's own window decides (RFC 9773), and where there is none, two thirds of the lifetime. It is never before a third of the
   * lifetime, with a warning where more is set, unless the CA has called the certificate back, as after a revocation.
   */
  renewBeforeHours?: pulumi.Input<number>;
  /** The longest that one issuance may take in all, 10 to 3600 seconds. Default 300. */
  timeoutSeconds?: pulumi.Input<number>;
}
