import { createHash, createHmac } from "node:crypto";
import { NOT_SHOWN } from "../release/public-facts";
import type { GatewaySite } from "./site";
import type { Place, ReleaseFile } from "../release/release";
import { exactly, isOpen, rightsHttp } from "./rights";
import { block, directive, identifier, word } from "../text";
import { DECOY } from "../users/users";

/*
 * Who is it. What a request may do if it is from whom it says is judged by maps (rights.ts), on every request. Then it
 * asks `/.private-registry/access` (nginx's auth_request), which remembers a yes for a minute; what it doesn't remember
 * goes to a small server of the same nginx, which does the slow comparison with the user file: 401 for a wrong
 * password, 403 for a right one that may not, 200 else. So bcrypt, 52 ms of a worker's time at cost 10, is paid once a
 * minute and user and not on every request.
 *
 * That server is not on a unix socket: nginx leaves the socket's file behind when it is killed, and then does not start
 * again ("Address already in use"), with all the other sites of the host. It has the gateway's own port on a loopback
 * address of its own instead. nginx opens no new socket for that, since the wildcard one is there: it tells the two
 * apart by the address that a connection came to. From outside nobody gets to an address in 127.0.0.0/8; from inside
 * one needs to know a secret path, too.
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
function secretParts(site: GatewaySite): string[] {
  return [site.keyPem, clientKey(site), site.userFile].map((known) => secretOf(site, known, "path"));
}

/** What a question's path looks like, as a location. */
function askedFor(site: GatewaySite, answer: string): string {
  const parts = secretParts(site);
  const ways = parts.map((part, index) => parts.map((_, at) => (at === index ? part : "[0-9a-f]+")).join("/"));
  return `location ~ "^/(?:${ways.join("|")})/${answer}\\z"`;
}

function clientKey(site: GatewaySite): string {
  return site.upstreamTls.clientKeyPem ?? site.keyPem;
}

/** 32 hex digits that nobody knows who doesn't know the key, or the hashes. */
function secretOf(site: GatewaySite, key: string, purpose: string): string {
  if (key === NOT_SHOWN) return NOT_SHOWN;
  return createHmac("sha256", key).update(`${purpose} of ${site.site}`).digest("hex").slice(0, 32);
}

/**
 * The files that the access server reads. In `granted/` nginx looks whether there is a file of the answer's name: only
 * `yes` has one.
 */
export function accessFiles(site: GatewaySite, place: Place): ReleaseFile[] {
  const id = identifier(site.site);
  return [
    { path: "users", readers: "nginx", content: site.userFile },
    { path: "granted/yes", readers: "nginx", content: "yes\n" },
    { path: "memory.js", readers: "root", content: memoryScript(site) },
    {
      path: "when-njs-memory.conf",
      readers: "all",
      content: `js_import ${id} from ${place.directory}/memory.js;\njs_set $${id}_memory ${id}.name;\n`,
    },
    {
      path: "unless-njs-memory.conf",
      readers: "all",
      content: `map "" $${id}_memory {\n    default $http_authorization;\n}\n`,
    },
  ];
}

/** For njs: the credential's name in the memory, from which nobody without the key gets back to it by guessing. */
function memoryScript(site: GatewaySite): string {
  return [
    'import crypto from "crypto";',
    "function name(request) {",
    '    const credential = request.headersIn.Authorization || "";',
    `    return crypto.createHmac("sha256", "${secretOf(site, clientKey(site), "memory")}").update(credential).digest("hex");`,
    "}",
    "export default { name };",
    "",
  ].join("\n");
}

/** Maps, and the memory, at the http level. */
export function accessHttp(site: GatewaySite, place: Place): string[] {
  const id = identifier(site.site);
  const decoy = Buffer.from(`${DECOY}:-`).toString("base64");
  const names = [...site.users].sort((a, b) => (a.name < b.name ? -1 : 1));
  const server = directive("server", `${accessAddress(site.site)}:${site.httpsPort}`, "max_fails=0");
  return [
    ...rightsHttp(site),
    "# Twice the same: a question that a worker's end cuts off in a reload is asked again.",
    ...block(`upstream ${id}_access`, [server, server]),
    "# A name that is not there is compared with a stand-in, which takes the same time, and never fits.",
    ...block(`map $${id}_user $${id}_credential`, [
      directive("default", isOpen(site) ? `$${id}_basic` : "$http_authorization"),
      directive('"?"', `"Basic ${decoy}"`),
      directive('""', '""'),
      directive('"-"', '""'),
    ]),
    "# The rights that were judged are those of the user whose password is compared.",
    ...block(`map "$remote_user $http_x_user" $${id}_same`, [
      directive("default", "no"),
      directive('"~^([^ ]+) \\1\\z"', "yes"),
    ]),
    ...block(`map $${id}_same $${id}_no`, [directive("default", '""'), directive("no", 60)]),
    "# So many comparisons of passwords for an address and a user: guessing is slow, and costs little. Whoever has the right",
    "# password needs two a minute, and other names from the same address are counted apart.",
    ...block(`map $remote_user $${id}_guess`, [
      directive("default", '"$http_x_client ?"'),
      directive('""', '""'),
      ...names.map((user) => directive(exactly(user.name), '"$http_x_client $remote_user"')),
    ]),
    directive("limit_req_zone", `$${id}_guess`, `zone=${id}_guesses:2m`, `rate=${site.guessesPerMinute}r/m`),
    "# Under which name a credential is remembered: a keyed hash where this nginx has njs.",
    directive("include", `${place.directory}/with-memory.conf`),
    `proxy_cache_path /run/private-registry-${site.site} levels=1 keys_zone=${id}_access:1m max_size=16m inactive=10m use_temp_path=off;`,
  ];
}

