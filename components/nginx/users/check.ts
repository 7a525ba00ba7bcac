import * as pulumi from "@pulumi/pulumi";
import { Checker } from "../../checks/checker";
import type { Rule } from "../../checks/problems";
import { repositoryPattern, type RepositoryRight } from "./repositories";
import { PlainUser, sameNames, UserArgs, userName, userPassword, userRole } from "./users";
import { UserRole } from "./role";

/** A user without the password. */
export type NamedUser = Omit<PlainUser, "password"> & { repositories: RepositoryRight[] };

/** The users of a gateway after the checks. A few outputs for all of them, since there may be thousands of users. */
export interface CheckedUsers {
  named: pulumi.Output<NamedUser[]>;
  /** In the order of `named`. Secret. */
  passwords: pulumi.Output<string[]>;
}

/** Checks the users of a gateway. */
export function checkUsers(checker: Checker, users: UserArgs[]): CheckedUsers {
  if (!Array.isArray(users) || users.length === 0) {
    const advice = "add one, or nobody can use the registry";
    checker.add({ property: "users", expected: "a list of at least one user", got: "none", advice });
    users = [];
  }
  const complaint = repeated(users.map(({ name }) => name));
  if (complaint) checker.add({ property: "users", got: "a list", ...complaint });
  const names = checker.checkEach(
    users.map(({ name }, index) => ({ property: `users[${index}].name`, value: name, rule: userName })),
  );
  const roles = checker.checkEach(users.map(roleOf));
  const rights = checkRights(checker, users);
  return { named: zip(names, roles, rights), passwords: checkPasswords(checker, users) };
}

const repeated = (names: unknown[]) => sameNames(names.filter((each) => typeof each === "string"));

/** Only when all names are known it is, if two that are outputs are the same. */
function zip(
  names: pulumi.Output<string[]>,
  roles: pulumi.Output<PlainUser["role"][]>,
  rights: pulumi.Output<RepositoryRight[][]>,
): pulumi.Output<NamedUser[]> {
  return pulumi.all([names, roles, rights]).apply(([plain, all, some]) => {
    const late = new Checker("users");
    const found = repeated(plain);
    if (found) late.add({ property: "users", got: "a list", ...found });
    late.done();
    return plain.map((name, index) => ({ name, role: all[index], repositories: some[index] ?? [] }));
  });
}

/** A user with rights for some repositories needs no role for all of them. */
function roleOf({ role, repositories = [] }: UserArgs, index: number) {
  const limited = role === undefined && repositories.length > 0;
  const rule: Rule<PlainUser["role"]> = limited ? () => undefined : (value) => userRole(value as UserRole);
  return { property: `users[${index}].role`, value: role as pulumi.Input<PlainUser["role"]>, rule };
}

/** The rights of each user. */
function checkRights(checker: Checker, users: UserArgs[]): pulumi.Output<RepositoryRight[][]> {
  const counts = users.map(({ repositories = [] }) => repositories.length);
  const rights = users.flatMap(({ repositories = [] }, user) =>
    repositories.map((right, index) => ({ path: `users[${user}].repositories[${index}]`, right })),
  );
  const patterns = checker.checkEach(
    rights.map(({ path, right }) => ({ property: `${path}.pattern`, value: right.pattern, rule: repositoryPattern })),
  );
  const roles = checker.checkEach(
    rights.map(({ path, right }) => ({ property: `${path}.role`, value: right.role, rule: userRole })),
  );
  return pulumi.all([patterns, roles]).apply(([names, all]) => {
    const flat = names.map((pattern, index) => ({ pattern, role: all[index] as UserRole }));
    return counts.map((count) => flat.splice(0, count));
  });
}

function checkPasswords(checker: Checker, users: UserArgs[]): pulumi.Output<string[]> {
  const advice = "give one; it is made by a PrivateRegistry alone";
  users.forEach(({ password }, index) => {
    if (password !== undefined) return;
    checker.add({ property: `users[${index}].password`, expected: "a password", got: "nothing", advice });
  });
  const given = users.flatMap(({ password }, index) =>
    password === undefined ? [] : [{ property: `users[${index}].password`, value: password, rule: userPassword }],
  );
  return checker.checkEach(given, { secret: true });
}

/** Checks the patterns that are open to everybody. */
export function checkPatterns(checker: Checker, patterns: pulumi.Input<string>[]): pulumi.Output<string[]> {
  return checker.checkEach(
    patterns.map((value, index) => ({ property: `anonymousPull[${index}]`, value, rule: repositoryPattern })),
  );
}
