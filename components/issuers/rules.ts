import { createPrivateKey, X509Certificate } from "node:crypto";
import { Complaint, Rule, shown } from "../checks/problems";
import { asciiName, isHostName } from "../checks/rules";
import { splitChain } from "../chain/chain";

/** Names that a certificate can have: 1-100 different host names of two labels or more, IDN too, and wildcards if allowed. */
export function certificateNames(wildcards: boolean): Rule<string[]> {
  return (names) => {
    const expected = "1-100 different host names such as registry.example.com";
    const advice = wildcards
      ? "list every name, without scheme, port or path"
      : "list every name under which the sites are reached, without scheme, port or path; a wildcard needs dns01";
    if (!Array.isArray(names) || names.length === 0 || names.length > 100) return { expected, advice };
    const bad = names.filter((name) => !isCertificateName(name, wildcards));
    if (bad.length > 0) return { expected, advice, got: shown(bad) };
    const wire = names.map(wireName);
    const twice = wire.filter((name, index) => wire.indexOf(name) !== index);
    return twice.length > 0 ? { expected, advice, got: `${shown(twice)} twice` } : undefined;
  };
}

/** A name in the form in which the CA gets it: ASCII, lower case (RFC 5890). */
export function wireName(name: string): string {
  return name.startsWith("*.") ? `*.${asciiName(name.slice(2))}` : asciiName(name);
}

function isCertificateName(name: unknown, wildcards: boolean): boolean {
  const ascii = asciiName(typeof name === "string" && wildcards ? name.replace(/^\*\./, "") : name);
  return ascii.includes(".") && isHostName(ascii);
}

/** "staging", "production" or an https URL without a password in it. */
export const acmeDirectory: Rule<string> = (value) => {
  if (value === "staging" || value === "production" || isHttpsUrl(value)) return undefined;
  return {
    expected: '"staging", "production" or the https URL of an ACME directory',
    advice: "leave it out to use Let's Encrypt's \"staging\", whose certificates browsers do not trust",
  };
};

function isHttpsUrl(value: unknown): boolean {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return protocol === "https:" && username === "" && password === "";
}

/** Mail addresses, ten at most. */
export const mailAddresses: Rule<string[]> = (addresses) => {
  const fine = Array.isArray(addresses) && addresses.length <= 10 && addresses.every(isMailAddress);
  return fine
    ? undefined
    : { expected: "at most 10 mail addresses", advice: 'write them as "someone@example.com", without "mailto:"' };
};

function isMailAddress(value: unknown): boolean {
  return typeof value === "string" && value.length <= 254 && /^[^\s@,?&:]+@[^\s@]+\.[^\s@]+$/.test(value);
}

/** An HMAC key as CAs give it: base64url, 16 bytes or more. */
export const hmacKey: Rule<string> = (value) =>
  typeof value === "string" && /^[A-Za-z0-9_-]{22,}=*$/.test(value)
    ? undefined
    : { expected: "base64url of 16 bytes or more", advice: "copy the HMAC key of the external account from the CA" };

/** Part of a resource's name. */
export const generation: Rule<string> = (value) =>
  typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/.test(value)
    ? undefined
    : { expected: "1-63 letters, digits, '.' and '-'", advice: "leave it out until the key has to be replaced" };

/** True or false, nothing else. */
export const yesOrNo: Rule<boolean> = (value) =>
  typeof value === "boolean" ? undefined : { expected: "true or false", advice: "write it without quotes" };

/** One or more PEM certificates. */
export const certificateBundle: Rule<string> = (pem) => {
  const complaint: Complaint = {
    expected: "one or more PEM certificates",
    advice: "give the text of the file, from -----BEGIN CERTIFICATE----- on",
    got: typeof pem === "string" ? `${pem.length} characters` : shown(pem),
  };
  if (typeof pem !== "string") return complaint;
  const blocks = splitChain(pem);
  try {
    blocks.forEach((block) => new X509Certificate(block));
  } catch {
    return { ...complaint, got: "a certificate that can't be read" };
  }
  return blocks.length > 0 ? undefined : complaint;
};

/** A private key that can sign for an ACME account: EC on P-256, P-384 or P-521, or RSA of 2048 bits or more. */
export const accountKey: Rule<string> = (pem) =>
  isAccountKey(pem)
    ? undefined
    : {
        expected: "an unencrypted PEM private key, EC (P-256, P-384, P-521) or RSA (2048 bits or more)",
        advice: "leave it out to have one made",
      };

function isAccountKey(pem: unknown): boolean {
  if (typeof pem !== "string") return false;
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(pem);
    if (asymmetricKeyType === "rsa") return (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
    const curves = ["prime256v1", "secp384r1", "secp521r1"];
    return asymmetricKeyType === "ec" && curves.includes(asymmetricKeyDetails?.namedCurve ?? "");
  } catch {
    return false;
  }
}
