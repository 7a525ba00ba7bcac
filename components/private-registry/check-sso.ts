import type { Checker } from "../checks/checker";
import { isTable } from "../checks/judge";
import type { Problem } from "../checks/problems";
import { TokenIssuerKind, type TokenIssuerArgs } from "../nginx/users/identity-args";
import { taken } from "../nginx/users/identities";
import { USER_NAME } from "../nginx/users/right-args";
import { CLUSTER, issuerNamed } from "../nginx/users/token-issuers";
import type { RegistrySsoArgs, RegistrySsoGroupArgs } from "../sso/args";
import type { PrivateRegistryArgs } from "./args";

type Table = Record<string, unknown>;

/** What concerns more than one setting of a login, as far as it is known. */
export function checkSso(checker: Checker, args: PrivateRegistryArgs): void {
  const { access } = args;
  if (!isTable(access) || !isTable(access.sso)) return;
  const sso = access.sso as Table & RegistrySsoArgs;
  checker.add(placeProblem(args), issuerProblem(sso, tables(access.issuers) as (Table & TokenIssuerArgs)[]));
  if (Array.isArray(sso.scopes) && !sso.scopes.includes("openid")) {
    const advice = "add openid, without which there is no token";
    const got = JSON.stringify(sso.scopes);
    checker.add({ property: "access.sso.scopes", expected: "a list with openid", got, advice });
  }
  const names = [...tables(args.users), ...tables(access.identities)].map(({ name }) => name);
  const groups = tables(sso.groups) as (Table & RegistrySsoGroupArgs)[];
  groups.forEach((group, index) => {
    const before = groups.slice(0, index);
    const others = [...names, ...before.map(({ name, user = name }) => user)];
    checker.add(...groupProblems(group, `access.sso.groups[${index}]`, before, others));
  });
}

const tables = (list: unknown): Table[] => (Array.isArray(list) ? list.filter(isTable) : []);

/** The cookie is for the UI's name only, so that no page makes a browser push. */
function placeProblem({ ui, registryHost }: PrivateRegistryArgs): Problem | undefined {
  const host: unknown = isTable(ui) ? ui["host"] : undefined;
  const [own, other] = [host, registryHost].map((each) => (typeof each === "string" ? each.toLowerCase() : undefined));
  const same = own !== undefined && own === other;
  if (host !== undefined && !same) return undefined;
  const expected = "a name of the UI's own with access.sso";
  const advice = "give the UI a name such as ui.example.com: the login's cookie is for that name only";
  return { property: "ui.host", expected, got: same ? "the registry's name" : "nothing", advice };
}

function issuerProblem({ issuer }: RegistrySsoArgs, entries: readonly TokenIssuerArgs[]): Problem | undefined {
  if (typeof issuer !== "string") return undefined;
  const known = issuerNamed(entries, issuer);
  if (known !== undefined && known.kind !== TokenIssuerKind.Github && issuer !== CLUSTER) return undefined;
  const expected = "gitlab, or the name of one of access.issuers where people log in";
  const advice = "add the login there, with its url and keysUrl";
  return { property: "access.sso.issuer", expected, got: JSON.stringify(issuer), advice };
}

function groupProblems(
  { name, user, role, repositories }: RegistrySsoGroupArgs,
  at: string,
  before: readonly RegistrySsoGroupArgs[],
  names: readonly unknown[],
): (Problem | undefined)[] {
  const problems: (Problem | undefined)[] = [];
  if (before.some((other) => other.name === name)) {
    const advice = "remove one of the two";
    const expected = "a group that is not there yet";
    problems.push({ property: `${at}.name`, expected, got: JSON.stringify(name), advice });
  }
  if (user === undefined && typeof name === "string" && USER_NAME(name)) {
    const advice = "give the name for docker login, since the group's is none: letters, digits and ._@+-";
    problems.push({ property: `${at}.user`, expected: "set for this group", got: "nothing", advice });
  }
  if (role === undefined && !(Array.isArray(repositories) && repositories.length > 0)) {
    const advice = "give one of the two, or the group's rights by repositories";
    problems.push({ property: `${at}.role`, expected: "pull or push", got: "nothing", advice });
  }
  problems.push(taken(user === undefined ? `${at}.name` : `${at}.user`, user ?? name, names));
  return problems;
}
