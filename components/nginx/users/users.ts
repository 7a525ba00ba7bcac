import { createHash } from "node:crypto";
import { encodeBase64, hash as bcrypt } from "bcryptjs";
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

/** The user that stands in for names that don't exist: see `htpasswd`. No real user can have this name. */
export const DECOY = ".nobody";

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
