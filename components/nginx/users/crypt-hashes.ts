import { createHash } from "node:crypto";
import type { Rule } from "../../checks/problems";

/*
 * Hashes of passwords that a user brings, as they stand in an htpasswd file. nginx checks apr1 itself, and asks
 * crypt(3) of its host about the others.
 */

/** The kinds that only crypt(3) knows, and not every crypt(3) does. bcrypt is one that all hosts are proven for. */
export enum CryptKind {
  Sha256 = "SHA-256-crypt",
  Sha512 = "SHA-512-crypt",
}

/** What the text of a hash says of it. */
export interface CryptHash {
  /** As it stands in the user file, without the user's name. Secret. */
  hash: string;
  /** All of it that is neither salt nor hash: `$6$rounds=100000$`. No secret. */
  setting: string;
  /** Which crypt(3) has to know it; undefined for one that needs no proof. */
  kind: CryptKind | undefined;
  /** The cost of bcrypt's that takes as long, at least 4. */
  cost: number;
  /** Why it is weak, for a person; undefined if it is not. */
  weakness: string | undefined;
}

/** bcrypt's cost from which on a password that people choose is taken to be safe (OWASP's Password Storage). */
const STRONG_COST = 10;
/** SHA-crypt's rounds that take about as long. */
const STRONG_ROUNDS = 100_000;

/** What is strong enough, for a person. */
export const STRONG = `bcrypt of cost ${STRONG_COST}, or SHA-crypt of ${STRONG_ROUNDS} rounds,`;

const ROUNDS = { min: 1000, max: 1_000_000, without: 5000 };
const MAX_COST = 14;

/** A comparison in ms: of bcrypt's at cost 10, of apr1, and of one round of SHA-crypt's. */
const MS = { bcrypt10: 52, apr1: 0.15, shaRound: 0.0003 };

const costOf = (ms: number): number => Math.max(4, Math.ceil(10 + Math.log2(ms / MS.bcrypt10)));

/**
 * Splits what a user has given, a hash or a line of an htpasswd file (name, hash, and perhaps a comment), into the
 * line's name, if any, and the hash.
 */
export function htpasswdLine(given: string): { name: string | undefined; hash: string } {
  const [first = "", second] = given.trim().split(":");
  return second === undefined ? { name: undefined, hash: first } : { name: first, hash: second };
}

/** Reads a hash; undefined if it is none that a gateway can use. */
export function readHash(given: string): CryptHash | undefined {
  const { hash } = htpasswdLine(given);
  return bcryptHash(hash) ?? shaHash(hash) ?? apr1Hash(hash);
}

/** True for a hash of bcrypt. */
export function isBcrypt({ setting }: CryptHash): boolean {
  return setting.startsWith("$2");
}

function bcryptHash(text: string): CryptHash | undefined {
  const [, digits = "", rest = ""] = /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{53})$/.exec(text) ?? [];
  const cost = Number(digits);
  if (cost < 4 || cost > MAX_COST) return undefined;
  // The same algorithm under the name that every crypt(3) knows: see `prefix` in users.ts.
  const setting = `$2y$${digits}$`;
  const weakness = cost < STRONG_COST ? `bcrypt of cost ${cost}` : undefined;
  return { hash: `${setting}${rest}`, setting, kind: undefined, cost, weakness };
}

function shaHash(text: string): CryptHash | undefined {
  const form = /^(\$([56])\$(?:rounds=([1-9]\d*)\$)?)[./A-Za-z0-9]{0,16}\$([./A-Za-z0-9]+)$/.exec(text);
  if (!form) return undefined;
  const [, setting = "", digit, said, digest = ""] = form;
  const rounds = said === undefined ? ROUNDS.without : Number(said);
  if (digest.length !== (digit === "5" ? 43 : 86) || rounds < ROUNDS.min || rounds > ROUNDS.max) return undefined;
  const kind = digit === "5" ? CryptKind.Sha256 : CryptKind.Sha512;
  const weakness = rounds < STRONG_ROUNDS ? `${kind} of ${rounds} rounds` : undefined;
  return { hash: text, setting, kind, cost: costOf(rounds * MS.shaRound), weakness };
}

function apr1Hash(text: string): CryptHash | undefined {
  if (!/^\$apr1\$[./A-Za-z0-9]{0,8}\$[./A-Za-z0-9]{22}$/.test(text)) return undefined;
  return { hash: text, setting: "$apr1$", kind: undefined, cost: costOf(MS.apr1), weakness: "apr1" };
}

/** What the user is told of a text that is no such hash. Never the text: it may be a password. */
export const passwordHash: Rule<string> = (value) =>
  readHash(value) === undefined
    ? {
        expected:
          `a hash of bcrypt (cost 4-${MAX_COST}), SHA-crypt ($5$ or $6$, ${ROUNDS.min}-${ROUNDS.max} rounds) or apr1, ` +
          "or the user's whole line of an htpasswd file",
        got: whatItIs(htpasswdLine(value).hash),
      }
    : undefined;

/** Kinds of hashes that are not taken, by how they begin. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^\$2[aby]\$/, "one of bcrypt that is cut short or of another cost"],
  [/^\$2x\$/, "one of a bcrypt with a known fault ($2x$)"],
  [/^\$[56]\$/, "one of SHA-crypt that is cut short or of other rounds"],
  [/^\$apr1\$/, "one of apr1 that is cut short"],
  [/^\$1\$/, "one of MD5-crypt ($1$), which not every host knows"],
  [/^\$(y|gy|7)\$/, "one of yescrypt or scrypt, which not every host knows"],
  [/^\$argon2/, "one of Argon2, which no nginx knows"],
  [/^\{\w+\}/, "one without rounds ({SHA}, {SSHA} or {PLAIN})"],
  [/^[./A-Za-z0-9]{13}$/, "what looks like DES crypt, which reads only 8 characters"],
];

function whatItIs(hash: string): string {
  return REFUSED.find(([form]) => form.test(hash))?.[1] ?? "a text of another form";
}

/** A hash of SHA-crypt or apr1 with the same setting that fits no password; always the same for the same seed. */
export function hashOfNothing(like: CryptHash, seed: string): string {
  const digits = createHash("sha512").update(seed).digest("hex");
  const rest = like.hash.slice(like.setting.length);
  return like.setting + rest.replace(/[^$]/g, (_, at: number) => digits.charAt(at));
}

/** The password of the hashes below. It opens nothing: see gateway/hash-proof.ts. */
export const KNOWN_PASSWORD = "Hello world!";

/** A hash of each kind whose password everybody knows. */
export const KNOWN_HASHES: Record<CryptKind, string> = {
  [CryptKind.Sha256]: "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
  [CryptKind.Sha512]:
    "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
};
