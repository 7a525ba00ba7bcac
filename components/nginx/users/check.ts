import * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../../checks/checker";
import { isLate, isTable } from "../../checks/judge";
import { hidden, type Problem } from "../../checks/problems";
import { USER, type UserArgs } from "./args";
import { type CryptHash, htpasswdLine, readHash } from "./crypt-hashes";
import { isMade } from "./made";
import type { RepositoryRight } from "./repositories";
import { RIGHT } from "./right-args";
import type { PlainUser } from "./users";

/** A user without the password. */
export type NamedUser = Omit<PlainUser, "password"> & { repositories: RepositoryRight[] };

/** The users of a gateway after the checks. A few outputs for all of them, since there may be thousands of users. */
export interface CheckedUsers {
  named: pulumi.Output<NamedUser[]>;
  /** In the order of `named`; of one who brings a hash, undefined. Secret. */
  passwords: pulumi.Output<(string | undefined)[]>;
  /** In the same order: the hashes that were given. Secret. */
  brought: pulumi.Output<(CryptHash | undefined)[]>;
  /** In the same order: whether the stack has made the password. */
  made: boolean[];
}

/** What concerns more than one member or more than one user, as far as it is known. */
export function checkUsers(checker: Checker, given: readonly UserArgs[]): void {
  const users: unknown[] = Array.isArray(given) ? given : [];
  users.forEach((user, index) => {
    if (isTable(user)) checkUser(checker, user, `users[${index}]`);
  });
  checker.add(sameNames(users.map((user) => (isTable(user) ? user["name"] : undefined))));
}

function checkUser(checker: Checker, user: Record<string, unknown>, at: string): void {
  const rights = Array.isArray(user["repositories"]) ? user["repositories"].length : 0;
  if ((user["role"] ?? undefined) === undefined && rights === 0) {
    const advice = "give one of the two, or a user's rights by repositories";
    checker.add({ property: `${at}.role`, expected: "pull or push", got: "nothing", advice });
  }
  const beside = (member: string, other: string, named: string): void => {
    if (user[member] === undefined || user[other] === undefined) return;
    const expected = `left out beside ${named}`;
    checker.add({ property: `${at}.${member}`, expected, got: "both", advice: "leave one of the two out" });
  };
  beside("generation", "password", "a password");
  beside("generation", "passwordHash", "a password's hash");
  beside("passwordHash", "password", "a password");
  const { name, passwordHash: line } = user;
  if (typeof name === "string" && typeof line === "string") checker.add(otherName(name, line, at));
}

/** A line of an htpasswd file has to be this user's. */
function otherName(name: string, line: string | undefined, at: string): Problem | undefined {
  const its = line === undefined ? undefined : htpasswdLine(line).name;
  if (its === undefined || its === name) return undefined;
  const expected = `a hash, or the line that begins with "${name}:"`;
  const advice = "give this user's own line, or the hash without the name";
  return { property: `${at}.passwordHash`, expected, got: "the line of another name", advice };
}

/** Two users of one name, or of names that differ in case only, which people would mix up. */
function sameNames(names: readonly unknown[]): Problem | undefined {
  const [seen, twice] = [new Set<string>(), new Set<string>()];
  for (const name of names) {
    if (typeof name !== "string") continue;
    const lower = name.toLowerCase();
    (seen.has(lower) ? twice : seen).add(lower);
  }
  if (twice.size === 0) return undefined;
  const got = `${[...twice].join(", ")} twice`;
  return { property: "users", expected: "users of different names", got, advice: "remove one of the two" };
}

/** A gateway's users all need a password; who has none in a `PrivateRegistry` has got one by then. */
export function checkPasswords(checker: Checker, users: readonly UserArgs[]): void {
  if (!Array.isArray(users)) return;
  const advice = "give one, or passwordHash; only a PrivateRegistry makes passwords";
  users.forEach((user: unknown, index) => {
    if (!isTable(user) || user["password"] !== undefined || user["passwordHash"] !== undefined) return;
    checker.add({ property: `users[${index}].password`, expected: "set", got: "nothing", advice });
  });
}

/** The users as outputs; what is known only later is judged then. */
export function usersOf(checker: Checker, users: readonly UserArgs[]): CheckedUsers {
  const column = <K extends "name" | "role" | "password" | "passwordHash">(name: K) =>
    users.map((user, index) => ({ property: `users[${index}].${name}`, given: user[name], value: USER[name] }));
  const names = checker.column(column("name"));
  const roles = checker.column(column("role"));
  const named = pulumi
    .all([names, roles, rightsOf(checker, users, (index) => `users[${index}]`)])
    .apply(([all, role, rights]) =>
      all.map((name, index) => ({ name, role: role[index], repositories: rights[index] ?? [] })),
    );
  const late = (all: NamedUser[], secret: boolean): (Problem | undefined)[] => [
    hidden(sameNames(all.map(({ name }) => name)), secret),
  ];
  const known = users.every(({ name }) => !isLate(name));
  return {
    named: known ? named : checker.late(named, late),
    passwords: checker.column(column("password"), true),
    brought: broughtBy(checker, users, names, checker.column(column("passwordHash"), true)),
    made: users.map(({ password }) => isMade(password)),
  };
}

/** The hashes that were given; a line that is known only later has to be of the right name then. */
function broughtBy(
  checker: Checker,
  users: readonly UserArgs[],
  names: pulumi.Output<string[]>,
  given: pulumi.Output<(string | undefined)[]>,
): CheckedUsers["brought"] {
  if (users.every(({ passwordHash: hash }) => hash === undefined)) return pulumi.output(users.map(() => undefined));
  return checker
    .late(pulumi.all([names, given]), ([all, lines]) =>
      lines.map((line, index) => otherName(all[index] ?? "", line, `users[${index}]`)),
    )
    .apply(([, lines]) => lines.map((line) => (line === undefined ? undefined : readHash(line))));
}

/**
 * The rights of each user.
 * @param at Where the user wrote each of them.
 */
export function rightsOf(
  checker: Checker,
  users: readonly Pick<UserArgs, "repositories">[],
  at: (index: number) => string,
): pulumi.Output<RepositoryRight[][]> {
  const counts = users.map(({ repositories }) => repositories?.length ?? 0);
  const rights = users.flatMap(({ repositories }, user) =>
    (repositories ?? []).map((right, index) => ({ path: `${at(user)}.repositories[${index}]`, right })),
  );
  const patterns = checker.column(
    rights.map(({ path, right }) => ({ property: `${path}.pattern`, given: right.pattern, value: RIGHT.pattern })),
  );
  const roles = checker.column(
    rights.map(({ path, right }) => ({ property: `${path}.role`, given: right.role, value: RIGHT.role })),
  );
  return pulumi.all([patterns, roles]).apply(([names, all]) => {
    const flat = names.map((pattern, index) => ({ pattern, role: all[index] as RepositoryRight["role"] }));
    return counts.map((count) => flat.splice(0, count));
  });
}
