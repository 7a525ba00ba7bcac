import { createHash } from "node:crypto";
import type { Solver } from "../client/order";
import { AcmeError } from "../client/problem";
import { addText, type NameServer, removeText, type TextRecord, type UpdateSettings } from "./client";
import { callHook, type HookSettings } from "./hook";
import type { Deadline } from "../client/transport";
import { parseServer, realName, serversOf, shows, zoneOf } from "./zone";

/** How DNS-01 is done, as it lies in the state: one of `update` and `hook`. */
export interface Dns01Settings {
  update?: {
    /** Host or address, with a port if it is not 53. */
    server: string;
    /** Asked for at the server if absent. */
    zone?: string;
    keyName: string;
    keyAlgorithm: string;
    ttlSeconds: number;
  };
  hook?: HookSettings;
  /** The longest that the records may take to be seen at the zone's servers. */
  propagationTimeoutSeconds: number;
  /** Where to look for them; the servers that the zone's NS records name if empty. */
  nameServers: string[];
}

interface Backend {
  add(record: TextRecord): Promise<void>;
  remove(record: TextRecord): Promise<void>;
}

/**
 * DNS-01 (RFC 8555 section 8.4): the digest of `<token>.<thumbprint>` as a TXT record at `_acme-challenge.<name>`, or
 * where an alias there leads to. The CA is asked only when all of the zone's own servers show the records.
 */
export function dns01Solver(
  settings: Dns01Settings,
  tsigSecret: string | undefined,
  thumbprint: string,
  say: (message: string) => void,
  deadline: Deadline,
): Solver {
  const backend = settings.update ? updating(settings.update, tsigSecret ?? "") : hooked(settings.hook);
  const servers = settings.nameServers.map(parseServer);
  const presented: TextRecord[] = [];
  return {
    type: "dns-01",
    present: (name, token) =>
      explained(name, async () => {
        const value = createHash("sha256").update(`${token}.${thumbprint}`).digest("base64url");
        const record = { name: await realName(servers, `_acme-challenge.${name.replace(/^\*\./, "")}`), value };
        presented.push(record);
        await backend.add(record);
      }),
    settle: () => propagated(presented, servers, Math.min(settings.propagationTimeoutSeconds, deadline.left() / 1000)),
    cleanUp: async () => {
      for (const record of presented.splice(0)) {
        await backend.remove(record).catch((error: Error) => {
          say(`warning: the TXT record ${record.name} "${record.value}" is left behind: ${error.message}`);
        });
      }
    },
  };
}

function updating(update: NonNullable<Dns01Settings["update"]>, secret: string): Backend {
  const server = parseServer(update.server);
  const key = { name: update.keyName, algorithm: update.keyAlgorithm, secret };
  const settingsFor = async ({ name }: TextRecord): Promise<UpdateSettings> => {
    const zone = update.zone ?? (await zoneOf(server, name));
    return { server, zone, key, ttlSeconds: update.ttlSeconds };
  };
  return {
    add: async (record) => addText(await settingsFor(record), record),
    remove: async (record) => removeText(await settingsFor(record), record),
  };
}

function hooked(hook: HookSettings | undefined): Backend {
  if (!hook) throw new AcmeError("dns01 must have dynamicUpdate or hook, got neither");
  return {
    add: (record) => callHook(hook, "present", record),
    remove: (record) => callHook(hook, "cleanup", record),
  };
}

const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 5000;

async function propagated(
  records: readonly TextRecord[],
  given: readonly NameServer[],
  seconds: number,
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  for (const name of new Set(records.map((record) => record.name))) {
    const wanted = records.filter((record) => record.name === name);
    await explained(name, async () => {
      const servers = given.length > 0 ? given : await serversOf(name);
      for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE)) {
        const missing = await without(servers, wanted);
        if (missing.length === 0) return;
        if (Date.now() + pause >= end) {
          throw new Error(
            `after ${Math.ceil(seconds)} s its TXT record is not seen at ${missing.join(", ")}; check the zone there`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    });
  }
}

/** The servers that don't show the records, with the reason where one can't be asked. */
async function without(servers: readonly NameServer[], records: readonly TextRecord[]): Promise<string[]> {
  const outcomes = await Promise.all(
    servers.map((server) =>
      shows(server, records).then(
        (seen) => (seen ? undefined : `${server.host}:${server.port}`),
        (error: Error) => `${server.host}:${server.port} (${error.message})`,
      ),
    ),
  );
  return outcomes.filter((outcome) => outcome !== undefined);
}

async function explained<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new AcmeError(`${name}: ${(error as Error).message}`);
  }
}
