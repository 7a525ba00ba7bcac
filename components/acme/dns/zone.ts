import dns from "node:dns/promises";
import { isIP } from "node:net";
import { NameServer, query, TextRecord } from "./client";
import { decodeName, decodeText, TYPE } from "./wire";

const DNS_PORT = 53;

/** "192.0.2.1", "ns1.example.com:5353", "[2001:db8::1]:53" or "2001:db8::1" as a server; port 53 by default. */
export function parseServer(text: string): NameServer {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text);
  const simple = isIP(text) === 6 ? null : /^([^:]+):(\d+)$/.exec(text);
  const [, host = text, port = DNS_PORT] = bracketed ?? simple ?? [];
  return { host, port: Number(port) };
}

/** The zone that a name is in, as one of its servers says it (the owner of the SOA record that it names). */
export async function zoneOf(server: NameServer, name: string): Promise<string> {
  const { answers, authorities } = await query(server, name, TYPE.SOA);
  const soa = [...answers, ...authorities].find(({ type }) => type === TYPE.SOA);
  if (soa && (name === soa.name || name.endsWith(`.${soa.name}`))) return soa.name;
  throw new Error(`${server.host}:${server.port} does not know the zone of ${name}; set the zone`);
}

/** The servers that the zone of a name has by its NS records, found through this machine's resolver. */
export async function serversOf(name: string): Promise<NameServer[]> {
  const labels = name.split(".");
  for (let skip = 0; skip < labels.length - 1; skip += 1) {
    const hosts = await dns.resolveNs(labels.slice(skip).join(".")).catch(() => []);
    const addresses = await Promise.all(hosts.map((host) => addressesOf(host)));
    const servers = addresses.flat().map((host) => ({ host, port: DNS_PORT }));
    if (servers.length > 0) return servers;
  }
  throw new Error(`no name server of ${name} was found through this machine's resolver; set nameServers`);
}

async function addressesOf(host: string): Promise<string[]> {
  const found = await Promise.all([dns.resolve4(host).catch(() => []), dns.resolve6(host).catch(() => [])]);
  return found.flat().slice(0, 2);
}

/** Where a name's TXT records really are: at the end of its aliases, which may lead to another zone. */
export async function realName(servers: readonly NameServer[], name: string): Promise<string> {
  let now = name;
  for (let hops = 0; hops < 8; hops += 1) {
    const alias = await aliasOf(servers, now);
    if (alias === undefined) return now;
    now = alias;
  }
  throw new Error(`${name} is an alias of an alias without end`);
}

async function aliasOf(servers: readonly NameServer[], name: string): Promise<string | undefined> {
  if (servers.length === 0) return (await dns.resolveCname(name).catch(() => []))[0];
  for (const server of servers) {
    const message = await query(server, name, TYPE.CNAME).catch(() => undefined);
    const record = message?.answers.find(({ type }) => type === TYPE.CNAME);
    if (message && record) return decodeName(message.raw, record.dataAt).name;
  }
  return undefined;
}

/** True if this server shows all these records. */
export async function shows(server: NameServer, records: readonly TextRecord[]): Promise<boolean> {
  const names = [...new Set(records.map(({ name }) => name))];
  for (const name of names) {
    const { answers } = await query(server, name, TYPE.TXT);
    const texts = answers.filter(({ type }) => type === TYPE.TXT).map(({ data }) => decodeText(data));
    if (!records.every((record) => record.name !== name || texts.includes(record.value))) return false;
  }
  return true;
}
