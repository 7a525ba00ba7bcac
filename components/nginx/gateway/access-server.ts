import { accessAddress, askedFor, question, secretParts } from "./access-question";
import { exactly, isOpen } from "./records";
import type { GatewaySite } from "./site";
import { STAND_IN } from "./stand-in";
import { hashProof } from "./hash-proof";
import { judgeTokens, longHeaders } from "./identities";
import { judgeSessions } from "./sso";
import { accessServerDefaults, noLimits } from "./own-settings";
import type { Place } from "../../hosts/release";
import { block, directive, identifier, word } from "../text";
import { QUICK_COST } from "../users/users";

/*
 * The server that compares passwords. A question passes up to three of its locations:
 *
 *   yes, no           remembers wrong passwords, so that a client that repeats one costs a comparison a minute
 *   compare-yes, -no  counts what an address asks; compares with the users whose passwords the stack has made (1 ms),
 *                     or with all of them if there is one kind of users only
 *   slow-yes, -no     where there are both kinds: compares with the others, so many a second for the whole site
 *
 * Whether a name is there, and of which kind its user is, changes neither an answer nor its time: a wrong password
 * passes all of them, and each file has a decoy. Each step is a request of its own, since nginx looks at its limits
 * once a request.
 */

/** True if there are users of both kinds. */
export function compareTwice(site: GatewaySite): boolean {
  return site.quickHashes && comparesSlowly(site);
}

/** True if any comparison takes long. */
function comparesSlowly(site: GatewaySite): boolean {
  return site.slowCost !== undefined;
}

/** A comparison of bcrypt's at cost 10, in ms, on a core of 2020; each cost more doubles it. */
const MS_AT_10 = 52;

/** The share of one worker's time that slow comparisons may take: what they take is not there for the other sites. */
const SHARE = 0.5;

/** How long a question may wait for its comparison, in ms; with more of them before it, it is refused at once. */
const QUEUE_MS = 4000;

/** Slow comparisons in a minute, and how many may wait. */
export function bound(site: GatewaySite): { perMinute: number; waiting: number } {
  const ms = MS_AT_10 * 2 ** ((site.slowCost ?? QUICK_COST) - 10);
  const perMinute = Math.max(1, Math.floor((60_000 * SHARE) / ms));
  return { perMinute, waiting: Math.max(4, Math.floor((QUEUE_MS * SHARE) / ms)) };
}

/** How many questions of an address may come at once, beside a sixth of those of a minute. */
const AT_ONCE = 5;

/** Maps and limits at the http level. */
export function comparisons(site: GatewaySite): string[] {
  const id = identifier(site.site);
  const standIn = `~ ${exactly(STAND_IN).slice(3)}`;
  return [
    "# The rights that were judged are those of the user whose password is compared.",
    ...block(`map "$remote_user $http_x_user" $${id}_same`, [
      directive("default", "no"),
      directive('"~^([^ ]+) \\1\\z"', "yes"),
    ]),
    ...block(`map $${id}_same $${id}_no`, [directive("default", '""'), directive("no", 60)]),
    "# What an address may have compared: guessing is slow, whichever names are guessed. A password that was right a moment",
    "# ago, and the stand-in's, are not counted.",
    ...block(`map "$http_x_known $http_x_user" $${id}_guess`, [
      directive("default", "$http_x_client"),
      directive('"~^(?:EXPIRED|STALE|UPDATING) "', '""'),
      directive(`"${standIn}`, '""'),
    ]),
    directive("limit_req_zone", `$${id}_guess`, `zone=${id}_guesses:2m`, `rate=${site.guessesPerMinute}r/m`),
    ...(comparesSlowly(site)
      ? [
          "# And what all may have compared together: hashing never takes all of the workers' time.",
          ...block(`map $http_x_user $${id}_hashing`, [
            directive("default", "all"),
            directive(exactly(STAND_IN), '""'),
          ]),
          directive("limit_req_zone", `$${id}_hashing`, `zone=${id}_hashing:32k`, `rate=${bound(site).perMinute}r/m`),
        ]
      : []),
    ...noLimits(id),
    "# Of a wrong password a client is told which kind of password is wanted, once.",
    ...block(`map $status $${id}_asks`, [
      directive("default", '""'),
      directive("401", word(`Basic realm="${site.realm}"`)),
    ]),
  ];
}