/**
 * The location that every request asks. The release is part of the memory's key, so that a changed one knows nothing.
 */
export function askAccess(site: GatewaySite, place: Place): string[] {
  const id = identifier(site.site);
  return block("location = /.private-registry/access", [
    directive("internal"),
    "# The question has the request's length, though not its body: the limit is the business of what it is asked for.",
    directive("client_max_body_size", 0),
    directive("proxy_pass", `http://${id}_access/${secretParts(site).join("/")}/$${id}_asked`),
    directive("proxy_method", "GET"),
    directive("proxy_pass_request_headers", "off"),
    directive("proxy_pass_request_body", "off"),
    directive("proxy_set_header", "Authorization", `$${id}_credential`),
    directive("proxy_set_header", "X-Client", "$remote_addr"),
    directive("proxy_set_header", "X-User", `$${id}_user`),
    directive("proxy_set_header", "Content-Length", '""'),
    directive("proxy_set_header", "Connection", '""'),
    directive("proxy_http_version", "1.1"),
    directive("proxy_cache", `${id}_access`),
    directive("proxy_cache_key", `"${place.hash} $${id}_asked $${id}_memory"`),
    "# Only what the access server itself says is to be remembered (X-Accel-Expires): no error that looks like an answer.",
    directive("proxy_cache_lock", "on"),
    "# A yes that has run out is renewed beside the request, which does not wait for it; it stays if that is limited.",
    directive("proxy_cache_use_stale", "updating", "http_429"),
    directive("proxy_cache_background_update", "on"),
    directive("proxy_ignore_headers", "Cache-Control", "Expires", "Set-Cookie", "Vary"),
  ]);
}

/** The header by which the access server says for how many seconds its answer may be remembered. */
const remember = (...value: [number | string, ...string[]]): string =>
  directive("add_header", "X-Accel-Expires", ...value);

/** The server that compares passwords. */
export function accessServer(site: GatewaySite, place: Place): string[] {
  const id = identifier(site.site);
  const granted = directive("root", `${place.directory}/granted`);
  const paths = (["yes", "no"] as const).map((answer) =>
    block(askedFor(site, answer), [
      directive("limit_req", `zone=${id}_guesses`, `burst=${10 + Math.floor(site.guessesPerMinute / 6)}`, "nodelay"),
      directive("limit_req_status", 429),
      directive("auth_basic", word(site.realm)),
      directive("auth_basic_user_file", `${place.directory}/users`),
      granted,
      remember(60),
      directive("try_files", answer === "yes" ? `/$${id}_same` : "/no", answer === "yes" ? "@other" : "@denied"),
    ]),
  );
  if (isOpen(site)) {
    const open = [granted, remember(60), directive("try_files", "/yes", "=403")];
    paths.push(block(askedFor(site, "open"), open));
  }
  return block("server", [
    directive("listen", `${accessAddress(site.site)}:${site.httpsPort}`),
    directive("server_name", '""'),
    directive("access_log", "off"),
    directive("error_log", word(site.errorLog), "crit"),
    directive("keepalive_timeout", 0),
    "# None of the host's own error pages may turn a no into a yes.",
    directive("error_page", 599, "=404", "/none"),
    directive("satisfy", "all"),
    directive("allow", "127.0.0.0/8"),
    directive("deny", "all"),
    ...paths.flat(),
    "# A no to whoever has the right password is remembered, too; a wrong password, and a 403 of a file that is missing, is not.",
    ...block("location @denied", [remember(60, "always"), directive("return", 403)]),
    ...block("location @other", [remember(`$${id}_no`, "always"), directive("return", 403)]),
    ...block("location /", [directive("return", 404)]),
  ]);
}
