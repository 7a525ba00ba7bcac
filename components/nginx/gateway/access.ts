import type { GatewaySite } from "./site";
import type { Place, ReleaseFile } from "../../hosts/release";
import { compareTwice, comparisons } from "./access-server";
import { accessAddress, askedAgain, clientOf, question, secretParts } from "./access-question";
import { hashProofFiles } from "./hash-proof";
import { askTokenAccess, identitiesHttp, tokensElsewhere, verifierFiles } from "./identities";
import { isOpen } from "./records";
import { ssoHttp } from "./sso";
import { rightsHttp } from "./rights";
import { clientKey, secretOf } from "./secrets";
import { standInLine, standInPassword } from "./stand-in";
import { block, directive, identifier } from "../text";
import { htpasswdLine } from "../users/crypt-hashes";
import { byTime, DECOY } from "../users/users";

/*
 * Who is it. What a request may do if it is from whom it says is judged by maps (rights.ts), on every request. Then it
 * asks `/.private-registry/access` (nginx's auth_request), which remembers a yes for a minute; what it doesn't remember
 * goes to a small server of the same nginx (access-server.ts), which remembers a wrong password for a minute, too, and
 * does the slow comparison with the user file for what is left: 401 for a wrong password, 403 for a right one that may
 * not, 200 else. So bcrypt, 52 ms of a worker's time at cost 10, is paid once a minute and user and not on every
 * request.
 *
 * That server is not on a unix socket: nginx leaves the socket's file behind when it is killed, and then does not start
 * again ("Address already in use"), with all the other sites of the host. It has the gateway's own port on a loopback
 * address of its own instead. nginx opens no new socket for that, since the wildcard one is there: it tells the two
 * apart by the address that a connection came to. From outside nobody gets to an address in 127.0.0.0/8; from inside
 * one needs to know a secret path, too.
 */

/**
 * The files that the access server reads. In `granted/` nginx looks whether there is a file of the answer's name: only
 * `yes` has one.
 */
export function accessFiles(site: GatewaySite, place: Place): ReleaseFile[] {
  const id = identifier(site.site);
  const { quick, slow, all } = byTime(site.userFile);
  const users = (lines: readonly string[]): string => `${[...lines, standInLine(site)].join("\n")}\n`;
  return [
    { path: "users", readers: "nginx", content: users(compareTwice(site) ? [...slow, ...decoys(quick, slow)] : all) },
    ...(compareTwice(site)
      ? [
          {
            path: "made-users",
            readers: "nginx",
            content: users([...quick, ...decoys(slow, quick)]),
          } satisfies ReleaseFile,
        ]
      : []),
    ...verifierFiles(site),
    { path: "granted/yes", readers: "nginx", content: "yes\n" },
    { path: "stand-in", readers: "root", content: `${standInPassword(site)}\n` },
    ...hashProofFiles(site),
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
    { path: "when-realip-peer.conf", readers: "all", content: peer(id, "$realip_remote_addr") },
    { path: "unless-realip-peer.conf", readers: "all", content: peer(id, "$remote_addr") },
  ];
}

/**
 * Lines for users of one file in the other one, with the other's decoy: nginx says no at once to a name that a file
 * does not have, and that would tell of which kind a user is, and that there is one.
 */
function decoys(users: readonly string[], among: readonly string[]): string[] {
  const decoy = among.map(htpasswdLine).find(({ name }) => name === DECOY);
  const others = users.map(htpasswdLine).filter(({ name }) => name !== DECOY);
  return decoy === undefined ? [] : others.map(({ name }) => `${name}:${decoy.hash}`);
}

function peer(id: string, address: string): string {
  return `map "" $${id}_peer {\n    default ${address};\n}\n`;
}

/** For njs: the credential's name in the memory, from which nobody without the key gets back to it by guessing. */
function memoryScript(site: GatewaySite): string {
  const key = secretOf(site, clientKey(site), "memory");
  return [
    'import crypto from "crypto";',
    "function name(request) {",
    '    const credential = request.headersIn.Authorization || "";',
    `    return crypto.createHmac("sha256", "${key}").update(credential).digest("hex");`,
    "}",
    "export default { name };",
    "",
  ].join("\n");
}

/** Maps, and the memories, at the http level. */
export function accessHttp(site: GatewaySite, place: Place): string[] {
  const id = identifier(site.site);
  const decoy = Buffer.from(`${DECOY}:-`).toString("base64");
  const server = directive("server", `${accessAddress(site.site)}:${site.httpsPort}`, "max_fails=0");
  const memory = (name: string, folder: string, size: string): string =>
    `proxy_cache_path /run/private-registry-${site.site}${folder} levels=1 keys_zone=${id}_${name}:1m max_size=${size} ` +
    "inactive=10m use_temp_path=off;";
  return [
    ...rightsHttp(site, place),
    "# Twice the same: a question that a worker's end cuts off in a reload is asked again.",
    ...block(`upstream ${id}_access`, [server, server]),
    "# A name that is not there is compared with a stand-in, which takes the same time, and never fits.",
    ...block(`map $${id}_user $${id}_credential`, [
      directive("default", isOpen(site) ? `$${id}_basic` : "$http_authorization"),
      directive('"?"', `"Basic ${decoy}"`),
      directive('""', '""'),
      directive('"-"', '""'),
    ]),
    ...clientOf(id),
    ...comparisons(site),
    ...identitiesHttp(site, place),
    ...ssoHttp(site),
    "# Under which name a credential is remembered: a keyed hash where this nginx has njs.",
    directive("include", `${place.directory}/host/with-memory.conf`),
    memory("access", "", "16m"),
    memory("refused", ".refused", "4m"),
  ];
}

/**
 * The location that every request asks. A user's mark is part of the memory's key: a changed password is forgotten.
 * @param sessions What sends those who come by a cookie elsewhere, in a server that takes one.
 */
export function askAccess(site: GatewaySite, sessions: readonly string[] = []): string[] {
  return [
    ...askedAgain("access", (intercepts) => [...sessions, ...tokensElsewhere(site), ...askPassword(site, intercepts)]),
    ...askTokenAccess(site),
  ];
}

function askPassword(site: GatewaySite, intercepts: "on" | "off"): string[] {
  const id = identifier(site.site);
  return [
    "# The question has the request's length, though not its body: the limit is the business of what it is asked for.",
    directive("client_max_body_size", 0),
    directive("proxy_pass", `http://${id}_access/${secretParts(site).join("/")}/$${id}_asked`),
    ...question(
      {
        Authorization: `$${id}_credential`,
        "X-Client": `$${id}_client`,
        "X-User": `$${id}_user`,
        "X-Mark": `$${id}_mark`,
        "X-Memory": `"$${id}_memory$${id}_nonce"`,
        "X-Known": "$upstream_cache_status",
      },
      { intercepts },
    ),
    directive("proxy_next_upstream", "error", "timeout"),
    directive("proxy_cache", `${id}_access`),
    directive("proxy_cache_key", `"$${id}_mark $${id}_asked $${id}_memory$${id}_nonce"`),
    "# Only what the access server itself says is to be remembered (X-Accel-Expires): no error that looks like an answer.",
    directive("proxy_cache_valid", 599, "1s"),
    "# A yes that has run out is renewed beside the request, which does not wait for it; it stays if that is limited.",
    directive("proxy_cache_use_stale", "updating", "http_429"),
    directive("proxy_cache_background_update", "on"),
    directive("proxy_ignore_headers", "Cache-Control", "Expires", "Set-Cookie", "Vary"),
  ];
}
