import { domainToASCII } from "node:url";
import { isIP } from "node:net";
import { Rule } from "./problems";

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/** True for a DNS host name in its ASCII form: labels of 1-63 letters, digits and hyphens, 253 in all (RFC 1123). */
export function isHostName(value: string): boolean {
  return value.length <= 253 && value.split(".").every((label) => LABEL.test(label)) && isIP(value) === 0;
}

/**
 * A name in its ASCII form, lower case (RFC 5890); empty if it can't be one. What Node's own function makes of a text with
 * a path, a port or a line's end in it is a name too, so such a text is refused here.
 */
export function asciiName(value: unknown): string {
  return typeof value === "string" && !/[\s\p{Cc}%/\\?#@:[\]]/u.test(value) ? domainToASCII(value) : "";
}

/**
 * A host name under which others reach something: at least two labels, no port, no scheme, no trailing dot.
 * An internationalized name is accepted as it is written; `domainToASCII` gives its wire form.
 */
export function hostName(advice: string): Rule<string> {
  return (value) => {
    const ascii = asciiName(value);
    if (ascii.includes(".") && isHostName(ascii)) return undefined;
    return { expected: "a host name such as registry.example.com, without scheme, port or path", advice };
  };
}

/** A host name or an IP address to connect to. */
export function hostOrAddress(advice: string): Rule<string> {
  return (value) =>
    typeof value === "string" && (isIP(value) !== 0 || isHostName(value.toLowerCase()))
      ? undefined
      : { expected: "a host name or an IP address", advice };
}

/** A whole number in a closed range. */
export function integer(min: number, max: number, advice: string): Rule<number> {
  return (value) =>
    Number.isInteger(value) && value >= min && value <= max ? undefined : { expected: `${min}-${max}`, advice };
}

/** Where a page is below a host's name: `/`, or parts between slashes that no server reads as something else, and not the registry's API. */
export const basePath: Rule<string> = (value) =>
  typeof value === "string" &&
  /^\/(?!v2\/|\.private-registry\/)(?:(?!\.{1,2}\/)[A-Za-z0-9._~-]{1,64}\/){0,8}$/.test(value)
    ? undefined
    : { expected: "a path such as /ui/, with a slash at both ends, other than /v2/", advice: "leave it out to use /" };

/** A TCP port, 1-65535. */
export function port(standard: number): Rule<number> {
  return integer(1, 65535, `leave it out to use ${standard}`);
}

/** A Kubernetes NodePort, 30000-32767. */
export function nodePort(standard: number): Rule<number> {
  return integer(30000, 32767, `leave it out to use ${standard}`);
}

/** A name that a Kubernetes object can have: RFC 1123 subdomain, at most 253 characters. */
export function objectName(standard: string): Rule<string> {
  return (value) =>
    typeof value === "string" && isHostName(value)
      ? undefined
      : { expected: "lower-case letters, digits, '-' and '.', 253 at most", advice: `leave it out to use ${standard}` };
}

/** A text that is there, of at most `max` characters and without control characters. */
export function text(max: number, advice: string): Rule<string> {
  return (value) =>
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    typeof value === "string" && value.length > 0 && value.length <= max && !/[\u0000-\u001f\u007f]/.test(value)
      ? undefined
      : { expected: `a text of 1-${max} characters without control characters`, advice };
}

/** An absolute path of letters, digits and `._-/@+`, without `.` or `..` parts. */
export function absolutePath(advice: string): Rule<string> {
  return (value) =>
    typeof value === "string" && /^(\/[A-Za-z0-9._@+-]+)+$/.test(value) && !/\/\.{1,2}(\/|$)/.test(value)
      ? undefined
      : { expected: "an absolute path of letters, digits and ._-@+", advice };
}

/** A whole number from `min` on. */
export function atLeast(min: number, advice: string): Rule<number> {
  return (value) =>
    Number.isSafeInteger(value) && value >= min ? undefined : { expected: `a whole number from ${min} on`, advice };
}

/** The name of a file in a secret or config map: letters, digits and `._-`, 253 at most. */
export function dataKey(standard: string): Rule<string> {
  return (value) =>
    typeof value === "string" && /^[A-Za-z0-9._-]{1,253}$/.test(value) && !value.startsWith("..")
      ? undefined
      : { expected: "a file name of letters, digits and ._-", advice: `leave it out to use ${standard}` };
}

/** A name that a Kubernetes namespace, or any object that becomes a DNS label, can have (RFC 1123), at most 63 characters. */
export function labelName(standard: string): Rule<string> {
  return (value) =>
    typeof value === "string" && LABEL.test(value)
      ? undefined
      : { expected: "lower-case letters, digits and '-', 63 at most", advice: `leave it out to use ${standard}` };
}

/** The value of a Kubernetes label: empty, or at most 63 letters, digits and `._-`, first and last a letter or digit. */
export function labelValue(advice: string): Rule<string> {
  return (value) =>
    typeof value === "string" && /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/.test(value)
      ? undefined
      : { expected: "63 letters, digits and ._- at most, first and last a letter or digit", advice };
}

/** An amount of CPU or memory as Kubernetes writes it: "100m", "0.5", "100Mi". */
export function quantity(standard: string): Rule<string> {
  return (value) =>
    typeof value === "string" && /^\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei)?$/.test(value)
      ? undefined
      : { expected: "an amount such as 100m or 100Mi", advice: `leave it out to use ${standard}` };
}

