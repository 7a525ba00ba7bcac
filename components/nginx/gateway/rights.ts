import type { GatewaySite } from "./site";
import { expression, NAME, queryExpression, type RepositoryRight } from "../users/repositories";
import { block, directive, identifier } from "../text";
import { UserRole } from "../users/role";

/*
 * What a request may do, as maps: who it says to be, what it wants, and whether that one may. Whether it is that one is
 * the access server's business (access.ts). Rights for repositories are judged on the request's target as it was sent,
 * which is what the registry gets, and only in the one plain form of each path: whatever is encoded, doubled or odd in
 * another way is nothing that such a right covers. So there is no second reading of a name that could differ from the
 * registry's.
 */

/** The answer for a request: `yes` and `no` to somebody with this password, `open` to everybody. */
export function rightsHttp(site: GatewaySite): string[] {
  const id = identifier(site.site);
  const users = sorted(site);
  return [
    "# What a request needs: reading is a pull, except for the state of an upload; everything else is a push.",
    ...block(`map "$request_method:$uri" $${id}_needed`, [
      directive("default", "push"),
      directive(`"~(?s)^(GET|HEAD):(?!/v2/.*/blobs/uploads/)"`, "pull"),
    ]),
    "# Who it says to be: - for nobody, ? for a name that is not there.",
    ...block(`map $remote_user $${id}_named`, [
      directive("default", '"?"'),
      directive('""', '""'),
      ...users.map(({ name }) => directive(exactly(name), name)),
    ]),
    ...block(`map $http_authorization $${id}_user`, [
      directive("default", `$${id}_named`),
      directive('""', '"-"'),
      ...(isOpen(site) ? tokenUsers(site) : []),
    ]),
    "# What that one may do in every repository.",
    ...block(`map $${id}_user $${id}_role`, [
      directive("default", "none"),
      ...users.flatMap(({ name, role }) => (role === undefined ? [] : [directive(exactly(name), role)])),
    ]),
    ...(judgesNames(site) ? rightsByName(site) : []),
    ...block(`map "$${id}_user $${id}_role $${id}_needed${judgesNames(site) ? ` $${id}_right` : ""}" $${id}_answer`, [
      directive("default", "no"),
      ...(isOpen(site) ? [directive('"~^- .* yes\\z"', "open")] : []),
      ...(judgesNames(site) ? [directive('"~ yes\\z"', "yes")] : []),
      directive('"~^\\S* (?:push \\S+|pull pull)(?: |\\z)"', "yes"),
    ]),
    ...(isOpen(site) ? tokens(site) : []),
  ];
}

/** True if names of repositories decide anything. */
export function judgesNames(site: GatewaySite): boolean {
  return isOpen(site) || site.users.some(({ repositories }) => (repositories ?? []).length > 0);
}

/** True if there are repositories that everybody may pull from. */
export function isOpen(site: GatewaySite): boolean {
  return site.anonymousPull.length > 0;
}

/** True for users who may not read everything. */
const isLimited = ({ role }: { role?: UserRole | undefined }): boolean => role === undefined;

