import { createHash, createPublicKey } from "node:crypto";

/**
 * The thumbprint of an account key (RFC 7638): base64url of the SHA-256 of its JWK in canonical form. It is public and
 * known before any order, and the answer to every HTTP-01 challenge is `<token>.<thumbprint>` (RFC 8555 section 8.1).
 *
 * @param publicKeyPem The account's public key, PEM (SubjectPublicKeyInfo), or its private one: RSA, or EC on P-256,
 * P-384 or P-521.
 * @throws Error if the key is of another kind or can't be read.
 */
export function accountThumbprint(publicKeyPem: string): string {
  const { kty, crv, x, y, e, n } = createPublicKey(publicKeyPem).export({ format: "jwk" });
  if (kty !== "EC" && kty !== "RSA") throw new Error(`an account key must be RSA or EC, got ${kty ?? "another kind"}`);
  const canonical = kty === "EC" ? { crv, kty, x, y } : { e, kty, n };
  return createHash("sha256").update(JSON.stringify(canonical)).digest("base64url");
}
