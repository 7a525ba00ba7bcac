import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { encodeBase64, hash as bcrypt, truncates } from "bcryptjs";
import { Complaint, Rule } from "../../checks/problems";
import type { RepositoryRight, RepositoryRightArgs } from "./repositories";
import { UserRole } from "./role";

/** One user of the registry and its UI. */
export interface UserArgs {
  /** 1-64 letters, digits and `._@+-`, beginning with a letter, a digit or `_`. */
  name: pulumi.Input<string>;
  /** What the user may do in every repository, and with the UI. Leave it out for one who may only what `repositories` says. Plain presence. */
  role?: pulumi.Input<UserRole>;
  /**
   * What the user may do in repositories of certain names, besides `role`. Without `role` it is all that the user may do: the catalog and
   * the UI are closed to such a user then. Plain list. Default none.
   */
  repositories?: RepositoryRightArgs[];
  /** 1-72 bytes of UTF-8; bcrypt reads no more. Left out, `PrivateRegistry` makes one, which is in its `dockerConfigs`. Secret. Plain presence. */
  password?: pulumi.Input<string>;
  /** Any text of 1-64 characters; another text makes another password. For a password that `PrivateRegistry` makes. Default none. */
  passwordGeneration?: pulumi.Input<string>;
}

/** A user with everything known. */
export interface PlainUser {
  name: string;
  /** Undefined: only what `repositories` says. */
  role?: UserRole | undefined;
  repositories?: RepositoryRight[];
  password: string;
}

/** The user that stands in for names that don't exist: see `htpasswd`. No real user can have this name. */
export const DECOY = ".nobody";

/**
 * A name that an htpasswd file and HTTP's Basic scheme can hold, and that needs no quotes in nginx's text: no ':' (ends the
 * name, RFC 7617), no '#' (a comment), no space.
 */
export const userName: Rule<string> = (value) =>
  typeof value === "string" && /^[A-Za-z0-9_][A-Za-z0-9._@+-]{0,63}$/.test(value)
    ? undefined
    : {
        expected: "1-64 letters, digits and ._@+- with a letter, digit or _ first",
        advice: "choose another name for this user",
      };

export const userRole: Rule<UserRole> = (value) =>
  Object.values(UserRole).includes(value)
    ? undefined
    : { expected: "pull or push", advice: "give one of the two, or a user's rights by repositories" };

/** A password that bcrypt takes whole: it reads 72 bytes and ignores the rest. */
export const userPassword: Rule<string> = (value) =>
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  typeof value === "string" && value !== "" && !truncates(value) && !/[\u0000-\u001f\u007f]/.test(value)
    ? undefined
    : {
        expected: "1-72 bytes (UTF-8) without control characters",
        got: typeof value === "string" ? `a secret of ${Buffer.byteLength(value)} bytes` : "nothing",
        advice: "give another password; bcrypt would cut a longer one",
      };

/** A complaint if two users have one name, or two that differ in case only, which people would mix up. */
export function sameNames(names: readonly string[]): Complaint | undefined {
  const lower = names.map((name) => name.toLowerCase());
  const twice = [...new Set(lower.filter((name, index) => lower.indexOf(name) !== index))];
  if (twice.length === 0) return undefined;
  return { expected: "users of different names", got: twice.join(", ") + " twice", advice: "remove one of the two" };
}

/**
 * The user file: one line of name and bcrypt hash each, in the order given, and the decoy, whose hash fits no password.
 * Whoever asks as an unknown user is compared with the decoy, so that the time tells nothing about names.
 * @param realm What makes the salts this registry's own: its host name.
 * @param cost bcrypt's cost, 4-14; one more doubles the time.
 * @param known Lines of users that need no hashing, by name.
 */
export async function htpasswd(
  users: readonly Pick<PlainUser, "name" | "password">[],
  realm: string,
  cost: number,
  known: ReadonlyMap<string, string> = new Map(),
): Promise<string> {
  const lines = await Promise.all(
    users.map(
      async ({ name, password }) => known.get(name) ?? `${name}:${await hashed(password, salt(realm, name, cost))}`,
    ),
  );
  const digest = createHash("sha256").update(`decoy of ${realm}`).digest();
  const decoy = `${DECOY}:${prefix(salt(realm, DECOY, cost))}${encodeBase64([...digest], 23)}`;
  return `${[...lines, decoy].join("\n")}\n`;
}

/**
 * A salt that is the same in every run, so that an unchanged password never changes a file and nothing has to be
 * remembered. It comes from the registry and the user's name, never from the password: a salt is stored in clear, and a
 * quick hash of the password in it would let a thief of the file guess at full speed, past bcrypt. Salts differ between
 * users and registries, which is what they are for; what is lost is only that a changed password keeps its salt.
 */
function salt(realm: string, name: string, cost: number): string {
  const bytes = createHash("sha256").update(`private-registry salt\n${realm}\n${name}`).digest().subarray(0, 16);
  return `$2b$${String(cost).padStart(2, "0")}$${encodeBase64([...bytes], 16)}`;
}

async function hashed(password: string, saltText: string): Promise<string> {
  return prefix(await bcrypt(password, saltText));
}

/** The same algorithm under the name that Apache's htpasswd gives it, which every crypt(3) knows. */
function prefix(hash: string): string {
  return hash.replace(/^\$2b\$/, "$2y$");
}