function sorted(site: GatewaySite): GatewaySite["users"] {
  return [...site.users].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * A key of a map that fits this text and no other; a plain key would ignore case, and take "default" for something
 * else.
 */
export function exactly(text: string): string {
  return `"~^${escaped(text)}\\z"`;
}

function escaped(text: string): string {
  return text.replace(/[.+]/g, "\\$&");
}

/** A tag, a digest, or a part of an upload's path: none can be `.` or `..`. */
const REFERENCE = "[A-Za-z0-9_](?:[A-Za-z0-9._+:=-]|%3[Aa])*";
const UPLOAD = "(?:[A-Za-z0-9_=-][A-Za-z0-9_.=-]*)?";
const QUERY = "(?:\\?.*)?\\z";

function rightsByName(site: GatewaySite): string[] {
  const id = identifier(site.site);
  const path = `/v2/(${NAME})/(?:(?:manifests|blobs|referrers)/${REFERENCE}|tags/list)${QUERY}`;
  return [
    "# What it wants of which repository, as far as its target has the plain form: the registry's routes, and no others.",
    ...block(`map "$request_method $request_uri" $${id}_what`, [
      directive("default", "none"),
      directive(`"~^(?:GET|HEAD) ${path}"`, '"pull $1"'),
      directive(`"~^[A-Z]+ ${path}"`, '"push $1"'),
      directive(`"~^[A-Z]+ /v2/(${NAME})/blobs/uploads/${UPLOAD}${QUERY}"`, '"push $1"'),
      directive(`"~^(?:GET|HEAD) /v2/?${QUERY}"`, "ping"),
      directive(`"~^GET ${escaped(TOKEN_PATH)}${QUERY}"`, "token"),
    ]),
    ...block(`map "$${id}_user $${id}_what" $${id}_right`, [
      directive("default", "no"),
      directive('"~^[A-Za-z0-9_]\\S* (?:ping|token)\\z"', "yes"),
      directive('"~^- token\\z"', "yes"),
      ...site.anonymousPull.map((pattern) => directive(`"~^\\S* pull ${expression(pattern)}\\z"`, "yes")),
      ...sorted(site).flatMap(({ name, repositories = [] }) =>
        repositories.map(({ pattern, role }) =>
          directive(`"~^${escaped(name)} ${covered(role)} ${expression(pattern)}\\z"`, "yes"),
        ),
      ),
    ]),
    "# An upload may take a blob from another repository (mount). For who may not read that one the question is left out, and",
    "# the registry begins an upload as for a blob that it doesn't have. The registry reads the question from a form, too.",
    ...block(`map "$${id}_role $request_method $${id}_user $request_uri" $${id}_dropped`, [
      directive("default", '""'),
      directive('"~^none POST \\S* [^?]*\\z"', '""'),
      ...mountable(site),
      directive('"~^none POST "', "1"),
    ]),
    ...block(`map "$${id}_role $request_method" $${id}_content_type`, [
      directive("default", "$http_content_type"),
      directive('"none POST"', "application/octet-stream"),
    ]),
  ];
}

/** Who may push may pull. */
function covered(role: UserRole): string {
  return role === UserRole.Push ? "(?:pull|push)" : "pull";
}

/** The mounts that pass: of a repository that the user may read. */
function mountable(site: GatewaySite): string[] {
  const digest = "mount=(?:[A-Za-z0-9._+:=-]|%3[Aa])+";
  const line = (who: string, { pattern }: Pick<RepositoryRight, "pattern">) => {
    const from = `from=${queryExpression(pattern)}`;
    const query = `(?:${from}&${digest}|${digest}&${from})(?:&origin=[A-Za-z0-9._:%-]*)?`;
    return directive(`"~^none POST ${who} [^?]*\\?${query}\\z"`, '""');
  };
  return [
    ...site.anonymousPull.map((pattern) => line("\\S*", { pattern })),
    ...sorted(site)
      .filter(isLimited)
      .flatMap(({ name, repositories = [] }) => repositories.map((right) => line(escaped(name), right))),
  ];
}

/*
 * Repositories that are open to everybody, beside others that are not, need tokens (RFC 6750, and the distribution
 * project's "token authentication"): a docker that is told to use Basic and has no password stops there, and one that
 * is told nothing at the ping /v2/ never sends the password that it has. So /v2/ asks for a token, and everybody gets
 * one: that of nobody, or their own name and password, which then come as `Bearer` and are compared as usual. Nothing
 * is signed or kept.
 */

/** Where the registry's clients get a token. */
const TOKEN_PATH = "/.private-registry/token";
const ANONYMOUS = "anonymous";
const BASE64 = "[A-Za-z0-9+/]+=*";

/** Who a token says to be: its first part is the name in hexadecimal digits. */
function tokenUsers(site: GatewaySite): string[] {
  return [
    directive(`"~^Bearer ${ANONYMOUS}\\z"`, '"-"'),
    ...sorted(site).map(({ name }) => directive(`"~^Bearer ${handle(name)}\\.${BASE64}\\z"`, name)),
  ];
}

function handle(name: string): string {
  return Buffer.from(name).toString("hex");
}

function tokens(site: GatewaySite): string[] {
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

/** In every server: the question of an upload is left out where it has to be. */
export function dropQuestion(site: GatewaySite): string[] {
  if (!judgesNames(site)) return [];
  return block(`if ($${identifier(site.site)}_dropped)`, [directive("set", "$args", '""')]);
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
      directive("auth_request", "/.private-registry/access"),
      directive("auth_request_set", `$${id}_access`, "$upstream_status"),
      directive("set", `$${id}_asked`, `$${id}_answer`),
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