/** The server's text. */
export function accessServer(site: GatewaySite, place: Place): string[] {
  const id = identifier(site.site);
  const answers = ["yes", "no"] as const;
  return block("server", [
    directive("listen", `${accessAddress(site.site)}:${site.httpsPort}`),
    directive("server_name", '""'),
    directive("access_log", "off"),
    directive("error_log", word(site.errorLog), "crit"),
    directive("keepalive_timeout", 0),
    "# None of the host's own error pages may turn a no into a yes.",
    directive("error_page", 599, "=404", "/none"),
    ...accessServerDefaults(id),
    ...longHeaders(site),
    ...answers.flatMap((answer) => remembering(site, answer)),
    ...answers.flatMap((answer) => comparing(site, place, answer)),
    ...(compareTwice(site) ? answers.flatMap((answer) => comparingSlowly(site, place, answer)) : []),
    ...judgeTokens(site, place, guessed(site)),
    ...judgeSessions(site, place),
    ...(isOpen(site) ? block(askedFor(site, "open"), [...granted(place), expires(60), ...choose("yes", "=403")]) : []),
    ...hashProof(site, place),
    "# A no to whoever has the right password is remembered, too; a 403 of a file that is missing is not.",
    ...block("location @denied", [remember(60, "always"), directive("return", 403)]),
    ...block("location @other", [remember(`$${id}_no`, "always"), directive("return", 403)]),
    ...block("location /", [directive("return", 404)]),
  ]);
}

/** The header by which the access server says for how many seconds its answer may be remembered. */
const expires = (...value: [number | string, ...string[]]): string =>
  directive("add_header", "X-Accel-Expires", ...value);

/** The same between its own locations: nginx obeys the other one, and does not pass it on. */
const remember = (...value: [number | string, ...string[]]): string => directive("add_header", "X-Remember", ...value);

const granted = (place: Place): string[] => [directive("root", `${place.directory}/granted`)];
const choose = (file: string, otherwise: string): string[] => [directive("try_files", `/${file}`, otherwise)];

type Judged = "yes" | "no";

const passedOn = {
  Authorization: "$http_authorization",
  "X-Client": "$http_x_client",
  "X-User": "$http_x_user",
  "X-Known": "$http_x_known",
};

function remembering(site: GatewaySite, answer: Judged): string[] {
  const id = identifier(site.site);
  return block(askedFor(site, answer), [
    directive("proxy_pass", askItself(site, `compare-${answer}`)),
    ...question(passedOn),
    "# A worker of the former release may not know this path yet: then it is asked again.",
    directive("proxy_next_upstream", "error", "timeout", "http_404"),
    directive("proxy_cache", `${id}_refused`),
    directive("proxy_cache_key", '"$http_x_mark $http_x_memory"'),
    directive("proxy_cache_valid", 401, "60s"),
    directive("proxy_ignore_headers", "Cache-Control", "Expires", "Set-Cookie", "Vary", "X-Accel-Expires"),
    directive("proxy_hide_header", "WWW-Authenticate"),
    directive("add_header", "WWW-Authenticate", `$${id}_asks`, "always"),
    expires("$upstream_http_x_remember", "always"),
  ]);
}

/** The path is known to nginx as a whole, so that no variable is needed. */
function askItself(site: GatewaySite, path: string): string {
  return `http://${identifier(site.site)}_access/${secretParts(site).join("/")}/${path}$is_args`;
}

function comparing(site: GatewaySite, place: Place, answer: Judged): string[] {
  const [slowly, twice] = [comparesSlowly(site), compareTwice(site)];
  const way = `/${answer}-slow`;
  return [
    ...block(askedFor(site, `compare-${answer}`), [
      ...guessed(site),
      ...(slowly && !twice ? [hashing(site)] : []),
      ...compare(site, place, answer, twice ? "made-users" : "users"),
      ...(twice ? [directive("error_page", 401, "=", way)] : []),
    ]),
    ...(twice
      ? block(`location = ${way}`, [
          directive("internal"),
          directive("proxy_pass", askItself(site, `slow-${answer}`)),
          ...question(passedOn),
          directive("proxy_cache", "off"),
        ])
      : []),
  ];
}

/** What an address may ask. */
function guessed(site: GatewaySite): string[] {
  const burst = `burst=${AT_ONCE + Math.floor(site.guessesPerMinute / 6)}`;
  return [directive("limit_req", `zone=${identifier(site.site)}_guesses`, burst, "nodelay")];
}

function comparingSlowly(site: GatewaySite, place: Place, answer: Judged): string[] {
  return block(askedFor(site, `slow-${answer}`), [hashing(site), ...compare(site, place, answer, "users")]);
}

function hashing(site: GatewaySite): string {
  return directive("limit_req", `zone=${identifier(site.site)}_hashing`, `burst=${bound(site).waiting}`);
}

function compare(site: GatewaySite, place: Place, answer: Judged, file: string): string[] {
  const id = identifier(site.site);
  return [
    directive("limit_req_status", 429),
    directive("auth_basic", word(site.realm)),
    directive("auth_basic_user_file", `${place.directory}/${file}`),
    ...granted(place),
    remember(60),
    ...(answer === "yes" ? choose(`$${id}_same`, "@other") : choose("no", "@denied")),
  ];
}
