import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";

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

/**
 * A host name for `server_name`. One that is too long for nginx's table of names is written as `.name`, which nginx
 * keeps label by label and prefers to a shorter `*.example.com` of another site. It also stands for names below it,
 * which no client is told. A name with a label that is too long by itself is a pattern, and nginx prefers such a
 * `*.example.com` to that.
 */
export function serverName(host: string): string {
  if (host.length <= TABLE_NAME) return word(host);
  if (host.split(".").every((label) => label.length <= TABLE_NAME)) return word(`.${host}`);
  return word(`~^${host.replace(/\./g, "\\.")}\\z`);
}

/**
 * What a server listens on: the host's own choice of addresses, or all that it has.
 * @param place Of the release, which has the line for IPv6 in a file that depends on the host.
 */
export function listen({ directory, listen: addresses }: Listening, port: number, ...words: string[]): string[] {
  if (addresses.length > 0)
    return addresses.map((each) => directive("listen", `${addressWord(each)}:${port}`, ...words));
  return [directive("listen", port, ...words), directive("include", `${directory}/host/with-listen.con[f]`)];
}

interface Listening {
  directory: string;
  /** IP addresses; none is all. */
  listen: readonly string[];
}

/** An address as nginx takes it: IPv6 in brackets and in its standard form, since nginx refuses "1:2:3:4:5:6:7::". */
export function addressWord(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname : address;
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
