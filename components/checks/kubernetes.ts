import { cronFault } from "./cron";
import type { Rule } from "./problems";
import { isHostName, matches } from "./rules";

/** A name that a Kubernetes object can have: RFC 1123 subdomain, at most 253 characters. */
export const objectName: Rule<string> = (value) =>
  isHostName(value) ? undefined : { expected: "lower-case letters, digits, '-' and '.', 253 at most" };

/** Service accounts as the subjects of their tokens: one, or all of a namespace whose names fit a pattern. */
export const serviceAccount = matches(
  "system:serviceaccount:NAMESPACE:NAME, where a * may stand for the name",
  /^system:serviceaccount:(?!-)[a-z0-9-]{1,63}(?<!-):[a-z0-9*](?:[a-z0-9.*-]{0,190})$/,
);

/**
 * A name that a Kubernetes namespace, or any object that becomes a DNS label, can have (RFC 1123), at most 63
 * characters.
 */
export const labelName = matches("lower-case letters, digits and '-', 63 at most", /^(?!-)[a-z0-9-]{1,63}(?<!-)$/);

/** A node's name, which need not be the value of its label `kubernetes.io/hostname`. */
export const nodeName: Rule<string> = (value) =>
  isHostName(value)
    ? undefined
    : { expected: "a node's name of lower-case letters, digits, '-' and '.', 253 at most, 63 between dots" };

/**
 * The value of a Kubernetes label: empty, or at most 63 letters, digits and `._-`, first and last a letter or digit.
 */
export const labelValue = matches(
  "63 letters, digits and ._- at most, first and last a letter or digit",
  /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/,
);

/** The key of a label or annotation: a name of 63 characters, and before a slash a domain where there is one. */
export const labelKey: Rule<string> = (value) => {
  const [name = "", domain, ...more] = value.split("/").reverse();
  const fine = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(name) && more.length === 0;
  return fine && (domain === undefined || isHostName(domain))
    ? undefined
    : { expected: "63 letters, digits and ._- at most, with a domain and a slash before them or without" };
};

/** The name of a file in a secret or config map: letters, digits and `._-`, 253 at most. */
export const dataKey = matches("a file name of letters, digits and ._-", /^(?!\.\.|\.$)[A-Za-z0-9._-]{1,253}$/);

/** An amount of CPU as Kubernetes writes it: "100m", "0.5". */
export const cpuQuantity = matches("an amount of CPU such as 100m or 0.5", /^(?!0+(\.0+)?m?$)\d+(\.\d{1,3}|m)?$/);

/** Cores of an amount of CPU: 0.1 for "100m". NaN if it is none. */
export function coresOf(amount: string): number {
  return cpuQuantity(amount) ? NaN : Number(amount.replace("m", "e-3"));
}

const BYTES = { "": 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** An amount of memory as Kubernetes writes it: "100Mi". One below a megabyte is none. */
export const memoryQuantity: Rule<string> = (value) =>
  bytesOf(value) >= 1e6 ? undefined : { expected: "an amount of memory such as 100Mi or 2Gi" };

/** Bytes of an amount of memory: 1024 for "1Ki". NaN if it is none. */
export function bytesOf(amount: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)(k|[MGT]|[KMGT]i)?$/.exec(amount) ?? [];
  return Number(number) * BYTES[unit as keyof typeof BYTES];
}

/** A container image with a tag or a digest, so that a restart can't bring another one. */
export const image: Rule<string> = (value) => {
  const form = /^[a-z0-9][^\s@]*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|@sha256:[a-f0-9]{64})$/;
  const expected = "an image with a tag or digest, such as registry:3";
  if (!form.test(value)) return { expected };
  return value.endsWith(":latest")
    ? { expected: `${expected}, and not latest, which is another one tomorrow` }
    : undefined;
};

/** An image of the registry: version 2 or 3. Another name may have any tag. */
export const registryImage: Rule<string> = (value) =>
  image(value) ??
  (/(^|\/)registry:[01](\.|$)/.test(value) ? { expected: "an image of version 2 or 3 of the registry" } : undefined);

/** The name of a variable. */
export const variableName = matches("letters, digits and _", /^[A-Za-z_][A-Za-z0-9_]*$/);

/** The text of a variable. */
export const variableText: Rule<string> = (value) =>
  value.includes("\0") ? { expected: "a text without a NUL character" } : undefined;

/** When a job runs: five fields of cron. */
export const cronSchedule: Rule<string> = (value) => {
  const fault = cronFault(value);
  const expected = "five fields of cron, such as 0 4 * * 0";
  return fault === undefined ? undefined : { expected: fault === "" ? expected : `${expected} (${fault})` };
};
