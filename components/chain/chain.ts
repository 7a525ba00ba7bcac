import { createPublicKey, X509Certificate } from "node:crypto";
import { derAt, derElements } from "./der";

/** What a certificate chain says of itself. Times are ISO 8601. */
export interface ChainFacts {
  /** Leaf first, then its issuers, PEM. */
  chainPem: string;
  /** Only the first certificate of the chain. */
  leafPem: string;
  /** The rest of the chain; empty if there is none. */
  issuerPem: string;
  notBefore: string;
  notAfter: string;
  /** Hexadecimal, lower case. */
  serialNumber: string;
  /** SHA-256 of the leaf, 64 hexadecimal digits, lower case. */
  fingerprintSha256: string;
}

/** Splits text into its PEM certificates, each with a trailing newline. */
export function splitChain(pem: string): string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => `${block.replace(/\r/g, "")}\n`);
}

/** Reads a chain. Throws if it holds no certificate, or one that can't be read. */
export function chainFacts(pem: string): ChainFacts {
  const blocks = splitChain(pem);
  const [leafPem, ...issuers] = blocks;
  if (leafPem === undefined) throw new Error("it holds no PEM certificate");
  const leaf = new X509Certificate(leafPem);
  return {
    chainPem: blocks.join(""),
    leafPem,
    issuerPem: issuers.join(""),
    notBefore: isoTime(leaf.validFrom),
    notAfter: isoTime(leaf.validTo),
    serialNumber: leaf.serialNumber.toLowerCase(),
    fingerprintSha256: leaf.fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}

/** Common name of the issuer of a chain's last certificate; empty if it has none. */
export function topIssuer(chainPem: string): string {
  const last = splitChain(chainPem).at(-1);
  return last === undefined ? "" : (/^CN=(.*)$/m.exec(new X509Certificate(last).issuer)?.[1] ?? "");
}

/** What is wanted of a chain. */
export interface ChainRequirements {
  /** Public key of the certificate, PEM (SubjectPublicKeyInfo). */
  publicKeyPem: string;
  /** DNS names in ASCII form, wildcards too. */
  names: readonly string[];
}

/** Says what is wrong with a chain, one text for each fault; empty if it is as wanted. Expiry is not looked at. */
export function chainFaults(pem: string, requirements: ChainRequirements): string[] {
  const certificates = splitChain(pem).map((block) => new X509Certificate(block));
  const [leaf] = certificates;
  if (!leaf) return ["it holds no PEM certificate"];
  const faults: string[] = [];
  if (publicDer(leaf.publicKey.export({ type: "spki", format: "pem" })) !== publicDer(requirements.publicKeyPem)) {
    faults.push("its first certificate is of another key");
  }
  const covered = dnsNames(leaf);
  const missing = requirements.names.filter((name) => !covers(covered, name));
  if (missing.length > 0) faults.push(`it does not cover ${missing.join(", ")} (it covers ${covered.join(", ")})`);
  certificates.slice(1).forEach((issuer, index) => {
    const subject = certificates[index];
    if (subject && !issuedBy(subject, issuer)) {
      faults.push(`its certificate ${index + 2} (${oneLine(issuer.subject)}) did not sign certificate ${index + 1}`);
    }
  });
  return faults;
}

/** The DNS names of a certificate, lower case. */
export function dnsNames(certificate: X509Certificate): string[] {
  return [...(certificate.subjectAltName ?? "").matchAll(/DNS:([^\s,"]+)/g)].map(([, name = ""]) => name.toLowerCase());
}

/**
 * The certificate's id at the CA's renewal information (RFC 9773 section 4.1): base64url of the authority key
 * identifier, a dot, base64url of the serial number. Undefined if the certificate has no authority key identifier.
 */
export function renewalId(leafPem: string): string | undefined {
  const raw = new X509Certificate(leafPem).raw;
  const body = derElements(derAt(raw, [0, 0]).contents);
  const serial = body.find((element) => element.tag === 0x02);
  const identifier = authorityKeyIdentifier(body.find((element) => element.tag === 0xa3)?.contents);
  return serial && identifier
    ? `${identifier.toString("base64url")}.${serial.contents.toString("base64url")}`
    : undefined;
}

const AUTHORITY_KEY_IDENTIFIER = Buffer.from("551d23", "hex");

function authorityKeyIdentifier(extensions: Buffer | undefined): Buffer | undefined {
  if (!extensions) return undefined;
  for (const extension of derElements(derAt(extensions, [0]).contents)) {
    const parts = derElements(extension.contents);
    const value = parts.at(-1);
    if (value && parts[0]?.contents.equals(AUTHORITY_KEY_IDENTIFIER)) {
      return derElements(derAt(value.contents, [0]).contents).find((part) => part.tag === 0x80)?.contents;
    }
  }
  return undefined;
}

function issuedBy(subject: X509Certificate, issuer: X509Certificate): boolean {
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}

/** True if one of the certificate's names is this one, or a wildcard for it (RFC 9525 section 6.3). */
function covers(covered: readonly string[], name: string): boolean {
  const wanted = name.toLowerCase();
  return covered.includes(wanted) || covered.includes(wanted.replace(/^[^.]+\./, "*."));
}

function publicDer(pem: string | Buffer): string {
  return createPublicKey(pem).export({ type: "spki", format: "der" }).toString("base64");
}

/** Node returns undefined for an empty subject, such as that of a certificate that has only alternative names. */
function oneLine(text: string | undefined): string {
  return (text ?? "no subject").replace(/\s+/g, " ").slice(0, 120);
}

function isoTime(text: string): string {
  return `${new Date(text).toISOString().slice(0, 19)}Z`;
}
