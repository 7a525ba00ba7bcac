import { createHash } from "node:crypto";
import { block, directive, identifier } from "../text";
import { clientKey, secretOf } from "./secrets";
import type { GatewaySite } from "./site";

/*
 * How the gateway's servers ask the access server, and how that one asks itself: requests over loopback.
 */

/** The loopback address of the site's access server: 127.65-126.x.y, from the site's name. */
export function accessAddress(site: string): string {
  const [a = 0, b = 0, c = 0] = createHash("sha256").update(`address of ${site}`).digest();
  return `127.${65 + (a % 62)}.${b}.${1 + (c % 254)}`;
}

/**
 * The secret parts of the access server's paths: what only nginx's own configuration can know. While a reload goes on,
 * workers of the former release ask those of the new one, which have another key perhaps, or other users: so there is a
 * part for each, and one that is right is enough.
 */
export function secretParts(site: GatewaySite): string[] {
  return [site.keyPem, clientKey(site), site.userFile].map((known) => secretOf(site, known, "path").slice(0, 32));
}

/** What a question's path looks like, as a location. */
export function askedFor(site: GatewaySite, answer: string): string {
  const parts = secretParts(site);
  const ways = parts.map((part, index) => parts.map((_, at) => (at === index ? part : "[0-9a-f]+")).join("/"));
  return `location ~ "^/(?:${ways.join("|")})/${answer}\\z"`;
}

/** How long the access server may take for an answer, and to be asked again; 0 is without end. */
const OWN_TIMES: { connect: string; read: string; tries: number; trying: string | number } = {
  connect: "5s",
  read: "60s",
  tries: 0,
  trying: 0,
};

/**
 * A question has these headers and no others, and no body. Its answer may come from a memory, and of the same questions
 * only one is asked at a time.
 */
export function question(
  headers: Record<string, string>,
  { times = OWN_TIMES, intercepts = "off" }: { times?: typeof OWN_TIMES; intercepts?: "on" | "off" } = {},
): string[] {
  return [
    directive("proxy_method", "GET"),
    directive("proxy_pass_request_headers", "off"),
    directive("proxy_pass_request_body", "off"),
    ...Object.entries(headers).map(([name, value]) => directive("proxy_set_header", name, value)),
    directive("proxy_set_header", "Content-Length", '""'),
    directive("proxy_set_header", "Connection", '""'),
    directive("proxy_http_version", "1.1"),
    directive("proxy_buffering", "on"),
    directive("proxy_intercept_errors", intercepts),
    directive("proxy_connect_timeout", times.connect),
    directive("proxy_read_timeout", times.read),
    directive("proxy_cache_lock", "on"),
    directive("proxy_cache_lock_age", "60s"),
    directive("proxy_cache_lock_timeout", "60s"),
    directive("proxy_cache_min_uses", 1),
    directive("proxy_cache_revalidate", "off"),
    directive("proxy_bind", "off"),
    directive("proxy_next_upstream_tries", times.tries),
    directive("proxy_next_upstream_timeout", times.trying),
    directive("proxy_cache_bypass", '""'),
    directive("proxy_no_cache", '""'),
  ];
}

/** What the access server never says: of a request in clear on a port for TLS, of a redirect, of a path it has not. */
const NOT_OURS = [301, 302, 303, 307, 308, 400, 404];

/**
 * A location that every request asks. Its question may be answered by a worker of an nginx before this site's first
 * release: for a tenth of a second of that reload workers of both kinds take connections, and the old ones know nothing
 * of the access server. So the question waits until they have stopped, and is asked again. nginx can't wait by itself;
 * what it can do is look for a name where nobody answers.
 * @param lines The location's directives; on is for the first time.
 */
export function askedAgain(name: string, lines: (intercepts: "on" | "off") => readonly string[]): string[] {
  return [
    ...block(`location = /.private-registry/${name}`, [
      directive("internal"),
      ...lines("on"),
      directive("recursive_error_pages", "on"),
      "# In the reload of the first release: a worker that knows nothing of it has answered.",
      directive("error_page", ...NOT_OURS, "=", `@${name}-later`),
    ]),
    ...block(`location @${name}-later`, [
      directive("recursive_error_pages", "on"),
      directive("error_page", 502, "=", `@${name}-again`),
      directive("resolver", "127.0.0.1:9", "ipv6=off"),
      directive("resolver_timeout", "250ms"),
      directive("set", "$private_registry_nobody", "asked-again-after-this-reload.invalid"),
      directive("proxy_pass", "http://$private_registry_nobody"),
    ]),
    ...block(`location @${name}-again`, lines("off")),
  ];
}

/**
 * Whose guesses are counted together: an IPv4 address, or the 64 first bits of an IPv6 one, since whoever has one
 * address has all of such a network. nginx writes an IPv6 address with its first longest run of two or more zero groups
 * as `::`, so the four first groups are found by where that is.
 */
export function clientOf(id: string): string[] {
  const group = "[0-9a-f]+";
  const key = (pattern: string, value: string): string => directive(`"~^${pattern}"`, `"${value}"`);
  return block(`map $remote_addr $${id}_client`, [
    directive("default", "$remote_addr"),
    key("::ffff:(\\d+\\.\\d+\\.\\d+\\.\\d+)\\z", "$1"),
    key(`(${group}:${group}:${group}:${group}):`, "$1"),
    key(`(${group}:${group}:${group})::`, "$1:0"),
    key(`(${group}:${group})::`, "$1:0:0"),
    key(`(${group})::(${group})(?::${group}){4}\\z`, "$1:0:0:$2"),
    key(`(${group})::`, "$1:0:0:0"),
    key(`::(${group}:${group})(?::${group}){4}\\z`, "0:0:$1"),
    key(`::(${group})(?::${group}){4}\\z`, "0:0:0:$1"),
    key("::", "0:0:0:0"),
  ]);
}

/** Nothing behind this is reached without the access that the request needs. */
export function needAccess(site: GatewaySite): string[] {
  const id = identifier(site.site);
  return [
    directive("auth_request", "/.private-registry/access"),
    directive("auth_request_set", `$${id}_access`, "$upstream_status"),
    directive("auth_request_set", `$${id}_memory_state`, "$upstream_cache_status"),
    ...(site.identities.length === 0
      ? []
      : [directive("auth_request_set", `$${id}_token_subject`, "$upstream_http_x_subject")]),
    directive("set", `$${id}_asked`, `$${id}_answer`),
  ];
}
