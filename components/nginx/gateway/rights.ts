import type { Place } from "../../hosts/release";
import type { GatewaySite } from "./site";
import { escaped, exactly, isOpen, NOBODY, recordsOf, sorted, UNKNOWN } from "./records";
import { STAND_IN, standInHttp } from "./stand-in";
import { TOKEN_PATH, tokens, tokenUsers } from "./tokens";
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
export function rightsHttp(site: GatewaySite, place: Place): string[] {
  const id = identifier(site.site);
  const records = recordsOf(site);
  return [
    "# What a request needs: reading is a pull, except for the state of an upload; everything else is a push.",
    ...block(`map "$request_method:$uri" $${id}_needed`, [
      directive("default", "push"),
      directive(`"~(?s)^(GET|HEAD):(?!/v2/.*/blobs/uploads/)"`, "pull"),
    ]),
    "# Who it says to be: name, role in every repository, and a mark of the password; - is nobody, ? a name that is not there.",
    ...block(`map $remote_user $${id}_named`, [
      directive("default", UNKNOWN),
      directive('""', '""'),
      ...records.map(({ name, record }) => directive(exactly(name), record)),
      directive(exactly(STAND_IN), `$${id}_stand_in`),
    ]),
    ...standInHttp(site, place),
    ...block(`map $http_authorization $${id}_record`, [
      directive("default", `$${id}_named`),
      directive('""', NOBODY),
      ...(isOpen(site) ? tokenUsers(records) : []),
    ]),
    ...partOf(id, "user", '"~^(\\S+) "', '""'),
    ...partOf(id, "role", '"~^\\S+ (\\S+) "', "none"),
    ...partOf(id, "mark", '"~ (\\S+)\\z"', '""'),
    ...(judgesNames(site) ? rightsByName(site) : []),
    ...block(`map "$${id}_user $${id}_role $${id}_needed${judgesNames(site) ? ` $${id}_right` : ""}" $${id}_answer`, [
      directive("default", "no"),
      ...(isOpen(site) ? [directive('"~^- .* yes\\z"', "open")] : []),
      ...(judgesNames(site) ? [directive('"~ yes\\z"', "yes")] : []),
      directive('"~^\\S* (?:push \\S+|pull pull)(?: |\\z)"', "yes"),
      directive(`"~^${escaped(STAND_IN)} "`, "yes"),
    ]),
    ...(isOpen(site) ? tokens(site) : []),
  ];
}

function partOf(id: string, part: string, pattern: string, otherwise: string): string[] {
  return block(`map $${id}_record $${id}_${part}`, [directive("default", otherwise), directive(pattern, "$1")]);
}

/** True if names of repositories decide anything. */
export function judgesNames(site: GatewaySite): boolean {
  return isOpen(site) || site.users.some(({ repositories }) => (repositories ?? []).length > 0);
}

/** True for users who may not read everything. */
const isLimited = ({ role }: { role?: UserRole | undefined }): boolean => role === undefined;

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
export function covered(role: UserRole): string {
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

/** In every server: the question of an upload is left out where it has to be. */
export function dropQuestion(site: GatewaySite): string[] {
  if (!judgesNames(site)) return [];
  return block(`if ($${identifier(site.site)}_dropped)`, [directive("set", "$args", '""')]);
}
