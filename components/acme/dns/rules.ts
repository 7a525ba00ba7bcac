import { isIP } from "node:net";
import type { Rule } from "../../checks/problems";
import { isHostName, matches } from "../../checks/rules";
import { parseServer } from "./zone";

/** A name server: host name or address, with a port if it is not 53. */
export const nameServer: Rule<string> = (value) => {
  const { host, port } = parseServer(value);
  const fine = (isIP(host) !== 0 || isHostName(host.toLowerCase())) && port > 0 && port < 65_536;
  return fine && value !== "" ? undefined : { expected: 'a host name or an IP address, with ":port" if it is not 53' };
};

/** A name in the DNS, one label or more, with a last dot or without. */
export const dnsName = matches(
  "a name of letters, digits, '-', '_' and '.'",
  /^(?=.{1,253}$)([A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?$/,
);

/** A TSIG key in base64, 16 bytes or more. */
export const tsigSecret = matches("base64 of 16 bytes or more", /^[A-Za-z0-9+/]{22,}={0,2}$/);

/** A program, or an argument of it. */
export const argument: Rule<string> = (value) =>
  value.includes("\0") ? { expected: "a text without a NUL character" } : undefined;
