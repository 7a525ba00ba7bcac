import { createHash, createHmac, createPublicKey, X509Certificate } from "node:crypto";

/** What stands for a secret where people read. */
export const NOT_SHOWN = "[secret]";

/** What is public in a chain or a set of roots, PEM: a few lines for each certificate. */
export function certificateFacts(pem: string): string {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return found.map(oneCertificate).join("\n");
}

function oneCertificate(pem: string): string {
  try {
    const certificate = new X509Certificate(pem);
    const line = (text: string): string => text.trim().split("\n").join(", ");
    return [
      ...(certificate.subject ? [`subject: ${line(certificate.subject)}`] : []),
      ...(certificate.subjectAltName ? [`names: ${certificate.subjectAltName}`] : []),
      `issuer: ${line(certificate.issuer ?? "")}`,
      `serial: ${certificate.serialNumber.toLowerCase()}`,
      `valid: ${certificate.validFrom} to ${certificate.validTo}`,
      `SHA-256: ${certificate.fingerprint256}`,
      "",
    ].join("\n");
  } catch {
    return `not readable as a certificate; SHA-256 of its text: ${createHash("sha256").update(pem).digest("hex")}\n`;
  }
}

/** What is public of a private key, PEM: its kind, and the SHA-256 of its public half, from which nobody gets to it. */
export function keyFacts(pem: string): string {
  try {
    const key = createPublicKey(pem);
    const sum = createHash("sha256")
      .update(key.export({ type: "spki", format: "der" }))
      .digest("hex");
    return `${NOT_SHOWN}: a key (${key.asymmetricKeyType}); SHA-256 of its public half: ${sum}\n`;
  } catch {
    return `${NOT_SHOWN}\n`;
  }
}

/**
 * 12 hex digits that change with a secret and tell nothing of it: whoever wants to try guesses needs the key, which is
 * a private key of the stack.
 */
export function markOf(secret: string, keyPem: string, purpose: string): string {
  return createHmac("sha256", keyPem).update(`private-registry mark\n${purpose}\n${secret}`).digest("hex").slice(0, 12);
}
