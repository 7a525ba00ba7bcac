import { createPrivateKey, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import type { Rule } from "./problems";

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/** A rule by what it expects and a pattern. */
export function matches(expected: string, pattern: RegExp): Rule<string> {
  return (value) => (pattern.test(value) ? undefined : { expected });
}

/** Whom a token is for, its claim `aud`, as nginx, oauth2-proxy and Kubernetes take it. */
export const audience = matches(
  '1-200 printable characters of ASCII without space, ", \\ and $',
  /^[!#%-[\]-~]{1,200}$/,
);

/** True for a DNS host name in its ASCII form: labels of 1-63 letters, digits and hyphens, 253 in all (RFC 1123). */
export function isHostName(value: string): boolean {
  return value.length <= 253 && value.split(".").every((label) => LABEL.test(label)) && isIP(value) === 0;
}

/**
 * A name in its ASCII form, lower case (RFC 5890); empty if it can't be one. What Node's own function makes of a text
 * with a path, a port or a line's end in it is a name too, so such a text is refused here.
 */
export function asciiName(value: unknown): string {
  return typeof value === "string" && !/[\s\p{Cc}%/\\?#@:[\]]/u.test(value) ? domainToASCII(value) : "";
}

/**
 * A host name under which others reach something: at least two labels, no port, no scheme, no trailing dot. An
 * internationalized name is accepted as it is written; `asciiName` gives its wire form.
 */
export const hostName: Rule<string> = (value) => {
  const ascii = asciiName(value);
  if (ascii.includes(".") && isHostName(ascii)) return undefined;
  return { expected: "a host name such as registry.example.com, without scheme, port or path" };
};

/** A host name or an IP address to connect to. */
export const hostOrAddress: Rule<string> = (value) =>
  isIP(value) !== 0 || isHostName(value.toLowerCase()) ? undefined : { expected: "a host name or an IP address" };

/** True for an IP address without a zone. */
function isAddress(value: string): boolean {
  return isIP(value) !== 0 && !value.includes("%");
}

/** An IP address without a zone. */
export const ipAddress: Rule<string> = (value) => (isAddress(value) ? undefined : { expected: "an IP address" });

/** A range of IP addresses in CIDR notation: `192.0.2.10/32`, `2001:db8::/64`. */
export const cidr: Rule<string> = (value) => {
  const [address = "", bits = "", ...more] = value.split("/");
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return more.length === 0 && isAddress(address) && /^(0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= longest
    ? undefined
    : { expected: "a range of addresses such as 192.0.2.10/32" };
};

/**
 * Where a page is below a host's name: `/`, or parts between slashes that no server reads as something else, and not
 * the registry's API.
 */
export const basePath = matches(
  "a path such as /ui/, with a slash at both ends, other than /v2/",
  /^\/(?!v2\/|\.private-registry\/)(?:(?!\.{1,2}\/)[A-Za-z0-9._~-]{1,64}\/){0,8}$/,
);

/** An absolute path of letters, digits and `._-/@+`, without `.` or `..` parts. */
export const absolutePath = matches(
  "an absolute path of letters, digits and ._-@+",
  /^(?!.*\/\.{1,2}(\/|$))(\/[A-Za-z0-9._@+-]+)+$/,
);

/** A folder that a program may fill and empty: an absolute path outside of what a host itself needs. */
export const cacheFolder: Rule<string> = (value) =>
  absolutePath(value) ??
  (/^\/(?:(?:bin|boot|dev|etc|lib\d*|proc|root|sbin|sys|usr|var\/log)(?:\/|$)|(?:home|mnt|opt|run|srv|tmp|var)$)/.test(
    value,
  )
    ? { expected: "a folder of its own below one such as /srv or /var/cache, and none that the host needs" }
    : undefined);

/** A URL of a server, with http or https. */
export const url: Rule<string> = (value) =>
  URL.canParse(value) && /^https?:\/\/[^\s/]\S*$/.test(value)
    ? undefined
    : { expected: "a URL that begins with https:// or http://" };

/** A URL with https, without a login, a query or a fragment. */
export const httpsUrl: Rule<string> = (value) =>
  URL.canParse(value) && /^https:\/\/[A-Za-z0-9.:[\]-]+(?:\/[A-Za-z0-9._~!&'()*+,=:@%/-]*)?$/.test(value)
    ? undefined
    : { expected: "a URL that begins with https://, without login, query and fragment" };

/** The address of a page, with https, which may have a query. */
export const pageUrl: Rule<string> = (value) =>
  URL.canParse(value) && /^https:\/\/[A-Za-z0-9.:[\]-]+(?:[/?][A-Za-z0-9._~!&()*+,;=:@%/?-]*)?$/.test(value)
    ? undefined
    : { expected: "a URL that begins with https://, without login and fragment" };

/** One or more certificates in PEM, each of which can be read. The text is never shown. */
export const certificates: Rule<string> = (value) => {
  const blocks = value.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const begun = value.match(/-----BEGIN/g)?.length ?? 0;
  const expected = "one or more PEM certificates";
  if (blocks.length === 0) return { expected, got: "a text without one" };
  if (blocks.length !== begun) return { expected, got: "a text with something else in it, or cut short" };
  try {
    blocks.forEach((block) => new X509Certificate(block));
    return undefined;
  } catch {
    return { expected, got: "a certificate that can't be read" };
  }
};

/** An unencrypted private key in PEM. The text is never shown. */
export const keyPem: Rule<string> = (value) => {
  const expected = "an unencrypted PEM private key";
  if (/ENCRYPTED/.test(value)) return { expected, got: "one with a passphrase" };
  try {
    createPrivateKey(value);
    return undefined;
  } catch {
    const got = /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(value) ? "one that can't be read" : "a text without one";
    return { expected, got };
  }
};
