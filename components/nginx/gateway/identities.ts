import type { Place, ReleaseFile } from "../../hosts/release";
import { block, directive, fileText, identifier } from "../text";
import { groupsExpression, subjectExpression } from "../users/identity-patterns";
import { verifierKey } from "../users/token-issuers";
import { askedAgain, askedFor, question, secretParts } from "./access-question";
import { escaped, exactly, isOpen } from "./records";
import type { GatewaySite } from "./site";
import { upstream, verified } from "./upstream";

/*
 * An identity is a user whose password is a token. What it may do is judged like any user's; only "is it that one" asks
 * the verifier of its issuer (components/verifier/) instead of the user file. Its name chooses the verifier, so one
 * issuer never speaks for another.
 *
 * A good token is remembered in a zone of its own, without stale answers and renewals beside a request: those would
 * keep a token alive that has ended, for as long as it is used. So a yes ends `tokenMinutes` after it was said at the
 * latest, and it is only said before the token's end. A no is not remembered: strangers' tokens would fill that zone.
 */

/** True if anybody shows tokens. */
export function hasIdentities(site: GatewaySite): boolean {
  return site.identities.length > 0;
}

/** A status of the access server's own: the token is good, and somebody else's. */
export const FOREIGN = 422;
/** And that nobody could say whether it is. */
export const UNVERIFIED = 503;

/** A header may be as long as a token of 12 KiB is in base64, with a name: 16 KiB and more. */
const LONGEST = "32k";

/**
 * The variable of the user's name in the log. Who gives a token as the name, and no password, finds no name there: it
 * may still be good elsewhere.
 */
export function loggedUser(site: GatewaySite): string {
  const id = identifier(site.site);
  if (hasIdentities(site)) return `$${id}_shown`;
  return isOpen(site) ? `$${id}_logged` : "$remote_user";
}

/** In the JSON form of the access log: whom a good token names, also where it is not taken. */
export function subjectField(site: GatewaySite): Record<string, string> {
  return hasIdentities(site) ? { subject: `$${identifier(site.site)}_token_subject` } : {};
}

/** In every server that a token comes to. */
export function longHeaders(site: GatewaySite): string[] {
  return hasIdentities(site) ? [directive("large_client_header_buffers", 4, LONGEST)] : [];
}

/** Where a memory's key has a token in it, or an answer comes from a verifier: nginx wants both to fit. */
export const longBuffers = [directive("proxy_buffer_size", LONGEST), directive("proxy_buffers", 4, LONGEST)];

/** The file of the upstreams: their ports are chosen by Kubernetes, so it is the one file that may not be known yet. */
export function verifierFiles(site: GatewaySite): ReleaseFile[] {
  if (!hasIdentities(site)) return [];
  const lines = site.verifiers.flatMap(({ key, nodePort }) =>
    upstream(upstreamOf(site, key), site.nodeAddresses, nodePort),
  );
  return [{ path: VERIFIERS, readers: "all", content: fileText(lines) }];
}

/** The path of that file. */
export const VERIFIERS = "verifiers.conf";

/** The name of a verifier's upstream. */
export function upstreamOf(site: GatewaySite, key: string): string {
  return `${identifier(site.site)}_verifier_${key.replace(/-/g, "_")}`;
}

/** Maps at the http level. */
export function identitiesHttp(site: GatewaySite, place: Place): string[] {
  if (!hasIdentities(site)) return [];
  const id = identifier(site.site);
  const given = isOpen(site) ? `$${id}_logged` : "$remote_user";
  const names = site.identities.map(({ name }) => escaped(name)).sort();
  return [
    "# Who shows a token instead of a password, and which verifier judges it.",
    directive("include", `${place.directory}/${VERIFIERS}`),
    ...block(`map $${id}_user $${id}_kind`, [
      directive("default", "password"),
      directive(`"~^(?:${names.join("|")})\\z"`, "token"),
    ]),
    ...block(
      `map $http_x_user $${id}_verifier`,
      site.identities.map(({ name, issuer, audience }) =>
        directive(exactly(name), upstreamOf(site, verifierKey(issuer, audience))),
      ),
    ),
    "# What is longer than a name is none, and may be a token.",
    ...block(`map ${given} $${id}_shown`, [
      directive("default", '"?"'),
      directive('""', site.sso ? `$${id}_session_user` : '""'),
      directive('"~^[A-Za-z0-9_.][A-Za-z0-9._@+-]{0,63}\\z"', given),
    ]),
    "# Whose tokens each of them takes: the name, a blank that no name has, and what the verifier has read in the token.",
    ...block(`map "$http_x_user $${id}_subject" $${id}_by_subject`, [
      directive("default", "no"),
      ...site.identities.flatMap(({ name, subject }) =>
        subject === undefined ? [] : [directive(`"~^${escaped(name)} ${subjectExpression(subject)}\\z"`, "yes")],
      ),
    ]),
    ...block(`map "$http_x_user $${id}_groups" $${id}_by_groups`, [
      directive("default", `$${id}_by_subject`),
      ...site.identities.flatMap(({ name, groups }) =>
        groups.length === 0 ? [] : [directive(`"~^${escaped(name)} ${groupsExpression(groups)}\\z"`, "yes")],
      ),
    ]),
    ...block(`map $${id}_by_groups $${id}_remembered`, [
      directive("default", '""'),
      directive("yes", site.tokenMinutes * 60),
    ]),
    `proxy_cache_path /run/private-registry-${site.site}.tokens levels=1 keys_zone=${id}_tokens:1m max_size=64m ` +
      `inactive=${site.tokenMinutes}m use_temp_path=off;`,
  ];
}

