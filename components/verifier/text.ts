import { block, directive, fileText, word } from "../nginx/text";
import { ask, frontText, LONGEST, POD, type VerifierPlaces } from "./front";

/*
 * A verifier says of a token whether it is good, and whose it is: oauth2-proxy, which knows one issuer and one
 * audience. It stands behind a small nginx of the same pod, which does what oauth2-proxy does not:
 *
 * - it admits the gateways only, by the client certificate that the registry asks for, too;
 * - it keeps the issuer's keys. oauth2-proxy fetches them again for every token that no key fits, so that anybody could
 *   have it ask the issuer as often as they like. From here it gets them once a minute at most, and the last ones while
 *   the issuer does not answer;
 * - it tells "no" from "nobody knows": without keys oauth2-proxy refuses every token, as if it were a bad one.
 */

/** What a verifier goes by. */
export interface VerifierSettings {
  /** The claim `iss`, letter by letter. */
  issuerUrl: string;
  keysUrl: string;
  /** The claim `aud`, or one of several. */
  audience: string;
  algorithms: readonly string[];
  /** The claim with its owner's groups, where it is not `groups`. */
  groupsClaim?: string;
  /** True if roots of its own verify the server of the keys. */
  hasCa: boolean;
  /** The keys themselves, a JWK set (RFC 7517), where nobody is asked for them. */
  keys?: string;
}

/** The text of nginx's whole configuration. */
export function nginxText(settings: VerifierSettings, places: VerifierPlaces = POD): string {
  const more = [
    `proxy_cache_path ${places.state}/keys levels=1 keys_zone=keys:128k max_size=8m inactive=30d use_temp_path=off;`,
    "# The pod's own name servers, and whether it has IPv6: written by the container that prepares the pod.",
    directive("include", `${places.state}/resolver.con[f]`),
    ...keyServer(settings, places),
  ];
  return frontText({ locations: verify(places), more }, places);
}

function verify({ ports }: VerifierPlaces): string[] {
  return [
    ...block("location = /verify", [
      "# Without keys nobody can say whether a token is good: a 500, and no 401.",
      directive("auth_request", "/keys"),
      ...ask("http://verifier/oauth2/auth", { Authorization: "$http_authorization" }),
      directive("proxy_read_timeout", "7s"),
      directive("proxy_buffer_size", LONGEST),
      directive("proxy_buffers", 4, LONGEST),
      "# Of what it answers only whose the token is.",
      ...HEADERS.map((name) => directive("proxy_hide_header", name)),
      directive("add_header", "X-Subject", "$upstream_http_x_auth_request_user", "always"),
      directive("add_header", "X-Groups", "$upstream_http_x_auth_request_groups", "always"),
    ]),
    "# Whether there ever were keys: asked until there are, and then no more.",
    ...block("location = /keys", [
      directive("internal"),
      ...ask(`http://127.0.0.1:${ports.keys}/keys`),
      directive("proxy_cache", "keys"),
      directive("proxy_cache_key", "there"),
      directive("proxy_cache_valid", 200, "30d"),
      directive("proxy_cache_lock", "on"),
      directive("proxy_ignore_headers", "Cache-Control", "Expires", "Set-Cookie", "Vary", "X-Accel-Expires"),
    ]),
  ];
}

/** What oauth2-proxy says of a token's owner. */
const HEADERS = ["User", "Groups", "Email", "Preferred-Username", "Access-Token"]
  .map((name) => `X-Auth-Request-${name}`)
  .concat("GAP-Auth");

/** The issuer's keys: as the stack has brought them, or from a memory, with one question a minute, whoever asks. */
function keyServer(settings: VerifierSettings, places: VerifierPlaces): string[] {
  if (settings.keys === undefined) return askedKeys(settings, places);
  return block("server", [
    directive("listen", `127.0.0.1:${places.ports.keys}`),
    ...block("location = /keys", [
      directive("default_type", "application/json"),
      directive("alias", `${places.texts}/keys.json`),
    ]),
    ...block("location /", [directive("return", 404)]),
  ]);
}

function askedKeys({ keysUrl, hasCa }: VerifierSettings, { ports, texts, roots }: VerifierPlaces): string[] {
  const errors = [400, 401, 403, 404, 405, 408, 410, 429, 500, 502, 503, 504];
  return block("server", [
    directive("listen", `127.0.0.1:${ports.keys}`),
    ...block("location = /keys", [
      "# By a variable, so that the name is looked up anew, and nginx starts without a name server.",
      directive("set", "$keys", word(keysUrl)),
      ...ask("$keys", { "User-Agent": "private-registry", Accept: "application/json" }),
      directive("proxy_connect_timeout", "2s"),
      directive("proxy_read_timeout", "3s"),
      directive("proxy_ssl_server_name", "on"),
      directive("proxy_ssl_protocols", "TLSv1.2", "TLSv1.3"),
      directive("proxy_ssl_verify", "on"),
      directive("proxy_ssl_verify_depth", 5),
      directive("proxy_ssl_trusted_certificate", hasCa ? `${texts}/issuer-ca.pem` : roots),
      directive("proxy_cache", "keys"),
      directive("proxy_cache_key", word(keysUrl)),
      directive("proxy_cache_valid", 200, "1m"),
      directive("proxy_cache_lock", "on"),
      directive(
        "proxy_cache_use_stale",
        ...["error", "timeout", "invalid_header"],
        ...[403, 404, 429, 500, 502, 503, 504].map((status) => `http_${status}`),
      ),
      directive("proxy_ignore_headers", "Cache-Control", "Expires", "Set-Cookie", "Vary", "X-Accel-Expires"),
      directive("proxy_intercept_errors", "on"),
      directive("error_page", ...errors, "=502", "@none"),
    ]),
    ...block("location @none", [directive("return", 502)]),
    ...block("location /", [directive("return", 404)]),
  ]);
}

/**
 * oauth2-proxy's configuration. Nobody logs in here, so the addresses for that name nobody, and its secrets are of use
 * to nobody: each pod makes its own.
 */
export function verifierText(settings: VerifierSettings, { ports, state }: VerifierPlaces = POD): string {
  const lines: Record<string, string | boolean | readonly string[]> = {
    http_address: `127.0.0.1:${ports.verifier}`,
    provider: "oidc",
    oidc_issuer_url: settings.issuerUrl,
    skip_oidc_discovery: true,
    oidc_jwks_url: `http://127.0.0.1:${ports.keys}/keys`,
    oidc_enabled_signing_algs: settings.algorithms,
    login_url: "https://nobody.invalid/login",
    redeem_url: "https://nobody.invalid/redeem",
    client_id: settings.audience,
    client_secret_file: `${state}/secret`,
    cookie_secret_file: `${state}/secret`,
    skip_jwt_bearer_tokens: true,
    set_xauthrequest: true,
    email_domains: ["*"],
    oidc_email_claim: "sub",
    ...(settings.groupsClaim === undefined ? {} : { oidc_groups_claim: settings.groupsClaim }),
    upstreams: ["static://404"],
    request_logging: false,
    auth_logging: false,
  };
  return fileText(
    "# Written by Pulumi (private-registry); a change made here is lost.",
    Object.entries(lines).map(([name, value]) => `${name} = ${JSON.stringify(value)}`),
  );
}
