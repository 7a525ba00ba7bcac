import type { Place } from "../../hosts/release";
import { block, directive, identifier, word } from "../text";
import { askedAgain, needAccess, question, secretParts } from "./access-question";
import { longBuffers, upstreamOf, VERIFIER_TIMES } from "./identities";
import type { GatewaySite } from "./site";
import { hasSso, OWN, type SiteWithSso, SSO_KEY, WAY_COOKIE } from "./sso";
import { answered, LOGGED_OUT, loginPage, PAGES, strangerPage } from "./sso-pages";
import { verified } from "./upstream";

/*
 * What the UI's server has of a company's login: its questions, the way to the login, and pages of the gateway's own.
 */

/** In the location that every request asks: a session's question goes another way. */
export function sessionsElsewhere(site: GatewaySite): string[] {
  return block(`if ($${identifier(site.site)}_way = session)`, [
    directive("rewrite", "^", `${OWN}/session-access`, "last"),
  ]);
}

/** Those ways, in the UI's server: whether a session may, and the token of it, for whoever has one. */
export function askSessions(site: SiteWithSso): string[] {
  const id = identifier(site.site);
  const all = site.sso.groups.map((_, index) => index);
  const ask = (name: string, path: string, granted: string): string[] =>
    askedAgain(name, (intercepts) => [
      directive("client_max_body_size", 0),
      directive("proxy_pass", `http://${id}_access/${secretParts(site).join("/")}/${path}-$${id}_asked`),
      ...question({ Cookie: "$http_cookie", "X-Granted": granted }, { intercepts }),
      "# A worker of the former release may not know this path yet: then it is asked again.",
      directive("proxy_next_upstream", "error", "timeout", "http_404"),
      ...longBuffers,
      directive("proxy_cache", "off"),
    ]);
  return [
    ...ask("session-access", "session", `"${all.map((index) => `$${id}_group_${index}`).join("")}"`),
    ...ask("session-token", "session-token", `",${all.join(",")}"`),
  ];
}

/** Passes a request to the login, as another path and without its question, or with both as they are. */
function toLogin(site: SiteWithSso, place: Place, path?: string, back?: string): string[] {
  return [
    ...(path === undefined ? [] : [directive("rewrite", "^", `${path}?`, "break")]),
    directive("proxy_pass", `https://${upstreamOf(site, SSO_KEY)}`),
    directive("proxy_method", "GET"),
    directive("proxy_pass_request_headers", "off"),
    directive("proxy_pass_request_body", "off"),
    directive("proxy_http_version", "1.1"),
    directive("proxy_set_header", "Connection", '""'),
    directive("proxy_set_header", "Content-Length", '""'),
    directive("proxy_set_header", "Host", "$http_host"),
    directive("proxy_set_header", "Cookie", "$http_cookie"),
    directive("proxy_set_header", "X-Forwarded-Host", "$http_host"),
    directive("proxy_set_header", "X-Forwarded-Proto", "https"),
    directive("proxy_set_header", "X-Real-IP", "$remote_addr"),
    ...(back === undefined ? [] : [directive("proxy_set_header", "X-Auth-Request-Redirect", back)]),
    directive("proxy_intercept_errors", "off"),
    directive("proxy_connect_timeout", VERIFIER_TIMES.connect),
    directive("proxy_read_timeout", "30s"),
    directive("proxy_next_upstream", "error", "timeout"),
    directive("proxy_next_upstream_tries", VERIFIER_TIMES.tries),
    directive("proxy_cache", "off"),
    directive("proxy_store", "off"),
    directive("proxy_bind", "off"),
    ...longBuffers,
    ...verified(site.upstreamTls, place),
  ];
}

/** In a location of the UI's page: who has no session is sent to the login, and who may not is told who they are. */
export function signIn(site: GatewaySite): string[] {
  if (!hasSso(site)) return [];
  return [directive("error_page", 401, "=", "@sign-in"), directive("error_page", 403, "=", "@stranger")];
}

/** The UI and the registry get no cookie: it opens the UI's name to whoever has it. */
export function withoutCookie(site: GatewaySite): string[] {
  return hasSso(site) ? [directive("proxy_set_header", "Cookie", '""')] : [];
}

/** The login's own locations, and the pages of the gateway's. */
export function ssoServer(site: SiteWithSso, place: Place, headers: readonly string[]): string[] {
  const id = identifier(site.site);
  const cookie = (rest: string): string =>
    directive("add_header", "Set-Cookie", word(`${WAY_COOKIE}=${rest}; Path=/; Secure; HttpOnly; SameSite=Lax`));
  return [
    ...askSessions(site),
    ...block("location @sign-in", [
      ...block(`if ($${id}_signs_in = "")`, [directive("return", 401)]),
      ...toLogin(site, place, "/oauth2/start", "$request_uri"),
    ]),
    ...block("location = /oauth2/callback", toLogin(site, place)),
    ...block(`location = ${PAGES.again}`, toLogin(site, place, "/oauth2/start", PAGES.login)),
    ...block(`location = ${PAGES.logout}`, [
      cookie("; Max-Age=0"),
      ...headers,
      ...toLogin(site, place, "/oauth2/sign_out", word(site.sso.logoutUrl ?? PAGES.gone)),
    ]),
    ...block(`location = ${PAGES.gone}`, answered(200, LOGGED_OUT, headers)),
    ...block("location @stranger", [
      ...block(`if ($${id}_way != session)`, [directive("return", 403)]),
      ...answered(403, strangerPage(id), headers),
    ]),
    "# A user with a password: the browser asks for it here, and goes on giving it.",
    ...block(`location = ${PAGES.password}`, [
      ...needAccess(site),
      directive("try_files", `${OWN}/nothing`, "@chosen"),
    ]),
    ...block("location @chosen", [
      cookie("password"),
      ...headers,
      directive("return", 302, `https://$http_host${site.uiPath}`),
    ]),
    ...block(`location = ${PAGES.login}`, [
      directive("auth_request", `${OWN}/session-token`),
      directive("set", `$${id}_asked`, `$${id}_answer`),
      directive("auth_request_set", `$${id}_access`, "$upstream_status"),
      directive("auth_request_set", `$${id}_token_subject`, "$upstream_http_x_subject"),
      directive("auth_request_set", `$${id}_session_groups`, "$upstream_http_x_groups"),
      directive("auth_request_set", `$${id}_session_token`, "$upstream_http_x_token"),
      ...signIn(site),
      directive("try_files", `${OWN}/nothing`, "@my-login"),
    ]),
    ...block("location @my-login", answered(200, loginPage(site), headers)),
  ];
}
