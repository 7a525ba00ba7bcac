import { isIP } from "node:net";
import { type Rule, shown } from "../../checks/problems";
import { isHostName } from "../../checks/rules";
import { parseServer } from "./zone";

/** A name server: host name or address, with a port if it is not 53. */
export const nameServer: Rule<string> = (value) =>
  isServer(value)
    ? undefined
    : { expected: 'a host name or an IP address, with ":port" if it is not 53', advice: "name the zone's name server" };

/** Name servers, 16 at most. */
export const nameServers: Rule<string[]> = (values) =>
  Array.isArray(values) && values.length <= 16 && values.every(isServer)
    ? undefined
    : {
        expected: 'at most 16 host names or IP addresses, each with ":port" if it is not 53',
        advice: "leave it out to look at the servers of the zone's NS records",
      };

function isServer(value: unknown): boolean {
  if (typeof value !== "string" || value === "") return false;
  const { host, port } = parseServer(value);
  return (isIP(host) !== 0 || isHostName(host.toLowerCase())) && port > 0 && port < 65_536;
}

/** A name in the DNS, one label or more, with a last dot or without. */
export function dnsName(advice: string): Rule<string> {
  return (value) =>
    typeof value === "string" && value.length <= 253 && /^([A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?$/.test(value)
      ? undefined
      : { expected: "a name of letters, digits, '-', '_' and '.'", advice };
}

/** A TSIG key in base64, 16 bytes or more. */
export const tsigSecret: Rule<string> = (value) =>
  typeof value === "string" && /^[A-Za-z0-9+/]{22,}={0,2}$/.test(value)
    ? undefined
    : {
        expected: "base64 of 16 bytes or more",
        advice: "copy the secret of the key from the name server's configuration",
      };

/** A program and its arguments. */
export const command: Rule<string[]> = (values) => {
  const fine = Array.isArray(values) && values.length > 0 && values.every(isArgument) && values[0] !== "";
  if (fine) return undefined;
  return {
    expected: "a list of the program and its arguments",
    advice: "no shell runs it: one text for each",
    got: shown(values),
  };
};

function isArgument(value: unknown): boolean {
  return typeof value === "string" && !value.includes("\0");
}
