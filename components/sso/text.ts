import { block, directive, fileText } from "../nginx/text";
import { ask, frontText, LONGEST, POD, type VerifierPlaces } from "../verifier/front";

/*
 * The login for browsers: oauth2-proxy, which goes through OpenID Connect's authorization code flow (with PKCE, RFC
 * 7636) for them, and gives them a cookie in which the session is, sealed. It keeps nothing, so every pod knows every
 * session, and nobody can end one: it ends when its time is over. It is never renewed either: a browser goes through
 * the login again, which says anew in which groups somebody is.
 */

/** What a login goes by. */
export interface LoginSettings {
  /** The claim `iss`; below it is what the login says of itself. */
  issuerUrl: string;
  clientId: string;
  groupsClaim: string;
  scopes: readonly string[];
  algorithms: readonly string[];
  /** True if roots of its own verify the login's server. */
  hasCa: boolean;
  logoutUrl: string | undefined;
}

/** What may be known later than the rest. */
export interface LoginPlace {
  uiHost: string;
  refreshMinutes: number;
}

/** The browser's cookie. By its prefix no other name, and no page without TLS, can set it (RFC 6265bis). */
const COOKIE = "__Host-private-registry";

/** The text of nginx's whole configuration. */
export function loginNginxText(places: VerifierPlaces = POD): string {
  const buffers = [directive("proxy_buffer_size", LONGEST), directive("proxy_buffers", 4, LONGEST)];
  const browser = {
    Cookie: "$http_cookie",
    Host: "$http_host",
    "X-Forwarded-Host": "$http_x_forwarded_host",
    "X-Forwarded-Proto": "$http_x_forwarded_proto",
    "X-Real-IP": "$http_x_real_ip",
    "X-Auth-Request-Redirect": "$http_x_auth_request_redirect",
  };
  const asked = (path: string, more: readonly string[]): string[] =>
    block(`location = ${path}`, [
      ...ask("http://verifier/oauth2/auth", { Cookie: "$http_cookie" }),
      directive("proxy_read_timeout", "7s"),
      ...buffers,
      directive("add_header", "X-Subject", "$upstream_http_x_auth_request_user", "always"),
      directive("add_header", "X-Groups", "$upstream_http_x_auth_request_groups", "always"),
      ...more,
    ]);
  const locations = [
    "# Whose session it is. Only the page that shows a token gets one.",
    ...asked("/session", [directive("proxy_hide_header", "Authorization")]),
    ...asked("/session-token", []),
    ...block('location ~ "^/oauth2/(?:start|callback|sign_out)\\z"', [
      ...ask("http://verifier", browser),
      directive("proxy_read_timeout", "30s"),
      ...buffers,
    ]),
  ];
  return frontText({ locations }, places);
}

/** oauth2-proxy's configuration. */
export function loginText(
  settings: LoginSettings,
  { uiHost, refreshMinutes }: LoginPlace,
  { ports, texts, secrets }: VerifierPlaces = POD,
): string {
  const { logoutUrl } = settings;
  const lines: Record<string, string | boolean | readonly string[]> = {
    http_address: `127.0.0.1:${ports.verifier}`,
    reverse_proxy: true,
    trusted_proxy_ips: ["127.0.0.1"],
    provider: "oidc",
    oidc_issuer_url: settings.issuerUrl,
    oidc_enabled_signing_algs: settings.algorithms,
    ...(settings.hasCa ? { provider_ca_files: [`${texts}/issuer-ca.pem`] } : {}),
    client_id: settings.clientId,
    client_secret_file: `${secrets}/client`,
    scope: settings.scopes.join(" "),
    oidc_groups_claim: settings.groupsClaim,
    oidc_email_claim: "sub",
    email_domains: ["*"],
    redirect_url: `https://${uiHost}/oauth2/callback`,
    code_challenge_method: "S256",
    insecure_oidc_skip_nonce: false,
    skip_provider_button: true,
    set_xauthrequest: true,
    set_authorization_header: true,
    cookie_name: COOKIE,
    cookie_secret_file: `${secrets}/cookie`,
    cookie_secure: true,
    cookie_httponly: true,
    cookie_samesite: "lax",
    cookie_path: "/",
    cookie_expire: `${refreshMinutes}m`,
    cookie_refresh: "0s",
    ...(logoutUrl === undefined ? {} : { whitelist_domains: [new URL(logoutUrl).host] }),
    upstreams: ["static://404"],
    request_logging: false,
    auth_logging: false,
  };
  return fileText(
    "# Written by Pulumi (private-registry); a change made here is lost.",
    Object.entries(lines).map(([name, value]) => `${name} = ${JSON.stringify(value)}`),
  );
}
