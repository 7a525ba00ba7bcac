import * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../../checks/checker";
import { isTable } from "../../checks/judge";
import { omitUndefined } from "../../checks/omit-undefined";
import { serviceAccount } from "../../checks/kubernetes";
import type { Problem } from "../../checks/problems";
import type { RegistryAccessArgs, UserArgs } from "./args";
import { type NamedUser, rightsOf } from "./check";
import { IDENTITY, type RegistryIdentityArgs, type TokenIssuerArgs, TokenIssuerKind } from "./identity-args";
import { isTooWide } from "./identity-patterns";
import { CLUSTER, isDefaultAudience, issuerNamed, issuerOf } from "./token-issuers";

/** What a gateway knows of an identity beside its rights. */
export interface Identity {
  name: string;
  issuer: string;
  audience: string;
  /** Undefined if `groups` decide. */
  subject: string | undefined;
  groups: string[];
}

type Table = Record<string, unknown>;

/** What concerns more than one member of an identity or an issuer, or more than one of them, as far as it is known. */
export function checkIdentities(
  checker: Checker,
  access: RegistryAccessArgs | undefined,
  users: readonly UserArgs[] | undefined,
): void {
  if (!isTable(access)) return;
  const { identities, issuers } = access as RegistryAccessArgs;
  const entries = tables(issuers) as (Table & TokenIssuerArgs)[];
  const all = tables(identities) as (Table & RegistryIdentityArgs)[];
  checker.add(...entries.flatMap((entry, index) => issuerProblems(entry, `access.issuers[${index}]`, entries, all)));
  const names = tables(users).map(({ name }) => name);
  all.forEach((identity, index) => {
    const at = `access.identities[${index}]`;
    checker.add(...rightProblems(identity, at), ...whoseProblems(identity, at));
    checker.add(...issuedProblems(identity, at, entries), ...podProblems(identity, at, all));
    const others = [...names, ...all.slice(0, index).map(({ name }) => name)];
    checker.add(taken(`${at}.name`, identity.name, others));
  });
}

const tables = (list: unknown): Table[] => (Array.isArray(list) ? list.filter(isTable) : []);

function rightProblems({ role, repositories }: RegistryIdentityArgs, at: string): Problem[] {
  if (role !== undefined || (Array.isArray(repositories) && repositories.length > 0)) return [];
  const advice = "give one of the two, or an identity's rights by repositories";
  return [{ property: `${at}.role`, expected: "pull or push", got: "nothing", advice }];
}

function whoseProblems({ subject, groups }: RegistryIdentityArgs, at: string): Problem[] {
  if ((subject === undefined) !== (groups === undefined)) return [];
  const got = subject === undefined ? "nothing" : "both";
  const advice = "say by one of the two whose tokens are good: an issuer's tokens are everybody's";
  return [{ property: `${at}.subject`, expected: "set, or groups in its place", got, advice }];
}

function issuedProblems(
  { issuer: named, cluster, audience, subject }: RegistryIdentityArgs,
  at: string,
  entries: readonly TokenIssuerArgs[],
): Problem[] {
  if ((named === undefined) === (cluster !== true)) {
    const got = named === undefined ? "neither" : "both";
    const advice = "say who makes its tokens: an issuer, or cluster: true for pods";
    return [{ property: `${at}.issuer`, expected: "an issuer, or cluster in its place", got, advice }];
  }
  const issuer = issuerOf(omitUndefined({ issuer: named, cluster }));
  const known = issuerNamed(entries, issuer);
  if (known === undefined) {
    const expected = "github, gitlab, or the name of one of access.issuers";
    const advice = "add the issuer there, with its url and keysUrl";
    return [{ property: `${at}.issuer`, expected, got: JSON.stringify(issuer), advice }];
  }
  const problems: Problem[] = [];
  if (typeof audience === "string" && isDefaultAudience(audience, known)) {
    const expected = "an audience of the registry's own, not the issuer's default";
    const advice = "give the registry's host name, and have the job ask for a token for it";
    problems.push({ property: `${at}.audience`, expected, got: JSON.stringify(audience), advice });
  }
  if (typeof subject === "string" && isTooWide(subject, known.kind)) {
    const expected = "a subject that names an owner before its first *";
    problems.push({
      property: `${at}.subject`,
      expected,
      got: JSON.stringify(subject),
      advice: WIDE[known.kind ?? ""],
    });
  }
  return problems;
}

/** Pods have no groups, and the kubelet asks for their tokens for one audience. */
function podProblems(
  { cluster, subject, groups, audience }: RegistryIdentityArgs,
  at: string,
  all: readonly RegistryIdentityArgs[],
): Problem[] {
  if (cluster !== true) return [];
  const problems: Problem[] = [];
  if (groups !== undefined) {
    const advice = "name service accounts in subject";
    problems.push({ property: `${at}.groups`, expected: "left out with cluster", got: "groups", advice });
  }
  const wrong = typeof subject === "string" ? serviceAccount(subject) : undefined;
  if (wrong) {
    const advice = "give the namespace and the service account of the pods";
    problems.push({ property: `${at}.subject`, ...wrong, got: JSON.stringify(subject), advice });
  }
  if (all.find((each) => each.cluster === true)?.audience !== audience) {
    const expected = "the audience of the first identity with cluster";
    const advice = "give all of them the registry's host name: the kubelet asks for one audience";
    problems.push({ property: `${at}.audience`, expected, got: JSON.stringify(audience), advice });
  }
  return problems;
}

