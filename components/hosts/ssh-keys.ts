import { createPrivateKey } from "node:crypto";
import type { Rule } from "../checks/problems";

/**
 * The parts of a text in SSH's wire form: each is preceded by its length (RFC 4251 section 5). Undefined where one is
 * cut short.
 */
function parts(bytes: Buffer): Buffer[] | undefined {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    found.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return found;
}

const POINTS: Readonly<Record<string, number>> = { nistp256: 65, nistp384: 97, nistp521: 133 };

/** True for a public key of this type that has all its bytes (RFC 8709, RFC 5656). */
function isPublicKey(type: string, bytes: Buffer): boolean {
  const [name, ...rest] = parts(bytes) ?? [];
  if (name?.toString() !== type) return false;
  if (type === "ssh-ed25519") return rest.length === 1 && rest[0]?.length === 32;
  const [curve, point] = rest;
  return rest.length === 2 && type.endsWith(`-${String(curve)}`) && point?.length === POINTS[String(curve)];
}

/** A host key that can be pinned. An RSA key can't: the connection fails with "no common algorithm". */
export const hostKey: Rule<string> = (value) => {
  const expected = 'a line "ssh-ed25519 AAAA..." or "ecdsa-sha2-nistp256 AAAA..."';
  const [, type = "", base64 = ""] =
    /^(ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)) (AAAA[A-Za-z0-9+/]+={0,2})( [^\n]*)?\n?$/.exec(value) ?? [];
  if (type === "") return { expected };
  if (isPublicKey(type, Buffer.from(base64, "base64"))) return undefined;
  return { expected, got: `a key that is cut short, or not of type ${type}` };
};

const MAGIC = "openssh-key-v1\0";

/** What is wrong with a key in OpenSSH's own form (its PROTOCOL.key); undefined for nothing. */
function opensshFault(value: string): string | undefined {
  const [, base64 = ""] =
    /-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)-----END OPENSSH PRIVATE KEY-----/.exec(value) ?? [];
  const bytes = Buffer.from(base64, "base64");
  if (bytes.subarray(0, MAGIC.length).toString() !== MAGIC) return "one that is cut short";
  const body = bytes.subarray(MAGIC.length);
  const cipher = body.length > 4 ? body.subarray(4, 4 + body.readUInt32BE(0)).toString() : "";
  if (cipher !== "none") return cipher === "" ? "one that is cut short" : "one with a passphrase";
  // cipher, kdf and its options, then the number of keys, the public one and the private part
  const head = 4 + 4 + 4 + 4 + 4;
  return parts(body.subarray(head + 4))?.length === 2 ? undefined : "one that is cut short";
}

/** An SSH private key without a passphrase, in PEM or OpenSSH's form. */
export const sshPrivateKey: Rule<string> = (value) => {
  const expected = "an SSH private key without a passphrase that begins with -----BEGIN ... PRIVATE KEY-----";
  if (!/^\s*-----BEGIN [A-Z ]*PRIVATE KEY-----\s/.test(value)) return { expected, got: "a text that is none" };
  if (/ENCRYPTED/.test(value)) return { expected, got: "one with a passphrase" };
  if (value.includes("OPENSSH")) {
    const got = opensshFault(value);
    return got === undefined ? undefined : { expected, got };
  }
  try {
    createPrivateKey(value);
    return undefined;
  } catch {
    return { expected, got: "one that can't be read" };
  }
};
