import { createPrivateKey } from "node:crypto";
import { type Rule, shown } from "../checks/problems";
import { asciiName, isHostName, matches } from "../checks/rules";

const NAMES = "1-100 different host names such as registry.example.com";

/**
 * Names that a certificate can have: 1-100 different host names of two labels or more, IDN too, and wildcards if
 * allowed.
 */
export function certificateNames(wildcards: boolean): Rule<string[]> {
  return (names) => {
    const expected = wildcards ? NAMES : `${NAMES}; a wildcard needs dns01`;
    if (names.length === 0 || names.length > 100) return { expected };
    const bad = names.filter((name) => !isCertificateName(name, wildcards));
    if (bad.length > 0) return { expected, got: shown(bad) };
    const wire = names.map(wireName);
    const twice = wire.filter((name, index) => wire.indexOf(name) !== index);
    return twice.length > 0 ? { expected, got: `${shown(twice)} twice` } : undefined;
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
export const acmeDirectory: Rule<string> = (value) =>
  value === "staging" || value === "production" || isHttpsUrl(value)
    ? undefined
    : { expected: '"staging", "production" or the https URL of an ACME directory' };

function isHttpsUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return protocol === "https:" && username === "" && password === "";
}

/** A mail address. */
export const mailAddress = matches("a mail address", /^(?=.{1,254}$)[^\s@,?&:]+@[^\s@]+\.[^\s@]+$/);

/** An HMAC key as CAs give it: base64url, 16 bytes or more. */
export const hmacKey = matches("base64url of 16 bytes or more", /^[A-Za-z0-9_-]{22,}=*$/);

/** Part of a resource's name. */
export const generation = matches("1-63 letters, digits, '.' and '-'", /^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/);

/** A private key that can sign for an ACME account: EC on P-256, P-384 or P-521, or RSA of 2048 bits or more. */
export const accountKey: Rule<string> = (pem) => {
  const expected = "an unencrypted PEM private key, EC (P-256, P-384, P-521) or RSA (2048 bits or more)";
  if (isAccountKey(pem)) return undefined;
  return { expected, got: /ENCRYPTED/.test(pem) ? "one with a passphrase" : "something else" };
};

function isAccountKey(pem: string): boolean {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(pem);
    if (asymmetricKeyType === "rsa") return (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
    const curves = ["prime256v1", "secp384r1", "secp521r1"];
    return asymmetricKeyType === "ec" && curves.includes(asymmetricKeyDetails?.namedCurve ?? "");
  } catch {
    return false;
  }
}
