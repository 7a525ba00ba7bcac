import { createPrivateKey } from "node:crypto";
import { utils } from "ssh2";
import { opensshPrivateKey } from "../keys/openssh";

/** A pinned host key: its type and its bytes as the server sends them. */
export interface HostKey {
  type: string;
  blob: Buffer;
}

/**
 * Reads a host key in the form of an authorized_keys line: "ssh-ed25519 AAAA...", options and a comment allowed.
 * Throws with the real plugin's message.
 */
export function parseHostKey(text: string): HostKey {
  for (const line of text.split("\n").map((each) => each.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    const words = line.split(/[ \t]+/);
    for (const [index, word] of words.entries()) {
      const blob = Buffer.from(words[index + 1] ?? "", "base64");
      if (word !== "" && blob.length > 4 && typeOf(blob) === word) return { type: word, blob };
    }
  }
  throw new Error("failed to parse host key: ssh: no key found");
}

/**
 * Turns any private key that the real plugin takes (PKCS#1, SEC1, PKCS#8, OpenSSH) into one that `ssh2` takes.
 * Throws with the real plugin's messages, none of which shows a part of the key.
 */
export function readPrivateKey(text: string, passphrase: string | undefined): string {
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text)?.[1];
  if (label === undefined) throw new Error("ssh: no key found");
  const encrypted =
    label === "OPENSSH PRIVATE KEY" ? isEncryptedOpenssh(text) : text.includes("Proc-Type: 4,ENCRYPTED");
  if (encrypted && passphrase === undefined) throw new Error("ssh: this private key is passphrase protected");
  if (!encrypted && passphrase !== undefined) throw new Error("ssh: not an encrypted key");
  if (label === "OPENSSH PRIVATE KEY") return checkOpenssh(text, passphrase);
  if (!["RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY"].includes(label)) {
    throw new Error(`ssh: unsupported key type "${label}"`);
  }
  return convert(text, passphrase);
}

function convert(text: string, passphrase: string | undefined): string {
  try {
    const key = createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) });
    const converted = opensshPrivateKey(key);
    if (converted !== undefined) return converted;
  } catch {
    throw new Error(passphrase === undefined ? "ssh: no key found" : "x509: decryption password incorrect");
  }
  throw new Error("ssh: only P-256, P-384 and P-521 EC keys are supported");
}

function checkOpenssh(text: string, passphrase: string | undefined): string {
  const parsed = utils.parseKey(text, passphrase);
  if (!(parsed instanceof Error)) return passphrase === undefined ? text : parsed.getPrivatePEM();
  throw new Error(passphrase === undefined ? "ssh: no key found" : "x509: decryption password incorrect");
}

/** The cipher's name follows the magic; "none" means that the key isn't encrypted. */
function isEncryptedOpenssh(text: string): boolean {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text)?.[1] ?? "";
  const bytes = Buffer.from(body, "base64");
  return bytes.length > 19 && bytes.toString("latin1", 19, 23) !== "none";
}

function typeOf(blob: Buffer): string {
  const length = blob.readUInt32BE();
  return blob.toString("latin1", 4, 4 + length);
}
