import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa, type ResultPromise } from "execa";
import { type NameServer, query } from "../../components/acme/dns/client";
import { TYPE } from "../../components/acme/dns/wire";
import { ensureDebianPackages } from "../../lab/programs/debian";
import { freePorts } from "./pebble";

/** A zone of a name server. */
export interface Zone {
  name: string;
  /** Further records, a line each as in a zone file. */
  records?: string[];
  /** Names of the keys that may update it. */
  updatedBy?: string[];
  /** Address of every name in it that has no record of its own. Default 127.0.0.1. */
  address?: string;
  /** Address of its name server, as its NS record has it. Default where the server listens. */
  server?: string;
}

/** A running BIND: Debian's `named` on loopback. */
export interface Named {
  /** Address and port. */
  address: string;
  port: number;
  log(): string;
  stop(): Promise<void>;
}

/** Starts a name server for zones. Keys: secret (base64) by name, each of HMAC-SHA256 or what stands before a colon. */
export async function startNamed(zones: readonly Zone[], keys: Record<string, string> = {}): Promise<Named> {
  await ensureDebianPackages(["bind9"], () => undefined);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "named-"));
  const [address, [port = 0]] = ["127.0.0.1", await freePorts(1)];
  const file = writeNamedFiles(folder, { address, port }, zones, keys);
  const logged: string[] = [];
  const program = fs.existsSync("/usr/sbin/named") ? "/usr/sbin/named" : "named";
  const options = { reject: false, all: true, buffer: false, stdin: "ignore" } as const;
  const child = execa(program, ["-g", "-n", "1", "-c", file], options);
  child.all.on("data", (part: Buffer) => logged.push(part.toString()));
  const serves = (): Promise<boolean> => servesZone({ host: address, port }, zones[0]?.name ?? ".");
  await untilServing(serves, () => logged.join(""));
  return { address: `${address}:${port}`, port, log: () => logged.join(""), stop: () => stop(child, folder) };
}

async function stop(child: Pick<ResultPromise, "kill"> & PromiseLike<unknown>, folder: string): Promise<void> {
  child.kill();
  await child;
  fs.rmSync(folder, { recursive: true, force: true });
}

/** Writes what BIND needs into a folder; hands back the path of its configuration. */
export function writeNamedFiles(
  folder: string,
  listen: { address: string; port: number },
  zones: readonly Zone[],
  keys: Record<string, string>,
): string {
  for (const zone of zones) fs.writeFileSync(path.join(folder, zone.name), zoneFile(zone, listen.address));
  const file = path.join(folder, "named.conf");
  fs.writeFileSync(file, config(folder, listen, zones, keys));
  return file;
}

function zoneFile({ name, records = [], address = "127.0.0.1", server }: Zone, listens: string): string {
  const soa = `@ 60 IN SOA ns.${name}. admin.${name}. 1 60 60 60 0`;
  const names = [`@ IN NS ns.${name}.`, `ns IN A ${server ?? listens}`, `* IN A ${address}`];
  return ["$TTL 60", soa, ...names, ...records, ""].join("\n");
}

function config(
  folder: string,
  listen: { address: string; port: number },
  zones: readonly Zone[],
  keys: Record<string, string>,
): string {
  const keyTexts = Object.entries(keys).map(([name, secret]) => {
    const [, algorithm = "hmac-sha256", value = secret] = /^(hmac-\w+):(.*)$/.exec(secret) ?? [];
    return `key "${name}" { algorithm ${algorithm}; secret "${value}"; };`;
  });
  const zoneTexts = zones.map(({ name, updatedBy = [] }) => {
    const allowed = updatedBy.map((key) => `key "${key}"; `).join("");
    return `zone "${name}" { type primary; file "${name}"; allow-update { ${allowed || "none; "}}; };`;
  });
  return `
    options {
      directory "${folder}"; pid-file none; session-keyfile "${folder}/session.key"; managed-keys-directory "${folder}";
      listen-on port ${listen.port} { ${listen.address}; }; listen-on-v6 { none; }; recursion yes; dnssec-validation no;
      allow-query { any; }; allow-recursion { any; }; notify no;
    };
    controls { };
    ${keyTexts.join("\n")}
    ${zoneTexts.join("\n")}
  `;
}

/** True if a server answers for a zone. */
export function servesZone(server: NameServer, zone: string): Promise<boolean> {
  return query(server, zone, TYPE.SOA).then(
    ({ answers }) => answers.length > 0,
    () => false,
  );
}

async function untilServing(serves: () => Promise<boolean>, log: () => string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    if (await serves()) return;
    if (attempt >= 100) throw new Error(`named did not start:\n${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