/** What to do about a pattern that lets in too many. */
const WIDE: Readonly<Record<TokenIssuerKind | "", string>> = {
  [TokenIssuerKind.Github]: "begin it with repo:OWNER/, such as repo:acme/app:ref:refs/heads/*",
  [TokenIssuerKind.Gitlab]: "begin it with project_path:GROUP/, such as project_path:acme/app:ref_type:branch:ref:*",
  "": "begin it with two parts that name whose it is, such as system:serviceaccount:apps:*",
};

function issuerProblems(
  entry: TokenIssuerArgs,
  at: string,
  entries: readonly TokenIssuerArgs[],
  identities: readonly RegistryIdentityArgs[],
): Problem[] {
  const { name, nodePort } = entry;
  if (typeof name !== "string") return [];
  const problems: Problem[] = [];
  const missing = (member: string, expected: string, advice: string): void =>
    void problems.push({ property: `${at}.${member}`, expected, got: "nothing", advice });
  const { url, keysUrl } = issuerNamed([entry], name) ?? {};
  if (name === CLUSTER) problems.push(...knownByItself(entry, at));
  else if (url === undefined) missing("url", "set", "give the claim iss of its tokens, letter by letter");
  else if (keysUrl === undefined) {
    missing(
      "keysUrl",
      "set for an issuer without a kind",
      `give the jwks_uri of ${url}/.well-known/openid-configuration`,
    );
  }
  if (entries.findIndex((other) => other.name === name) !== entries.indexOf(entry)) {
    const advice = "remove one of the two";
    problems.push({
      property: `${at}.name`,
      expected: "a name that is not there yet",
      got: JSON.stringify(name),
      advice,
    });
  }
  const audiences = new Set(identities.filter((each) => issuerOf(each) === name).map(({ audience }) => audience));
  if (nodePort !== undefined && audiences.size > 1) {
    const expected = "left out for an issuer with more than one audience";
    const advice = "leave it out: each audience has a port of its own, which Kubernetes chooses";
    problems.push({ property: `${at}.nodePort`, expected, got: `a port and ${audiences.size} audiences`, advice });
  }
  return problems;
}

/** What the cluster says of itself when it is asked is not said here. */
function knownByItself(entry: TokenIssuerArgs, at: string): Problem[] {
  const given = (["kind", "url", "keysUrl", "caPem"] as const).filter((member) => entry[member] !== undefined);
  const advice = "leave it out, or give the issuer another name: cluster is the one in which the registry runs";
  return given.map((member) => ({
    property: `${at}.${member}`,
    expected: "left out for the issuer cluster",
    got: "a value",
    advice,
  }));
}

/** A name that another identity or a user has, or that differs from it in case only. */
export function taken(property: string, name: unknown, others: readonly unknown[]): Problem | undefined {
  if (typeof name !== "string") return undefined;
  const same = others.some((other) => typeof other === "string" && other.toLowerCase() === name.toLowerCase());
  if (!same) return undefined;
  const advice = "rename one of the two: a name is a user's, or one identity's";
  return { property, expected: "a name that is not there yet", got: JSON.stringify(name), advice };
}

/** The identities of a gateway after the checks. */
export interface CheckedIdentities {
  /** By name, with their rights, as users are. */
  named: pulumi.Output<NamedUser[]>;
  identities: Identity[];
}

/**
 * The identities, as far as a gateway knows them; rights that are known only later are judged then, and whether a user
 * has the name of one.
 */
export function identitiesOf(
  checker: Checker,
  given: readonly RegistryIdentityArgs[],
  users: pulumi.Output<NamedUser[]>,
): CheckedIdentities {
  const at = (index: number): string => `access.identities[${index}]`;
  const roles = checker.column(
    given.map(({ role }, index) => ({ property: `${at(index)}.role`, given: role, value: IDENTITY.role })),
  );
  const both = pulumi.all([users, roles, rightsOf(checker, given, at)]);
  const clash = (people: NamedUser[]): (Problem | undefined)[] => {
    const names = people.map(({ name }) => name);
    return given.map(({ name }, index) => taken(`${at(index)}.name`, name, names));
  };
  const named = checker
    .late(both, ([people]) => clash(people))
    .apply(([, all, rights]) =>
      given.map(({ name }, index) => ({ name, role: all[index], repositories: rights[index] ?? [] })),
    );
  const identities = given.map(({ name, issuer, cluster, audience, subject, groups = [] }) => ({
    ...{ name, issuer: issuerOf(omitUndefined({ issuer, cluster })), audience },
    subject,
    groups,
  }));
  return { named, identities };
}
