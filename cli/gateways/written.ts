import { execa } from "execa";
import { doneAt, END_MARK, wordIn } from "../../components/internal";
import { stackState } from "../stack";

/** One release on one host, as the stack last wrote it. */
export interface WrittenRelease {
  /** Name of the command resource: "main-gateway-192-0-2-4". */
  name: string;
  /** URN of the command resource. */
  urn: string;
  host: string;
  port: number;
  user: string;
  privateKey: string;
  /** "ssh-ed25519 AAAA...". */
  hostKey: string;
  /** Everything that went to the host. Secret. */
  stdin: string;
  /** True if the state has the host's word that the release is live. */
  confirmed: boolean;
}

/** What the stack's state says was last written. `args` go to `pulumi stack export`: `["--stack", "dev"]`. */
export async function writtenReleases(args: readonly string[] = []): Promise<WrittenRelease[]> {
  return releasesIn(await stackState(["--show-secrets", ...args]));
}

/** The releases in an exported state with its secrets in clear. */
export function releasesIn(exported: unknown): WrittenRelease[] {
  const { deployment } = exported as { deployment?: { resources?: StateResource[] } };
  return (deployment?.resources ?? []).flatMap((resource) => {
    const { urn, type, inputs, outputs } = resource;
    if (isNode(type)) return onNode(resource);
    if (type !== COMMAND) return [];
    const { stdin, connection } = clear(inputs) as { stdin?: unknown; connection?: Connection };
    if (typeof stdin !== "string" || !stdin.endsWith(END_MARK) || !connection) return [];
    const { host, port = 22, user = "root", privateKey = "", hostKey = "" } = connection;
    const name = urn.split("::").at(-1) ?? urn;
    const { stdout } = clear(outputs ?? {}) as { stdout?: unknown };
    return [{ name, urn, host, port, user, privateKey, hostKey, stdin, confirmed: confirms(stdout, stdin) }];
  });
}

const COMMAND = "command:remote:Command";

/** A node's release, dynamic in a program in Node, and of the package in others. */
const isNode = (type: string): boolean => type.endsWith(":NodeRelease");

function onNode({ urn, outputs }: StateResource): WrittenRelease[] {
  const state = clear(outputs ?? {}) as Partial<Connection> & { stdin?: unknown; stdout?: unknown };
  const { stdin, stdout, host, port = 22, user = "root", privateKey = "", hostKey = "" } = state;
  if (typeof stdin !== "string" || host === undefined) return [];
  const name = urn.split("::").at(-1) ?? urn;
  return [{ name, urn, host, port, user, privateKey, hostKey, stdin, confirmed: confirms(stdout, stdin) }];
}

/** True if this is what a finished run of what was sent says. */
export function confirms(stdout: unknown, stdin: string): boolean {
  const [site, release] = [wordIn(stdin, "site"), wordIn(stdin, "release")];
  return typeof stdout === "string" && doneAt(stdout, ["create", "update"], site, release) !== undefined;
}

/**
 * Writes into the stack's state that hosts have confirmed their releases: an `up` whose command did nothing has left it
 * without that, and nothing else would be sent again by Pulumi, which goes by its state.
 * @param said What each host has said, by the URN of its command.
 */
export async function noteConfirmed(said: ReadonlyMap<string, string>, args: readonly string[] = []): Promise<void> {
  if (said.size === 0) return;
  const state = (await stackState(args)) as { deployment?: { resources?: StateResource[] } };
  for (const resource of state.deployment?.resources ?? []) {
    const text = said.get(resource.urn);
    if (text === undefined || (resource.type !== COMMAND && !isNode(resource.type))) continue;
    const secret = { [SECRET]: SECRET_KIND, plaintext: JSON.stringify(text) };
    const answered = isNode(resource.type) ? { problem: "", refused: false } : {};
    resource.outputs = { ...(resource.outputs as object), ...answered, stdout: secret };
  }
  await execa("pulumi", ["stack", "import", ...args], { input: JSON.stringify(state) });
}

interface StateResource {
  urn: string;
  type: string;
  inputs?: unknown;
  outputs?: unknown;
}

interface Connection {
  host: string;
  port?: number;
  user?: string;
  privateKey?: string;
  hostKey?: string;
}

/** The mark of a secret in an exported state; its value is JSON once more. */
const SECRET = "4dabf18193072939515e22adb298388d";
const SECRET_KIND = "1b47061264138c4ac30d75fd1eb44270";

function clear(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clear);
  if (value === null || typeof value !== "object") return value;
  if (SECRET in value) {
    const { plaintext } = value as { plaintext?: string };
    return plaintext === undefined ? undefined : clear(JSON.parse(plaintext));
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clear(inner)]));
}
