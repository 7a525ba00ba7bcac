import type { Place } from "../../hosts/release";
import { block, directive, identifier } from "../text";
import { literally } from "../users/identity-patterns";
import { expression } from "../users/repositories";
import { UserRole } from "../users/role";
import { askedFor, question } from "./access-question";
import { longBuffers, upstreamOf, VERIFIER_TIMES } from "./identities";
import { covered, judgesNames } from "./rights";
import type { GatewaySite, SsoSite } from "./site";
import { loginLine, PAGES } from "./sso-pages";
import { verified } from "./upstream";

/*
 * People at the UI. A browser without a password is sent to the company's login (oauth2-proxy in the cluster,
 * components/sso/), which gives it a cookie. Only the UI's server takes that cookie: the registry's name never does, so
 * no page can make a browser push.
 *
 * Whose cookie it is, and of which groups, is known only once the login has been asked. What each group may do with
 * this request is judged before, by maps, and goes with the question; the access server says yes if the two have a
 * group in common. Nothing is remembered: a session ends when it ends.
 */

/** The key of the login among the verifiers; theirs have a sum at their end. */
export const SSO_KEY = "sso";

/** The gateway's own path at the UI's name. */
export const OWN = "/.private-registry";

/** Set in a browser whose user has chosen to give a password. */
export const WAY_COOKIE = "__Host-private-registry-way";

/** A site with a browser's login. */
export type SiteWithSso = GatewaySite & { sso: SsoSite; uiHost: string };

/** True if the UI's users come by the company's login. */
export function hasSso(site: GatewaySite): site is SiteWithSso {
  return site.sso !== undefined && site.uiHost !== undefined;
}

/** Maps at the http level. */
export function ssoHttp(site: GatewaySite): string[] {
  if (!hasSso(site)) return [];
  const id = identifier(site.site);
  const port = site.httpsPort === 443 ? "" : `:${site.httpsPort}`;
  const { groups } = site.sso;
  return [
    "# Who comes by the company's login: whoever shows no password, and has not chosen to.",
    ...block(`map $http_cookie $${id}_chosen`, [
      directive("default", '""'),
      directive(`"~(?:^|; *)${WAY_COOKIE}=password(?:;|\\z)"`, "password"),
    ]),
    ...block(`map "$${id}_chosen $request_uri $http_authorization" $${id}_way`, [
      directive("default", "session"),
      directive(`"~^\\S* ${literally(PAGES.password)}(?:\\?\\S*)? "`, "password"),
      directive('"~^password "', "password"),
      directive('"~^ \\S+ \\S"', "password"),
    ]),
    "# A page is sent to the login; what a page asks for is told that there is no session.",
    ...block(`map "$${id}_way $request_method $http_sec_fetch_dest" $${id}_signs_in`, [
      directive("default", '""'),
      directive('"~^session (?:GET|HEAD) (?:document)?\\z"', "1"),
    ]),
    "# A cookie comes with requests of other sites' pages, too: it reads, and deletes for the UI's own page only.",
    ...block(`map "$request_method $http_origin" $${id}_by_cookie`, [
      directive("default", "0"),
      directive('"~^(?:GET|HEAD) "', "1"),
      directive(`"~^DELETE https://${literally(site.uiHost)}${port}\\z"`, "1"),
    ]),
    ...groups.flatMap(({ identity }, index) => groupMap(site, identity, index)),
    ...block(`map "$http_x_granted,|,$${id}_session_groups," $${id}_session_granted`, [
      directive("default", "no"),
      ...groups.map(({ group }, index) => directive(`"~^[^|]*,${index},[^|]*\\|.*,${literally(group)},"`, "yes")),
    ]),
    ...block(`map $${id}_session_subject $${id}_session_may`, [
      directive("default", `$${id}_session_granted`),
      directive('""', "no"),
    ]),
    "# Who is logged in, for the log and for pages.",
    ...block(`map $${id}_token_subject $${id}_session_user`, [
      directive("default", '"?"'),
      directive('""', '""'),
      directive('"~^[A-Za-z0-9._@:|/+=-]{1,128}\\z"', `$${id}_token_subject`),
    ]),
    ...block(`map $${id}_session_token $${id}_page_token`, [
      directive("default", '""'),
      directive('"~^Bearer ([A-Za-z0-9_.-]+)\\z"', "$1"),
    ]),
    ...groups.flatMap(({ group, identity }, index) =>
      block(`map ",$${id}_session_groups," $${id}_line_${index}`, [
        directive("default", '""'),
        directive(`"~,${literally(group)},"`, `'${loginLine(site, identity)}'`),
      ]),
    ),
  ];
}

/** What a group may do with a request: its number, or nothing. */
function groupMap(site: SiteWithSso, identity: string, index: number): string[] {
  const id = identifier(site.site);
  const its = site.users.find(({ name }) => name === identity);
  const byName = judgesNames(site);
  const yes = (pattern: string): string => directive(`"~^1 ${pattern}"`, `",${index}"`);
  return block(`map "$${id}_by_cookie $${id}_needed${byName ? ` $${id}_what` : ""}" $${id}_group_${index}`, [
    directive("default", '""'),
    ...(its?.role === UserRole.Push ? [yes("")] : []),
    ...(its?.role === UserRole.Pull ? [yes("pull")] : []),
    ...(byName ? [yes("\\S+ ping\\z")] : []),
    ...(its?.repositories ?? []).map((right) => yes(`\\S+ ${covered(right.role)} ${expression(right.pattern)}\\z`)),
  ]);
}

/** In the access server: the login first, then whether one of the groups may. */
export function judgeSessions(site: GatewaySite, place: Place): string[] {
  if (!hasSso(site)) return [];
  const id = identifier(site.site);
  const judged = (path: string, more: readonly string[]): string[] => [
    ...block(askedFor(site, `${path}-(?:yes|no|open)`), [
      directive("auth_request", `${OWN}/${path}`),
      directive("auth_request_set", `$${id}_session_subject`, "$upstream_http_x_subject"),
      directive("auth_request_set", `$${id}_session_groups`, "$upstream_http_x_groups"),
      ...more,
      directive("error_page", 500, "=", "@unverified"),
      directive("root", `${place.directory}/granted`),
      directive("add_header", "X-Subject", `$${id}_session_subject`),
      directive("try_files", `/$${id}_session_may`, "@stranger"),
    ]),
    ...block(`location = ${OWN}/${path}`, [
      directive("internal"),
      directive("proxy_pass", `https://${upstreamOf(site, SSO_KEY)}/${path}`),
      ...question({ Cookie: "$http_cookie" }, { times: VERIFIER_TIMES }),
      directive("proxy_next_upstream", "error", "timeout", "http_502", "http_503", "http_504"),
      directive("proxy_cache", "off"),
      ...longBuffers,
      ...verified(site.upstreamTls, place),
    ]),
  ];
  return [
    ...judged("session", []),
    ...judged("session-token", [
      directive("auth_request_set", `$${id}_session_token`, "$upstream_http_authorization"),
      directive("add_header", "X-Groups", `$${id}_session_groups`),
      directive("add_header", "X-Token", `$${id}_session_token`),
    ]),
    ...block("location @stranger", [
      directive("add_header", "X-Subject", `$${id}_session_subject`, "always"),
      directive("return", 403),
    ]),
  ];
}
