import { createPrivateKey, createPublicKey } from "node:crypto";

/** Text of JSON, and of JSON in it, with its lines as lines. */
export const unescaped = (text: string): string => text.replace(/\\+n/g, "\n");

/**
 * What must not be seen anywhere, out of a text with everything in the clear: each line of each private key, but for
 * those that hold nothing but its public half (an RSA key has its modulus in it), and what else is given.
 */
export function secretPieces(clear: string, more: readonly string[]): string[] {
  const keys = [...unescaped(clear).matchAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----\n([^-]+)-----END [A-Z ]*-----/g)];
  const publics = [...keys.flatMap(([pem]) => publicHalf(pem)), ...publicLines(clear)];
  const lines = keys.flatMap(([, body = ""]) => secretLines(body, publics));
  return [...new Set([...lines, ...more])];
}

function secretLines(body: string, publics: readonly Buffer[]): string[] {
  const bytes = Buffer.from(body, "base64");
  let at = 0;
  return body.split("\n").filter((line) => {
    const part = bytes.subarray(Math.ceil((at * 3) / 4), Math.floor(((at + line.length) * 3) / 4));
    at += line.length;
    return line.length > 40 && !publics.some((each) => each.includes(part));
  });
}

/** Public keys in OpenSSH's form, which is part of the private one. */
function publicLines(clear: string): Buffer[] {
  const lines = [...clear.matchAll(/(?:ssh-[a-z0-9]+|ecdsa-sha2-nistp\d+) (AAAA[A-Za-z0-9+/]+)/g)];
  return lines.map(([, blob = ""]) => Buffer.from(blob, "base64"));
}

/** Nothing for a key that Node can't read, as one in OpenSSH's form; the stack has it in the other forms too. */
function publicHalf(pem: string): Buffer[] {
  try {
    return [createPublicKey(createPrivateKey(pem)).export({ format: "der", type: "spki" })];
  } catch {
    return [];
  }
}

/** Where a text shows one of these: the JSON member that holds it, or what stands before, but not the piece itself. */
export function where(text: string, secrets: readonly string[]): string[] {
  return secrets.flatMap((secret) => {
    const at = text.indexOf(secret);
    if (at < 0) return [];
    const before = text.slice(0, at);
    const [urn = ""] = before.match(/"urn": ?"[^"]*"(?![^]*"urn": ?")/) ?? [];
    const [member = before.slice(-40)] = before.match(/"[\w-]+": ?"(?![^]*"[\w-]+": ?")/) ?? [];
    return [`${member} ${urn}`];
  });
}
