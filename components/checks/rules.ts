import { domainToASCII } from "node:url";
import { isIP } from "node:net";
import { Rule } from "./problems";

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/** True for a DNS host name in its ASCII form: labels of 1-63 letters, digits and hyphens, 253 in all (RFC 1123). */
export function isHostName(value: string): boolean {
  return value.length <= 253 && value.split(".").every((label) => LABEL.test(label)) && isIP(value) === 0;
}

/**
 * A host name under which others reach something: at least two labels, no port, no scheme, no trailing dot.
 * An internationalized name is accepted as it is written; `domainToASCII` gives its wire form.
 */
export function hostName(advice: string): Rule<string> {
  return (value) => {
    const ascii = domainToASCII(value);
    if (typeof value === "string" && ascii.includes(".") && isHostName(ascii)) return undefined;
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