/** In the location that every request asks: a token's question goes another way. */
export function tokensElsewhere(site: GatewaySite): string[] {
  if (!hasIdentities(site)) return [];
  return block(`if ($${identifier(site.site)}_kind = token)`, [
    directive("rewrite", "^", "/.private-registry/token-access", "last"),
  ]);
}

/** That way. */
export function askTokenAccess(site: GatewaySite): string[] {
  if (!hasIdentities(site)) return [];
  const id = identifier(site.site);
  return askedAgain("token-access", (intercepts) => [
    directive("client_max_body_size", 0),
    directive("proxy_pass", `http://${id}_access/${secretParts(site).join("/")}/token-$${id}_asked`),
    ...question(
      {
        Authorization: `$${id}_credential`,
        "X-Client": `$${id}_client`,
        "X-User": `$${id}_user`,
        "X-Known": "$upstream_cache_status",
      },
      { intercepts },
    ),
    "# A worker of the former release may not know this path yet: then it is asked again.",
    directive("proxy_next_upstream", "error", "timeout", "http_404"),
    ...longBuffers,
    directive("proxy_cache", `${id}_tokens`),
    directive("proxy_cache_key", `"$${id}_mark $${id}_asked $${id}_memory"`),
    directive("proxy_cache_valid", 599, "1s"),
    "# Nothing beyond its time: what was good once may have ended.",
    directive("proxy_cache_use_stale", "off"),
    directive("proxy_cache_background_update", "off"),
    directive("proxy_ignore_headers", "Cache-Control", "Expires", "Set-Cookie", "Vary"),
  ]);
}

/**
 * How long a verifier may take. One that hangs says so itself after 7 s; a node that is dead, or a pod that just ended,
 * costs another try.
 */
export const VERIFIER_TIMES = { connect: "2s", read: "10s", tries: 4, trying: "5s" };

/** Which file is looked for, and where a request goes if it is not there: see `accessFiles`. */
const JUDGED = {
  yes: (id: string) => [`/$${id}_by_groups`, "@foreign"],
  no: () => ["/no", "@token"],
} as const;

/** In the access server: limits first, then the verifier, then whose token it is. */
export function judgeTokens(site: GatewaySite, place: Place, limits: readonly string[]): string[] {
  if (!hasIdentities(site)) return [];
  const id = identifier(site.site);
  const judged = (answer: "yes" | "no"): string[] =>
    block(askedFor(site, `token-${answer}`), [
      ...limits,
      directive("limit_req_status", 429),
      directive("auth_request", "/.private-registry/verifier"),
      directive("auth_request_set", `$${id}_subject`, "$upstream_http_x_subject"),
      directive("auth_request_set", `$${id}_groups`, "$upstream_http_x_groups"),
      directive("error_page", 500, "=", "@unverified"),
      directive("root", `${place.directory}/granted`),
      directive("add_header", "WWW-Authenticate", `$${id}_asks`, "always"),
      directive("add_header", "X-Accel-Expires", `$${id}_remembered`),
      directive("add_header", "X-Subject", `$${id}_subject`),
      directive("try_files", ...JUDGED[answer](id)),
    ]);
  return [
    ...judged("yes"),
    ...judged("no"),
    "# Of the file of a yes that is missing nothing is remembered.",
    ...block("location @foreign", [
      directive("add_header", "X-Subject", `$${id}_subject`, "always"),
      ...block(`if ($${id}_by_groups = no)`, [directive("return", FOREIGN)]),
      directive("return", UNVERIFIED),
    ]),
    "# A no to whoever has a good token is remembered.",
    ...block("location @token", [
      directive("add_header", "X-Accel-Expires", `$${id}_remembered`, "always"),
      directive("add_header", "X-Subject", `$${id}_subject`, "always"),
      ...block(`if ($${id}_by_groups = no)`, [directive("return", FOREIGN)]),
      directive("return", 403),
    ]),
    ...block("location @unverified", [directive("return", UNVERIFIED)]),
    ...block("location = /.private-registry/verifier", [
      directive("internal"),
      directive("proxy_pass", `https://$${id}_verifier/verify`),
      ...question({ Authorization: "$http_authorization" }, { times: VERIFIER_TIMES }),
      directive("proxy_next_upstream", "error", "timeout", "http_502", "http_503", "http_504"),
      directive("proxy_cache", "off"),
      ...longBuffers,
      ...verified(site.upstreamTls, place),
    ]),
  ];
}
