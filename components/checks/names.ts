import type { Rule } from "./problems";
import { isHostName } from "./rules";

/** The name of a registry as images have it: a host name with a dot, and a port if there is one. */
export const upstreamName: Rule<string> = (value) => {
  const [, host = "", port] = /^([^:]*)(?::([1-9]\d{0,4}))?$/.exec(value) ?? [];
  const fine = isHostName(host) && host.includes(".") && host.length <= 100 && Number(port ?? 1) <= 65535;
  return fine ? undefined : { expected: "a registry's name as images have it, such as docker.io or ghcr.io" };
};
