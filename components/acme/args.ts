import type * as pulumi from "@pulumi/pulumi";
import type { Revocation } from "./revocation";

export { Revocation } from "./revocation";

/** Kinds of certificate keys. */
export enum KeyType {
  /** ECDSA on P-256: the cheapest handshakes. */
  EcdsaP256 = "ecdsa-p256",
  EcdsaP384 = "ecdsa-p384",
  Rsa2048 = "rsa-2048",
  Rsa3072 = "rsa-3072",
  Rsa4096 = "rsa-4096",
}

/** An account at the CA outside of ACME, which some CAs want a new account to be bound to (RFC 8555 section 7.3.4). */
export interface ExternalAccountArgs {
  /** The key's id, as the CA gave it. */
  keyId: pulumi.Input<string>;
  /** The HMAC key, base64url, as the CA gave it. A secret. */
  hmacKey: pulumi.Input<string>;
}

/** What a certificate is asked for with. */
export interface AcmeCertificateArgs {
  /**
   * The DNS names of the certificate, 1 to 100, each reachable on port 80 from the CA. Names with other letters than
   * ASCII are given to the CA in their ASCII form.
   */
  names: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * The CA's ACME directory: "staging" or "production" (both Let's Encrypt's), or an https URL. Default "staging", whose
   * certificates no browser trusts, but which has no weekly limit.
   */
  directory?: pulumi.Input<string>;
  /** Root certificates, PEM, for the directory's own HTTPS, beside the system's. Needed for a private CA only. */
  directoryCaPem?: pulumi.Input<string>;
  /** Mail addresses for the account, 10 at most. Default none. */
  contacts?: pulumi.Input<pulumi.Input<string>[]>;
  /** True if you agree to the CA's terms of service; without it no account is made. */
  termsAgreed: pulumi.Input<boolean>;
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
   * Renew this many hours before the end, 1 to 87600, whatever the CA suggests. By default the CA's own window decides
   * (RFC 9773), and where there is none, two thirds of the lifetime.
   */
  renewBeforeHours?: pulumi.Input<number>;
  /** The longest that one issuance may take in all, 10 to 3600 seconds. Default 300. */
  timeoutSeconds?: pulumi.Input<number>;
}
