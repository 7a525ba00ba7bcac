import { isIPv4 } from "node:net";

const toNumber = (address: string): number => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

/** The first and the last address of a network such as "10.231.0.0/24". */
function range(cidr: string): [first: number, last: number] {
  const [address = "", length = "32"] = cidr.split("/");
  const size = 2 ** (32 - Number(length));
  const first = Math.floor(toNumber(address) / size) * size;
  return [first, first + size - 1];
}

/** True if two IPv4 networks share an address. A plain address counts as a network of one. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = range(one);
  const [c, d] = range(other);
  return a <= d && c <= b;
}

/** A route of the machine: where it leads and through which link. */
export interface Route {
  readonly network: string;
  readonly link: string;
}

/** Reads what `ip -4 route show table all` prints; default routes and broadcasts are left out. */
export function parseRoutes(text: string): Route[] {
  return text.split("\n").flatMap((line) => {
    const words = line.trim().split(/\s+/);
    const [first = "", second = ""] = words;
    const network = first === "local" || first === "unicast" ? second : first;
    const link = words[words.indexOf("dev") + 1];
    const known = words.includes("dev") && isIPv4(network.split("/")[0] ?? "");
    return known && link ? [{ network, link }] : [];
  });
}
