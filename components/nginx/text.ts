import { createHash } from "node:crypto";

/**
 * nginx configuration as data. Every value that comes from outside passes through `word`, so none can end its place: a
 * parameter stays one parameter, whatever characters it holds. (nginx's own grammar: words, `;`, `{`, `}`, `#`,
 * quotes.)
 */

/** Words that need no quotes. */
const BARE = /^[A-Za-z0-9_./:@+,=~^|()?*%<>!&[\]-]+$/;

/**
 * A value as one parameter of a directive, taken literally: quoted where it needs to be. Throws for what nginx can't
 * take literally: control characters, and `$`, which starts a variable and has no escape.
 */
export function word(value: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f$]/.test(value)) throw new Error("nginx can't take a control character or '$' in a value");
  return BARE.test(value) ? value : `"${value.replace(/[\\"]/g, "\\$&")}"`;
}

/** A directive: `directive("listen", "443", "ssl")` is `listen 443 ssl;`. The words are taken as they are. */
export function directive(name: string, ...words: (string | number)[]): string {
  return `${[name, ...words].join(" ")};`;
}

/** A block with indented contents; an empty line in `lines` stays an empty line. */
export function block(head: string, lines: readonly string[]): string[] {
  return [`${head} {`, ...lines.map((line) => (line === "" ? "" : `    ${line}`)), "}"];
}

/** Lines as a file. */
export function fileText(...parts: (readonly string[] | string)[]): string {
  return `${parts.flat().join("\n")}\n`;
}

/**
 * How long a plain name in one of nginx's tables may be: the tables of a host that says nothing else have places of 64
 * bytes.
 */
const TABLE_NAME = 46;

/** A host name for `server_name`: plain, or a pattern if it is too long for nginx's table of names. */
export function serverName(host: string): string {
  return host.length <= TABLE_NAME ? word(host) : word(`~^${host.replace(/\./g, "\\.")}\\z`);
}

/**
 * A site's name as a part of nginx's own names (upstreams, zones, variables): `pr_main_gateway`. A long one is cut and
 * marked, since nginx's table of variables has the same limit, and they end with a word of their own.
 */
export function identifier(site: string): string {
  const name = site.replace(/-/g, "_");
  if (name.length <= 24) return `pr_${name}`;
  return `pr_${name.slice(0, 15)}_${createHash("sha256").update(site).digest("hex").slice(0, 8)}`;
}
