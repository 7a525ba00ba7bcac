import { createHash } from "node:crypto";
import { encodeBase64 } from "bcryptjs";
import { type CryptHash, hashOfNothing, isBcrypt, readHash } from "./crypt-hashes";
import { hashes } from "./hashing";
import type { RepositoryRight } from "./repositories";
import type { UserRole } from "./role";

/** A user with everything known. */
export interface PlainUser {
  name: string;
  /** Undefined: only what `repositories` says. */
  role?: UserRole | undefined;
  repositories?: RepositoryRight[];
  password: string;
}

/** What a line of the user file is made from. */
export interface Credential {
  name: string;
  password: string;
  /** True for a password of 256 bits that the stack has made: see `made.ts`. Default false. */
  made?: boolean;
  /** The hash of a password that only the user knows, as the file has it; `password` is empty then. */
  hash?: string;
}

/** The user that stands in for names that don't exist: see `htpasswd`. No real user can have this name. */
export const DECOY = ".nobody";

/** bcrypt's lowest cost, 1 ms: for passwords that nobody can guess anyhow. */
export const QUICK_COST = 4;

/**
 * The user file: one line of name and hash each, in the order given, and for the quick hashes and the others a decoy,
 * whose hash fits no password and is of the kind that most of them have. Whoever asks as an unknown user is compared
 * with the decoy, so that the time tells nothing about names.
 * @param realm What makes the salts this registry's own: its host name.
 * @param cost bcrypt's cost for passwords that people have chosen, 4-14; one more doubles the time.
 * @param known Lines of users that need no hashing, by name.
 */
export async function htpasswd(
  users: readonly Credential[],
  realm: string,
  cost: number,
  known: ReadonlyMap<string, string> = new Map(),
): Promise<string> {
  const costOf = ({ made = false }: Credential): number => (made ? QUICK_COST : cost);
  const fresh = users.filter(({ name, hash }) => hash === undefined && !known.has(name));
  const made = await hashes(
    fresh.map((user) => ({ password: user.password, salt: salt(realm, user.name, costOf(user)) })),
  );
  const lines = users.map(({ name, hash }) =>
    hash === undefined ? (known.get(name) ?? `${name}:${prefix(made.shift() ?? "")}`) : `${name}:${hash}`,
  );
  const { quick, slow } = byTime(lines.join("\n"));
  const decoys = [quick, slow].flatMap((part) => decoyOf(realm, part));
  return `${[...lines, ...(decoys.length > 0 ? decoys : [decoy(realm, cost)])].join("\n")}\n`;
}

/** A decoy of the kind that most of the lines have, the first of several such kinds; none if there are no lines. */
function decoyOf(realm: string, lines: readonly string[]): string[] {
  const kinds = new Map<string, { like: CryptHash; count: number }>();
  for (const line of lines) {
    const like = readHash(line);
    if (like) kinds.set(like.setting, { like, count: (kinds.get(like.setting)?.count ?? 0) + 1 });
  }
  const [most] = [...kinds.values()].sort((one, other) => other.count - one.count);
  if (most === undefined) return [];
  const { like } = most;
  return [isBcrypt(like) ? decoy(realm, like.cost) : `${DECOY}:${hashOfNothing(like, `decoy of ${realm}`)}`];
}

function decoy(realm: string, cost: number): string {
  const digest = createHash("sha256").update(`decoy of ${realm}`).digest();
  return `${DECOY}:${prefix(salt(realm, DECOY, cost))}${encodeBase64([...digest], 23)}`;
}

/**
 * Which hashes a user file has, by what its passwords are.
 * @param made For each user, whether the stack has made the password.
 * @param brought For each user, the hash that was given, if one was. Default: none was.
 */
export function hashesOf(
  made: readonly boolean[],
  cost: number,
  brought: readonly (CryptHash | undefined)[] = [],
): { quickHashes: boolean; slowCost: number | undefined } {
  const isQuick = (hash: CryptHash | undefined): boolean =>
    hash === undefined ? cost === QUICK_COST : isBcrypt(hash) && hash.cost === QUICK_COST;
  if (made.length === 0) return { quickHashes: isQuick(undefined), slowCost: isQuick(undefined) ? undefined : cost };
  const slow = made.flatMap((quick, index) => (quick || isQuick(brought[index]) ? [] : [brought[index]?.cost ?? cost]));
  return {
    quickHashes: slow.length < made.length,
    slowCost: slow.length === 0 ? undefined : slow.reduce((most, each) => Math.max(most, each)),
  };
}

/**
 * A user file by how long a comparison with its lines takes. Either part may be empty, not both; each that is not has a
 * decoy.
 */
export function byTime(userFile: string): { quick: string[]; slow: string[]; all: string[] } {
  const lines = userFile.split("\n").filter((line) => line !== "");
  const isQuick = (line: string): boolean => Number(/:\$2[aby]\$(\d\d)\$/.exec(line)?.[1]) === QUICK_COST;
  return { quick: lines.filter(isQuick), slow: lines.filter((line) => !isQuick(line)), all: lines };
}

/**
 * A salt that is the same in every run, so that an unchanged password never changes a file and nothing has to be
 * remembered. It comes from the registry and the user's name, never from the password: a salt is stored in clear, and a
 * quick hash of the password in it would let a thief of the file guess at full speed, past bcrypt. Salts differ between
 * users and registries, which is what they are for; what is lost is only that a changed password keeps its salt.
 */
function salt(realm: string, name: string, cost: number): string {
  const bytes = createHash("sha256").update(`private-registry salt\n${realm}\n${name}`).digest().subarray(0, 16);
  return saltOf(bytes, cost);
}

/** 16 bytes as a salt of bcrypt's. */
export function saltOf(bytes: Uint8Array, cost: number): string {
  return `$2b$${String(cost).padStart(2, "0")}$${encodeBase64([...bytes], 16)}`;
}

/** The same algorithm under the name that Apache's htpasswd gives it, which every crypt(3) knows. */
export function prefix(hash: string): string {
  return hash.replace("$2b$", "$2y$");
}
