import * as pulumi from "@pulumi/pulumi";
import * as components from "../components";
import { unknown } from "./read";
import { defined } from "./shape";

type Item = Record<string, unknown>;
type Check = (value: never) => components.Complaint | undefined;

/** A member of an item of a list: how it is checked, and whether it may be left out. */
interface Member {
  rule: Check;
  optional?: boolean;
  secret?: boolean;
}

const HOST: Record<string, Member> = {
  address: { rule: components.hostOrAddress("give the name or address that SSH connects to") },
  hostKey: { rule: components.hostKey },
  port: { rule: components.port(22), optional: true },
  user: { rule: components.sshUser, optional: true },
  name: { rule: components.labelName("its place in the list"), optional: true },
};

const role = components.oneOf(Object.values(components.UserRole), "give one of the two");

const RIGHT: Record<string, Member> = {
  pattern: { rule: components.repositoryPattern },
  role: { rule: role },
};

const USER: Record<string, Member> = {
  name: { rule: components.userName },
  role: { rule: role, optional: true },
  repositories: { rule: list, optional: true },
  password: { rule: components.userPassword, optional: true, secret: true },
  passwordGeneration: { rule: generation, optional: true },
};

const PULL_SECRET: Record<string, Member> = {
  namespace: { rule: components.labelName("a namespace that is there") },
  user: { rule: components.userName },
  secretName: { rule: components.objectName("private-registry"), optional: true },
  defaultServiceAccount: { rule: trueOrFalse, optional: true },
};

/** The secrets of the list `pullSecrets`. */
export function pullSecrets(items: unknown[], problems: components.Problem[]): components.PullSecretArgs[] {
  return checked("pullSecrets", items, PULL_SECRET, problems) as unknown as components.PullSecretArgs[];
}

function asText(value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : `${value}`;
}

/** A text, or a number, which `pulumi config set --path` makes of a text of digits. */
function generation(value: unknown): components.Complaint | undefined {
  return components.text(
    64,
    "leave it out for the first password",
  )(typeof value === "number" ? `${value}` : (value as string));
}

function list(value: unknown): components.Complaint | undefined {
  return Array.isArray(value) ? undefined : { expected: "a list of pattern and role", advice: "leave it out for none" };
}

function trueOrFalse(value: unknown): components.Complaint | undefined {
  return typeof value === "boolean" ? undefined : { expected: "true or false", advice: "leave it out to use false" };
}

/** The gateways of the list `gateways`. */
export function hosts(
  items: unknown[],
  privateKey: string,
  problems: components.Problem[],
): components.GatewayHostArgs[] {
  return checked("gateways", items, HOST, problems).map((item) => ({
    ...(item as unknown as components.GatewayHostArgs),
    privateKey: pulumi.secret(privateKey),
  }));
}

/** The users of the list `users`. */
export function users(items: unknown[], problems: components.Problem[]): components.UserArgs[] {
  return checked("users", items, USER, problems).map((item, index) => {
    const path = `users[${index}]`;
    const rights = Array.isArray(item["repositories"]) ? item["repositories"] : undefined;
    if (item["role"] === undefined && rights === undefined) {
      const advice = "give one of the two, or repositories";
      problems.push({ property: `${path}.role`, expected: "pull or push", got: "nothing", advice });
    }
    const repositories = rights && checked(`${path}.repositories`, rights, RIGHT, problems);
    return {
      name: item["name"] as string,
      ...(item["password"] === undefined ? {} : { password: pulumi.secret(item["password"] as string) }),
      ...defined({
        passwordGeneration: asText(item["passwordGeneration"] as string | number | undefined),
        role: item["role"] as components.UserRole | undefined,
        repositories: repositories as unknown as components.RepositoryRightArgs[] | undefined,
      }),
    };
  });
}

function checked(
  key: string,
  items: unknown[],
  members: Record<string, Member>,
  problems: components.Problem[],
): Item[] {
  if (items.length === 0) {
    problems.push({ property: key, expected: "a list of at least one", got: "an empty one", advice: "add one" });
  }
  return items.filter((item, index): item is Item => {
    const property = `${key}[${index}]`;
    if (typeof item === "object" && item !== null && !Array.isArray(item)) {
      checkItem(property, item as Item, members, problems);
      return true;
    }
    problems.push({
      property,
      expected: `a table of ${Object.keys(members).join(", ")}`,
      got: "something else",
      advice: "mend it",
    });
    return false;
  });
}

function checkItem(path: string, item: Item, members: Record<string, Member>, problems: components.Problem[]): void {
  const known = Object.keys(members);
  for (const name of Object.keys(item).filter((each) => !known.includes(each))) {
    problems.push(unknown(`${path}.${name}`, name, known, `pulumi config rm --path '${path}.${name}'`));
  }
  for (const [name, { rule, optional, secret }] of Object.entries(members)) {
    const value = item[name];
    if (value === undefined && optional) continue;
    const complaint = rule(value as never);
    if (!complaint) continue;
    const got = complaint.got ?? (secret && value !== undefined ? "a secret" : components.shown(value));
    problems.push({ ...complaint, property: `${path}.${name}`, got });
  }
}
