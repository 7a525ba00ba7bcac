import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa, type ResultPromise } from "execa";
import { query } from "../../components/acme/dns/client";
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
}

/** A running BIND: Debian's `named` on loopback. */
export interface Named {
  /** "127.0.0.1:port". */
  address: string;
  port: number;
  log(): string;
  stop(): Promise<void>;
}

/** Starts a name server for zones. Keys: secret (base64) by name, each of HMAC-SHA256 or what stands before a colon. */
export async function startNamed(zones: readonly Zone[], keys: Record<string, string> = {}): Promise<Named> {
  await ensureDebianPackages(["bind9"], () => undefined);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "named-"));
  const [port = 0] = await freePorts(1);
  for (const zone of zones) fs.writeFileSync(path.join(folder, zone.name), zoneFile(zone));
  fs.writeFileSync(path.join(folder, "named.conf"), config(folder, port, zones, keys));
  const logged: string[] = [];
  const file = fs.existsSync("/usr/sbin/named") ? "/usr/sbin/named" : "named";
  const options = { reject: false, all: true, buffer: false, stdin: "ignore" } as const;
  const child = execa(file, ["-g", "-n", "1", "-c", path.join(folder, "named.conf")], options);
  child.all.on("data", (part: Buffer) => logged.push(part.toString()));
  await untilServing(port, zones[0]?.name ?? ".", () => logged.join(""));
  return { address: `127.0.0.1:${port}`, port, log: () => logged.join(""), stop: () => stop(child, folder) };
}

async function stop(child: Pick<ResultPromise, "kill"> & PromiseLike<unknown>, folder: string): Promise<void> {
  child.kill();
  await child;
  fs.rmSync(folder, { recursive: true, force: true });
}

function zoneFile({ name, records = [] }: Zone): string {
  const soa = `@ 60 IN SOA ns.${name}. admin.${name}. 1 60 60 60 0`;
  return ["$TTL 60", soa, `@ IN NS ns.${name}.`, "ns IN A 127.0.0.1", "* IN A 127.0.0.1", ...records, ""].join("\n");
}

function config(folder: string, port: number, zones: readonly Zone[], keys: Record<string, string>): string {
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
      listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; recursion yes; dnssec-validation no;
      allow-query { any; }; allow-recursion { any; }; notify no;
    };
    controls { };
    ${keyTexts.join("\n")}
    ${zoneTexts.join("\n")}
  `;
}

async function untilServing(port: number, zone: string, log: () => string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const answered = await query({ host: "127.0.0.1", port }, zone, TYPE.SOA).then(
      ({ answers }) => answers.length > 0,
      () => false,
    );
    if (answered) return;
    if (attempt >= 100) throw new Error(`named did not start:\n${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
