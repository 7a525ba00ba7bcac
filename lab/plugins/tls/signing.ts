import { createPublicKey, KeyObject, sign } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier, SubjectPublicKeyInfo } from "@peculiar/asn1-x509";

interface Signing {
  hash: string | null;
  oid: string;
  parameters?: null;
}

const RSA: Signing = { hash: "sha256", oid: "1.2.840.113549.1.1.11", parameters: null };
const ED25519: Signing = { hash: null, oid: "1.3.101.112" };
/** By curve; those that aren't here take SHA-256. */
const ECDSA: Record<string, Signing> = {
  secp384r1: { hash: "sha384", oid: "1.2.840.10045.4.3.3" },
  secp521r1: { hash: "sha512", oid: "1.2.840.10045.4.3.4" },
};
const ECDSA_SHA256: Signing = { hash: "sha256", oid: "1.2.840.10045.4.3.2" };

/** The signature algorithm that goes with a key. */
export function signatureAlgorithm(key: KeyObject): AlgorithmIdentifier {
  const { oid, parameters } = signingOf(key);
  return new AlgorithmIdentifier({ algorithm: oid, ...(parameters === undefined ? {} : { parameters }) });
}

/** Signs an ASN.1 structure. */
export function signStructure(structure: unknown, key: KeyObject): ArrayBuffer {
  const signature = sign(signingOf(key).hash, Buffer.from(AsnConvert.serialize(structure)), key);
  return new Uint8Array(signature).buffer;
}

/** A key's public part as certificates hold it. */
export function publicKeyInfo(key: KeyObject): SubjectPublicKeyInfo {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return AsnConvert.parse(publicKey.export({ type: "spki", format: "der" }), SubjectPublicKeyInfo);
}

function signingOf(key: KeyObject): Signing {
  if (key.asymmetricKeyType === "rsa") return RSA;
  if (key.asymmetricKeyType === "ed25519") return ED25519;
  return ECDSA[key.asymmetricKeyDetails?.namedCurve ?? ""] ?? ECDSA_SHA256;
}
