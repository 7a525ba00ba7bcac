import * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../../checks/checker";
import { isLate, isTable } from "../../checks/judge";
import { hidden, type Problem } from "../../checks/problems";
import { RIGHT, USER, type UserArgs } from "./args";
import type { RepositoryRight } from "./repositories";
import type { PlainUser } from "./users";

/** A user without the password. */
export type NamedUser = Omit<PlainUser, "password"> & { repositories: RepositoryRight[] };

/** The users of a gateway after the checks. A few outputs for all of them, since there may be thousands of users. */
export interface CheckedUsers {
  named: pulumi.Output<NamedUser[]>;
  /** In the order of `named`. Secret. */
  passwords: pulumi.Output<string[]>;
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
  if (user["generation"] !== undefined && user["password"] !== undefined) {
    const advice = "leave one of the two out";
    checker.add({ property: `${at}.generation`, expected: "left out beside a password", got: "both", advice });
  }
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
  const advice = "give one; only a PrivateRegistry makes passwords";
  users.forEach((user: unknown, index) => {
    if (!isTable(user) || user["password"] !== undefined) return;
    checker.add({ property: `users[${index}].password`, expected: "set", got: "nothing", advice });
  });
}

/** The users as outputs; what is known only later is judged then. */
export function usersOf(checker: Checker, users: readonly UserArgs[]): CheckedUsers {
  const column = <K extends "name" | "role" | "password">(name: K) =>
    users.map((user, index) => ({ property: `users[${index}].${name}`, given: user[name], value: USER[name] }));
  const names = checker.column(column("name"));
  const roles = checker.column(column("role"));
  const named = pulumi
    .all([names, roles, rightsOf(checker, users)])
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
  };
}

/** The rights of each user. */
function rightsOf(checker: Checker, users: readonly UserArgs[]): pulumi.Output<RepositoryRight[][]> {
  const counts = users.map(({ repositories }) => repositories?.length ?? 0);
  const rights = users.flatMap(({ repositories }, user) =>
    (repositories ?? []).map((right, index) => ({ path: `users[${user}].repositories[${index}]`, right })),
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
