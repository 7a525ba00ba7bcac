import { isGiven, isSecret } from "./values";

/** A line of a file that gives a name a value: YAML, JSON, INI, properties, a shell's assignment. */
const LINE = /^[ \t]{0,200}(?:- |export +|set +|-+)?["']?([A-Za-z_][\w.-]*)["']?[ \t]{0,40}(?:=|:(?=[ \t]))(.*)$/gm;
/** The same within a line: JSON, YAML's short form, a connection string. */
const WITHIN =
  /(?<=[{,;?&(\s]|^)["']?(?<![\w.-])([A-Za-z_][\w.-]*)["']?[ \t]{0,40}(?:=|:[ \t]{0,40}(?=["'\w[]))[ \t]{0,40}\[?[ \t]{0,40}("[^"\n]*"|'[^'\n]*'|[^\s,;}&"'[\]]+)/gm;
/** A list's entry with a name and a value of its own, as Kubernetes writes variables and headers. */
const ENTRY =
  /["']?\bname["']?\s{0,9}:\s{0,9}["']?([\w.-]+)["']?\s{0,9},?\s{0,99}["']?value["']?\s{0,9}:\s{0,9}("[^"\n]*"|'[^'\n]*'|[^\s,}"']+)/g;
/** Files that put a space between the two: .netrc, Redis' config. */
const SPACED = /^[ \t]*(requirepass|masterauth)[ \t]+(\S+)|\bmachine\s+\S+\s+login\s+\S+\s+(password)\s+(\S+)/gm;
/** Words that say what a value is, in a schema or a form: no values. */
const TYPE =
  /^(string|str|text|number|integer|int|boolean|bool|object|array|required|optional|any|unknown|undefined|bearer|basic|digest)$/i;
/** A program's expression: a call, a member, a variable. */
const CODE = /^[\w$.]+\(.*|^[\w$]+(\.[\w$]+)+;?$|;$|^(\$|%[\w(]|\{|\||>|&|\*|<|`)/;

/** The names in a file's text to which it gives a secret in the clear. */
export function secretsInText(text: string): string[] {
  const lines = [...text.matchAll(LINE)].filter(([, , value = ""]) => !/^\s*[[{]/.test(value));
  const within = [...text.matchAll(WITHIN)].filter(
    (found) => /["'=]/.test(found[0]) || /[{,;]\s?$/.test(text.slice(Math.max(0, found.index - 2), found.index)),
  );
  const elements = [...text.matchAll(/<([A-Za-z][\w.-]*)>([^<>]+)<\/\1>/g)];
  const entries = [...text.matchAll(ENTRY)];
  const spaced = [...text.matchAll(SPACED)].filter(([, , one = "", , other = ""]) => isGiven(one + other));
  const found = [...lines, ...within, ...entries, ...elements].filter(([, name = "", value = ""]) =>
    isInClear(name, value),
  );
  return [...new Set([...found.map(([, name = ""]) => name), ...spaced.map(([, one, , other]) => one ?? other ?? "")])];
}

/** Several words are a sentence, unless they may be a passphrase. */
const isProse = (name: string, text: string): boolean =>
  !/pass/i.test(name) && /^[A-Za-z]+,?( [A-Za-z]+[,.!?]?)+$/.test(text);

function isInClear(name: string, given: string): boolean {
  const value = given.trim().replace(/,$/, "").trim();
  const quoted = /^(["']).*\1$/.test(value);
  const bare = quoted ? value.slice(1, -1) : value.replace(/\s#.*$/, "").trim();
  if (TYPE.test(bare) || !isGiven(bare) || isProse(name, bare)) return false;
  return (quoted ? !/^(\$|%[\w(]|\{\{)/.test(bare) : !CODE.test(bare)) && isSecret(name, bare);
}
