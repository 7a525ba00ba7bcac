import { needAccess } from "./access-question";
import type { GatewaySite } from "./site";
import { exactly, isOpen, NOBODY, sorted, type UserRecord } from "./records";
import { block, directive, identifier } from "../text";

/*
 * Repositories that are open to everybody, beside others that are not, need tokens (RFC 6750, and the distribution
 * project's "token authentication"): a docker that is told to use Basic and has no password stops there, and one that
 * is told nothing at the ping /v2/ never sends the password that it has. So /v2/ asks for a token, and everybody gets
 * one: that of nobody, or their own name and password, which then come as `Bearer` and are compared as usual. Nothing
 * is signed or kept.
 */

/** Where the registry's clients get a token. */
export const TOKEN_PATH = "/.private-registry/token";
const ANONYMOUS = "anonymous";
const BASE64 = "[A-Za-z0-9+/]+=*";

/** Who a token says to be: its first part is the name in hexadecimal digits. */
export function tokenUsers(records: readonly UserRecord[]): string[] {
  return [
    directive(`"~^Bearer ${ANONYMOUS}\\z"`, NOBODY),
    ...records.map(({ name, record }) => directive(`"~^Bearer ${handle(name)}\\.${BASE64}\\z"`, record)),
  ];
}

function handle(name: string): string {
  return Buffer.from(name).toString("hex");
}

/** The maps that make a token of what was given, and say who has to get one. */
export function tokens(site: GatewaySite): string[] {
  const id = identifier(site.site);
  return [
    ...block(`map $http_authorization $${id}_basic`, [
      directive("default", "$http_authorization"),
      directive(`"~^Bearer [0-9a-f]+\\.(${BASE64})\\z"`, '"Basic $1"'),
    ]),
    ...block(`map $remote_user $${id}_logged`, [directive("default", "$remote_user"), directive('""', `$${id}_user`)]),
    ...block(`map $${id}_user $${id}_handle`, [
      directive("default", '""'),
      ...sorted(site).map(({ name }) => directive(exactly(name), handle(name))),
    ]),
    ...block(`map $http_authorization $${id}_given`, [
      directive("default", '""'),
      directive(`"~*^(?:Basic|Bearer [0-9a-f]+\\.) *(${BASE64})\\z"`, "$1"),
    ]),
    ...block(`map "$${id}_handle.$${id}_given" $${id}_token`, [
      directive("default", ANONYMOUS),
      directive('"~^[0-9a-f]+\\..+\\z"', `"$${id}_handle.$${id}_given"`),
    ]),
    ...block(`map "$${id}_user $${id}_answer" $${id}_challenge`, [
      directive("default", '""'),
      directive('"- no"', `'Bearer realm="https://$http_host${TOKEN_PATH}",service="$http_host"'`),
    ]),
  ];
}

/** A header of every answer of the registry's server: where whoever has to show a password gets a token. */
export function challengeHeader(site: GatewaySite): string[] {
  if (!isOpen(site)) return [];
  return [directive("add_header", "WWW-Authenticate", `$${identifier(site.site)}_challenge`, "always")];
}

/** In the registry's server: who has to show a password is told so, and where tokens are. */
export function tokenServer(site: GatewaySite, grantedFolder: string, headers: readonly string[]): string[] {
  if (!isOpen(site)) return [];
  const id = identifier(site.site);
  return [
    ...block(`if ($${id}_challenge)`, [directive("return", 401)]),
    ...block(`location = ${TOKEN_PATH}`, [
      "# Only GET; a client that tries POST first (OAuth 2.0) takes this as a no to that.",
      ...block("if ($request_method != GET)", [directive("return", 404)]),
      ...needAccess(site),
      directive("root", grantedFolder),
      directive("try_files", "/none", "@token"),
    ]),
    ...block("location @token", [
      directive("default_type", "application/json"),
      ...headers,
      directive("add_header", "Cache-Control", "no-store"),
      directive("return", 200, `'{"token":"$${id}_token","access_token":"$${id}_token","expires_in":300}'`),
    ]),
  ];
}