/** A container image with a tag or a digest, so that a restart can't bring another one. */
export function image(standard: string): Rule<string> {
  return (value) =>
    typeof value === "string" &&
    /^[a-z0-9][^\s@]*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|@sha256:[a-f0-9]{64})$/.test(value)
      ? undefined
      : { expected: "an image with a tag or digest, such as registry:2", advice: `leave it out to use ${standard}` };
}

/** Environment variables by name. A value is never shown. */
export function variables(advice: string): Rule<Record<string, string>> {
  return (value) => {
    const entries = Object.entries(value);
    const wrongName = entries.find(([name]) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
    const expected = "texts by variable name (letters, digits and _)";
    if (wrongName) return { expected, advice, got: `the name ${JSON.stringify(wrongName[0])}` };
    const wrongValue = entries.find(([, text]) => typeof text !== "string" || text.includes("\0"));
    return wrongValue && { expected, advice, got: `for ${wrongValue[0]} something that is no text` };
  };
}

/** Text in PEM with at least one block of the given kind: "CERTIFICATE", "PRIVATE KEY". The text is never shown. */
export function pem(kind: string, advice: string): Rule<string> {
  const block = new RegExp(`-----BEGIN ([A-Z0-9 ]+ )?${kind}-----\\r?\\n[\\s\\S]+?-----END ([A-Z0-9 ]+ )?${kind}-----`);
  return (value) =>
    typeof value === "string" && block.test(value)
      ? undefined
      : { expected: `PEM with a ${kind} block`, advice, got: value ? "a text without one" : "nothing" };
}

/** A range of IP addresses in CIDR notation: `192.0.2.10/32`, `2001:db8::/64`. */
export function cidr(advice: string): Rule<string> {
  return (value) => {
    const [address = "", bits = "", ...more] = typeof value === "string" ? value.split("/") : [];
    const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
    return more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= longest
      ? undefined
      : { expected: "a range of addresses such as 192.0.2.10/32", advice };
  };
}

/** When a job runs: five fields of cron. */
export function cronSchedule(standard: string): Rule<string> {
  return (value) =>
    typeof value === "string" && /^(\S+ ){4}\S+$/.test(value)
      ? undefined
      : { expected: "five fields of cron", advice: `leave it out to use ${standard}` };
}

/** One of the values of an enum. */
export function oneOf(values: readonly string[], advice: string): Rule<string> {
  return (value) => (values.includes(value) ? undefined : { expected: `one of ${values.join(", ")}`, advice });
}
