import { createHash, createPrivateKey, createPublicKey, generateKeyPair, KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { opensshPrivateKey, sshPublicKey } from "../keys/openssh";
import { Properties } from "../protocol/values";

/** The kinds of keys. */
export const algorithms = ["RSA", "ECDSA", "ED25519"] as const;
export type Algorithm = (typeof algorithms)[number];

/** The curves, by the names that OpenSSL has for them. */
export const curves: Record<string, string> = {
  P224: "secp224r1",
  P256: "prime256v1",
  P384: "secp384r1",
  P521: "secp521r1",
};

const SMALLEST_RSA_BITS = 1024;

const generate = promisify(generateKeyPair);

/** Makes a private key. Throws for an RSA size below 1024. */
export async function makeKey(algorithm: Algorithm, rsaBits: number, curve: string): Promise<KeyObject> {
  switch (algorithm) {
    case "RSA":
      if (rsaBits < SMALLEST_RSA_BITS) throw new Error(`crypto/rsa: ${rsaBits}-bit keys are insecure`);
      return (await generate("rsa", { modulusLength: rsaBits })).privateKey;
    case "ECDSA":
      return (await generate("ec", { namedCurve: curves[curve] ?? curve })).privateKey;
    case "ED25519":
      return (await generate("ed25519")).privateKey;
  }
}

/** Everything that the state has of a private key, in each of its forms. */
export function privateKeyForms(key: KeyObject): Properties {
  const pkcs8 = key.export({ type: "pkcs8", format: "pem" }) as string;
  const traditional = { rsa: "pkcs1", ec: "sec1" } as const;
  const type = traditional[key.asymmetricKeyType as "rsa" | "ec"] as "pkcs1" | undefined;
  return {
    privateKeyPem: type ? (key.export({ type, format: "pem" }) as string) : pkcs8,
    privateKeyPemPkcs8: pkcs8,
    privateKeyOpenssh: opensshPrivateKey(key) ?? "",
  };
}

/** Everything that the state has of a public key; what SSH has no form for is "". */
export function publicKeyForms(key: KeyObject): Properties {
  const ssh = sshPublicKey(key);
  const digest = (algorithm: string): Buffer =>
    createHash(algorithm)
      .update(ssh?.blob ?? "")
      .digest();
  return {
    publicKeyPem: createPublicKeyOf(key).export({ type: "spki", format: "pem" }) as string,
    publicKeyOpenssh: ssh ? `${ssh.type} ${ssh.blob.toString("base64")}\n` : "",
    publicKeyFingerprintMd5: ssh ? (digest("md5").toString("hex").match(/../g)?.join(":") ?? "") : "",
    publicKeyFingerprintSha256: ssh ? `SHA256:${digest("sha256").toString("base64").replace(/=+$/, "")}` : "",
  };
}

/** The id of a key: the digest of its public part. */
export function keyId(key: KeyObject): string {
  return idOf(createPublicKeyOf(key).export({ type: "spki", format: "der" }));
}

/** SHA-1 in hexadecimal, white space at the end left out, as the real plugin makes ids of bytes. */
export function idOf(bytes: Buffer): string {
  let end = bytes.length;
  while (end > 0 && [9, 10, 11, 12, 13, 32].includes(bytes[end - 1] ?? 0)) end--;
  return createHash("sha1").update(bytes.subarray(0, end)).digest("hex");
}

/** Reads a private key in PKCS#1, SEC1 or PKCS#8 form. Throws with the real plugin's messages. */
export function readKey(pem: string): { key: KeyObject; algorithm: Algorithm } {
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(pem)?.[1];
  if (label === undefined) {
    throw new Error(`failed to decode PEM block: decoded bytes 0, undecoded ${Buffer.byteLength(pem)}`);
  }
  if (!["RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY"].includes(label)) {
    throw new Error(`unsupported PEM preamble/type: ${label}`);
  }
  try {
    const key = createPrivateKey(pem);
    return { key, algorithm: algorithmOf(key) };
  } catch (error) {
    const reason = (error as Error).message;
    throw new Error(`failed to parse private key given PEM preamble '${label}': ${reason}`, { cause: error });
  }
}

function algorithmOf(key: KeyObject): Algorithm {
  const names: Record<string, Algorithm> = { rsa: "RSA", ec: "ECDSA", ed25519: "ED25519" };
  const name = names[key.asymmetricKeyType ?? ""];
  if (!name) throw new Error(`unsupported private key type: ${key.asymmetricKeyType}`);
  return name;
}

function createPublicKeyOf(key: KeyObject): KeyObject {
  return key.type === "private" ? createPublicKey(key) : key;
}
