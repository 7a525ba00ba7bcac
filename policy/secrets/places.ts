import { secretsOfWords } from "./commands";
import { isSecretName } from "./names";
import { secretsInText } from "./texts";
import { isGiven, isSecret, secretIn } from "./values";

/** Something that lies in the clear. */
export interface Found {
  /** Where, and what; never the value. */
  fault: string;
  /** True for what is in a container's own lists of variables, words and probes. */
  inContainer: boolean;
}

/** What is wrong with a text that lies in the clear, wherever that is. */
export function textFaults(place: string, text: string): string[] {
  const kind = secretIn(text);
  if (kind !== undefined) return [`${place} holds ${kind} in the clear`];
  return secretsInText(text).map((name) => `${place} holds a secret in the clear: ${name} has its value`);
}

/** Members that hold a Secret's content, or a login that goes to a server and into no object. */
const RIGHT = /^kubernetes:(core\/[^:]+:Secret(Patch)?$|helm\.sh\/)/;
const OF_SECRET = new Set(["data", "stringData", "repositoryOpts"]);
const CONTAINER = /\.(containers|initContainers|ephemeralContainers)\[\d+\]\.(env|command|args|lifecycle|\w+Probe)\b/;

/** A password by these names is one in any member; "secret" and "token" are often an object's name. */
const PASSWORD = /pass(word|wd|phrase)$/i;

/** Looks at every text of an object, in whatever shape it is: annotations, headers, lists of names and values. */
export function secretsInTree(type: string, props: unknown): Found[] {
  const entries = Object.entries(props ?? {}).filter(([name]) => !(RIGHT.test(type) && OF_SECRET.has(name)));
  const config = /:ConfigMap(Patch)?$/.test(type);
  return entries
    .filter(([name]) => !(config && (name === "data" || name === "binaryData")))
    .flatMap(([name, value]) => inValue(`.${name}`, name, value));
}

function inValue(path: string, name: string, value: unknown): Found[] {
  if (typeof value === "string") return inString(path, name, value);
  if (Array.isArray(value)) return inList(path, name, value);
  if (typeof value !== "object" || value === null) return [];
  const named = value as { name?: unknown; value?: unknown };
  const pair =
    typeof named.name === "string" && typeof named.value === "string" && isSecret(named.name, named.value)
      ? [found(path, `${named.name} holds a secret in the clear`)]
      : [];
  const inner = Object.entries(value).flatMap(([key, each]) => inValue(`${path}.${key}`, key, each));
  return [...pair, ...inner];
}

function inList(path: string, name: string, list: readonly unknown[]): Found[] {
  const words = list.filter((each): each is string => typeof each === "string");
  const faults = /^(command|args|\w*[aA]rgs)$/.test(name) && words.length > 0 ? secretsOfWords(words) : [];
  return [
    ...faults.map((fault) => found(path, `holds a secret in the clear: ${fault}`)),
    ...list.flatMap((each, index) => inValue(`${path}[${index}]`, "", each)),
  ];
}

function inString(path: string, name: string, text: string): Found[] {
  const byName = isNamed(path, name) && isGiven(text);
  if (byName && !text.includes("\n")) return [found(path, "holds a secret in the clear")];
  return textFaults(path.slice(1), text).map((fault) => ({ fault, inContainer: CONTAINER.test(path) }));
}

function isNamed(path: string, name: string): boolean {
  if (isVariable(path)) return isSecretName(name);
  // An annotation that ends with "secret" names one, as nginx's auth-secret.
  return isAnnotation(path) ? isSecretName(name) && !/secrets?$/i.test(name) : PASSWORD.test(name);
}

const isAnnotation = (path: string): boolean => /\.annotations\.|\.labels\./.test(path);
/** Variables and headers as an object, as charts take them: `env: {NAME: value}`. */
const isVariable = (path: string): boolean => /\.(\w*[eE]nv|\w*[eE]nvironment|\w*[hH]eaders)\.[^.]+$/.test(path);

function found(path: string, what: string): Found {
  return { fault: `${path.slice(1)} ${what}`, inContainer: CONTAINER.test(path) };
}
