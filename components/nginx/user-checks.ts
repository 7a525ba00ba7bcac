import * as pulumi from "@pulumi/pulumi";
import { Checker } from "../checks/checker";
import { gather, type Outputs } from "./gather";
import { repositoryPattern, type RepositoryRight } from "./repositories";
import { PlainUser, sameNames, UserArgs, userName, userPassword, userRole } from "./users";

/** Checks the users of a gateway. */
export function checkUsers(checker: Checker, users: UserArgs[]): Outputs<Required<PlainUser>>[] {
  if (!Array.isArray(users) || users.length === 0) {
    const advice = "add one, or nobody can use the registry";
    checker.add({ property: "users", expected: "a list of at least one user", got: "none", advice });
    return [];
  }
  const complaint = repeated(users.map(({ name }) => name));
  if (complaint) checker.add({ property: "users", got: "a list", ...complaint });
  return users.map((user, index) => checkUser(checker, `users[${index}]`, user));
}

const repeated = (names: unknown[]) => sameNames(names.filter((each) => typeof each === "string"));

/** All users when they are known; only then it is, if two names that are outputs are the same. */
export function allOf(users: Outputs<Required<PlainUser>>[]): pulumi.Output<PlainUser[]> {
  return together(users.map((user) => gather<Required<PlainUser>>(user))).apply((people) => {
    const late = new Checker("users");
    const found = repeated(people.map(({ name }) => name));
    if (found) late.add({ property: "users", got: "a list", ...found });
    late.done();
    return people;
  });
}

function checkUser(checker: Checker, path: string, user: UserArgs): Outputs<Required<PlainUser>> {
  const { repositories = [] } = user;
  const limited = user.role === undefined && repositories.length > 0;
  return {
    name: checker.check(`${path}.name`, user.name, userName),
    role: limited
      ? pulumi.output<PlainUser["role"]>(undefined)
      : checker.check(`${path}.role`, user.role as NonNullable<UserArgs["role"]>, userRole),
    repositories: together(
      repositories.map((right, index) =>
        gather<RepositoryRight>({
          pattern: checker.check(`${path}.repositories[${index}].pattern`, right.pattern, repositoryPattern),
          role: checker.check(`${path}.repositories[${index}].role`, right.role, userRole),
        }),
      ),
    ),
    password: checkPassword(checker, `${path}.password`, user.password),
  };
}

function checkPassword(checker: Checker, property: string, password: UserArgs["password"]): pulumi.Output<string> {
  if (password !== undefined) return checker.check(property, password, userPassword, { secret: true });
  const advice = "give one; it is made by a PrivateRegistry alone";
  checker.add({ property, expected: "a password", got: "nothing", advice });
  return pulumi.output("");
}

/** Checks the patterns that are open to everybody. */
export function checkPatterns(checker: Checker, patterns: pulumi.Input<string>[]): pulumi.Output<string[]> {
  return together(
    patterns.map((pattern, index) => checker.check(`anonymousPull[${index}]`, pattern, repositoryPattern)),
  );
}

function together<T>(all: pulumi.Output<T>[]): pulumi.Output<T[]> {
  return pulumi.all(all) as unknown as pulumi.Output<T[]>;
}
