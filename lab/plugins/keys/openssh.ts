import { createPublicKey, KeyObject, randomBytes } from "node:crypto";

/** OpenSSH's names of the curves that JWK and node name otherwise (RFC 5656, section 10.1). */
const CURVES: Record<string, string> = { "P-256": "nistp256", "P-384": "nistp384", "P-521": "nistp521" };
const MAGIC = "openssh-key-v1\0";
const CIPHER_BLOCK = 8;

/**
 * A public key as SSH sends it (RFC 4253, section 6.6; RFC 5656; RFC 8709).
 * @returns Nothing for a key that SSH doesn't know, as one on the curve P-224.
 */
export function sshPublicKey(key: KeyObject): { type: string; blob: Buffer } | undefined {
  if (key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "secp224r1") return undefined;
  const jwk = (key.type === "private" ? createPublicKey(key) : key).export({ format: "jwk" });
  const decode = (part: string | undefined): Buffer => Buffer.from(part ?? "", "base64url");
  if (jwk.kty === "RSA") return typed("ssh-rsa", number(decode(jwk.e)), number(decode(jwk.n)));
  if (jwk.kty === "OKP" && jwk.crv === "Ed25519") return typed("ssh-ed25519", text(decode(jwk.x)));
  const curve = CURVES[jwk.crv ?? ""];
  if (!curve) return undefined;
  const point = Buffer.concat([Buffer.of(4), decode(jwk.x), decode(jwk.y)]);
  return typed(`ecdsa-sha2-${curve}`, text(curve), text(point));
}

/**
 * A private key in OpenSSH's own file format, without a password (openssh-portable, PROTOCOL.key).
 * @returns Nothing for a key that SSH doesn't know.
 */
export function opensshPrivateKey(key: KeyObject): string | undefined {
  const publicKey = sshPublicKey(key);
  if (!publicKey) return undefined;
  const check = randomBytes(4);
  const plain = Buffer.concat([check, check, text(publicKey.type), secretPart(key), text("")]);
  const block = Buffer.concat([plain, padding(plain.length)]);
  const count = Buffer.from([0, 0, 0, 1]);
  return pem("OPENSSH PRIVATE KEY", [
    Buffer.from(MAGIC),
    text("none"),
    text("none"),
    text(""),
    count,
    text(publicKey.blob),
    text(block),
  ]);
}

/** PEM as every other tool writes it: lines of 64, a line break at the end (RFC 7468). */
export function pem(label: string, parts: readonly Uint8Array[]): string {
  const lines =
    Buffer.concat(parts)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

function secretPart(key: KeyObject): Buffer {
  const jwk = key.export({ format: "jwk" }) as Record<string, string>;
  const decode = (part: string): Buffer => Buffer.from(jwk[part] ?? "", "base64url");
  switch (jwk["kty"] ?? "") {
    case "RSA":
      return Buffer.concat(["n", "e", "d", "qi", "p", "q"].map((part) => number(decode(part))));
    case "OKP":
      return Buffer.concat([text(decode("x")), text(Buffer.concat([decode("d"), decode("x")]))]);
    default: {
      const point = Buffer.concat([Buffer.of(4), decode("x"), decode("y")]);
      return Buffer.concat([text(CURVES[jwk["crv"] ?? ""] ?? ""), text(point), number(decode("d"))]);
    }
  }
}

function typed(type: string, ...parts: Buffer[]): { type: string; blob: Buffer } {
  return { type, blob: Buffer.concat([text(type), ...parts]) };
}

/** A string of RFC 4251: its length in four bytes, then its bytes. */
function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A positive mpint of RFC 4251: no zeros in front but the one that keeps it positive. */
function number(magnitude: Buffer): Buffer {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const short = magnitude.subarray(start);
  return text((short[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), short]) : short);
}

function padding(length: number): Buffer {
  const missing = (CIPHER_BLOCK - (length % CIPHER_BLOCK)) % CIPHER_BLOCK;
  return Buffer.from(Array.from({ length: missing }, (_, index) => index + 1));
}
