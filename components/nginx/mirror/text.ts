import type { Place, ReleaseFile } from "../../hosts/release";
import { apiError } from "../api-error";
import { logFormat, requestIds } from "../gateway/logs";
import { everybody, passedOnAsItIs, siteDefaults } from "../gateway/own-settings";
import { escaped } from "../gateway/records";
import { tlsPolicy } from "../gateway/tls-policy";
import { unbuffered, upstream, verified } from "../gateway/upstream";
import { PROBE_VARIABLE } from "../responder";
import { addressWord, block, directive, fileText, identifier, listen, serverName, word } from "../text";
import { expression, NAME } from "../users/repositories";
import { includes, mirrorCacheField, mirrorCacheFiles, SILENCE_WHILE_KEPT } from "./blob-cache";
import type { MirrorSite, MirrorUpstream } from "./site";

/*
 * The mirrors' site. containerd says by `ns` which registry an image is of; the answer is one of a closed list, and
 * nothing that a client says is ever dialled. Who has no certificate of a node is told 403 and never 401: after a
 * challenge containerd would hand over the secret that the pod has for the registry itself.
 *
 * A proxy has no time limits of its own, and its registry may hang. So a tag is answered, after some seconds, by the
 * reader: a second registry on the same disk that asks nobody.
 */

/** The text of `site.conf`. */
export function mirrorText(site: MirrorSite, place: Place): string {
  const id = identifier(site.site);
  return fileText(
    `# Written by Pulumi (private-registry, site ${site.site}); a change made here is lost.`,
    ...site.upstreams.flatMap((each) => groups(site, each)),
    "",
    "# Which node it is, by its certificate and by its CA: a TLS session of another site's clients is none of a node.",
    block(`map "$ssl_client_verify $ssl_client_i_dn $ssl_client_s_dn" $${id}_node`, [
      directive("default", "-"),
      ...site.nodes.names.map((name) =>
        directive(
          `"~^SUCCESS (?:${site.nodes.caNames.map((ca) => `CN=${escaped(ca)}`).join("|")}) CN=${escaped(name)}\\z"`,
          word(name),
        ),
      ),
    ]),
    "# Of which registry: containerd and BuildKit say it by ns, CRI-O and podman by the path.",
    "# Docker Engine knows docker.io only.",
    block(`map "$arg_ns $uri" $${id}_mirror`, [
      directive("default", '""'),
      ...site.upstreams.map(({ name }) => directive(`"~*^${asked(name)} /v2/"`, group(name))),
      ...site.upstreams.map(({ name }) => directive(`"~^ /v2/${escaped(group(name))}/"`, group(name))),
      ...(site.upstreams.some(({ name }) => name === "docker.io") ? [directive('"~^ /v2/"', "docker.io")] : []),
    ]),
    block(`map "$arg_ns $uri" $${id}_path`, [
      directive("default", "$uri"),
      ...site.upstreams.map(({ name }) => directive(`"~^ /v2/${escaped(group(name))}(/.+)\\z"`, "/v2$1")),
    ]),
    open(site),
    block(`map ${PROBE_VARIABLE} $${id}_logs`, [directive("default", 1), directive(word(place.hash), 0)]),
    requestIds(id),
    logFormat(id, site.logFormat, `$${id}_node`, {
      node: `$${id}_node`,
      mirror: `$${id}_mirror`,
      kept: `$${id}_kept`,
      ...mirrorCacheField(site),
    }),
    ...includes(site, place).http,
    "",
    server(site, place),
  );
}

/** A name as it is in paths, in nginx's names and in the log, none of which can have a port. */
const group = (name: string): string => name.replace(":", "_");

/** A name as `ns` has it, where a colon may be encoded. */
const asked = (name: string): string => escaped(name).replace(":", "(?::|%3[Aa])");

/** Who is asked: the proxy, the proxy before the reader, and the reader. */
function groups(site: MirrorSite, { name, proxyPort, readerPort }: MirrorUpstream): string[] {
  const at = `${identifier(site.site)}.${group(name)}`;
  const all = site.nodeAddresses;
  const entry = (address: string, port: number, ...words: string[]): string =>
    directive("server", `${addressWord(address)}:${port}`, ...words);
  return [
    ...upstream(at, all, proxyPort),
    "# A proxy that hangs is left out for a while, for all workers.",
    ...block(`upstream ${at}.tags`, [
      directive("zone", `${at}.tags`, "64k"),
      ...all.map((address) => entry(address, proxyPort, "max_fails=1", "fail_timeout=30s")),
      ...all.map((address) => entry(address, readerPort, "backup")),
    ]),
    ...upstream(`${at}.kept`, all, readerPort),
  ];
}

/** Which repositories there are: of a registry at which the mirror logs in only those that are named. */
function open(site: MirrorSite): string[] {
  const id = identifier(site.site);
  const lines = site.upstreams.flatMap(({ name, repositories }) => {
    if (repositories === undefined) return [];
    const of = escaped(group(name));
    return [
      ...repositories.map((pattern) =>
        directive(`"~^${of} /v2/${expression(pattern)}/(?:manifests|blobs)/[^/]+\\z"`, 1),
      ),
      directive(`"~^${of} "`, 0),
    ];
  });
  return block(`map "$${id}_mirror $${id}_path" $${id}_open`, [directive("default", 1), ...lines]);
}

function server(site: MirrorSite, place: Place): string[] {
  const id = identifier(site.site);
  const path = `^/v2/${NAME}`;
  const only = "this name is for the cluster's nodes, which show a certificate";
  return block("server", [
    ...listen(place, site.httpsPort, "ssl"),
    directive("server_name", serverName(site.host)),
    directive("server_tokens", "off"),
    ...siteDefaults("ssl_verify_client "),
    everybody,
    directive("access_log", word(site.accessLog), id, `if=$${id}_logs`),
    directive("error_log", word(site.errorLog)),
    directive("include", `${place.directory}/host/with-http1.con[f]`),
    directive("include", `${place.directory}/host/with-keepalive.con[f]`),
    "",
    ...tlsPolicy(id, place),
    directive("ssl_client_certificate", `${place.directory}/nodes-ca.pem`),
    directive("ssl_verify_client", "optional"),
    directive("ssl_verify_depth", 1),
    "",
    directive("default_type", "application/json"),
    directive("set", `$${id}_kept`, "no"),
    ...block(`if (${PROBE_VARIABLE} = ${word(place.hash)})`, [directive("return", 204)]),
    directive("error_page", "495", "496", "497", "=", "@nobody"),
    ...block("location @nobody", [directive("return", 403, apiError("DENIED", only))]),
    ...block(`if ($${id}_node = -)`, [directive("return", 403, apiError("DENIED", only))]),
    ...block("if ($request_method !~ ^(GET|HEAD)$)", [
      directive("return", 405, apiError("UNSUPPORTED", "a mirror only hands out")),
    ]),
    ...block("location = /v2/", [directive("return", 200, "'{}'")]),
    ...block("location /", [directive("return", 404, apiError("UNSUPPORTED", "a mirror has manifests and blobs"))]),
    ...block(`location ~ "${path}/manifests/[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\\z"`, [
      ...asks(site, place, ".tags", site.tagTimeoutSeconds),
      directive("proxy_next_upstream", "error", "http_500", "http_502", "http_503"),
    ]),
    ...includes(site, place).server,
    ...block(
      `location ~ "${path}/(?:manifests|blobs)/[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}\\z"`,
      byDigest(site, place),
    ),
    "# What was fetched before, where the registry or what asks it does not answer.",
    ...block("location @kept", [
      directive("set", `$${id}_kept`, "yes"),
      ...asks(site, place, ".kept", SILENCE),
      directive("proxy_next_upstream", "error", "timeout"),
    ]),
    "# A registry's own 401 would be a challenge, too: the node is to ask it by itself.",
    ...block("location @closed", [
      directive(
        "return",
        404,
        apiError("NAME_UNKNOWN", "the mirror may not read this; the registry itself may be asked"),
      ),
    ]),
  ]);
}

/** With a dead node and the wait for a connection no answer takes longer than 10 s to begin. */
const SILENCE = 8;

function byDigest(site: MirrorSite, place: Place): string[] {
  return [...asks(site, place, "", SILENCE), directive("proxy_next_upstream", "error")];
}

/** The files of the cache of blobs, if there is one. */
export function blobCacheFiles(site: MirrorSite, place: Place): ReleaseFile[] {
  return mirrorCacheFiles(site, place, {
    proxy: (answers) => [
      ...asks(site, place, "", SILENCE_WHILE_KEPT, answers),
      directive("proxy_next_upstream", "error"),
    ],
    uncached: byDigest(site, place),
  });
}

type Kind = "" | ".tags" | ".kept";

/** How an answer passes, and what becomes of an error: the reader is asked, which itself has nobody behind it. */
function passing(kind: Kind): string[] {
  if (kind === ".kept") return unbuffered();
  return [
    ...unbuffered("on"),
    directive("error_page", 401, "=", "@closed"),
    directive("error_page", 500, 502, 503, 504, "=", "@kept"),
  ];
}

/** What every location says that asks a pod. */
function asks(
  site: MirrorSite,
  place: Place,
  kind: Kind,
  seconds: number,
  answers: readonly string[] = passing(kind),
): string[] {
  const id = identifier(site.site);
  const missing = directive("return", 404, apiError("NAME_UNKNOWN", "the mirror does not have this"));
  return [
    ...block(`if ($${id}_mirror = "")`, [missing]),
    ...block(`if ($${id}_open = 0)`, [missing]),
    directive("proxy_pass", `https://${id}.$${id}_mirror${kind}$${id}_path`),
    ...passedOnAsItIs(),
    directive("proxy_http_version", "1.1"),
    directive("proxy_set_header", "Connection", '""'),
    directive("proxy_set_header", "Host", "$http_host"),
    directive("proxy_set_header", "X-Forwarded-Proto", "$scheme"),
    directive("proxy_set_header", "X-Request-ID", `$${id}_request_id`),
    directive("proxy_set_header", "Authorization", '""'),
    directive("proxy_hide_header", "WWW-Authenticate"),
    ...answers,
    directive("proxy_connect_timeout", "2s"),
    directive("proxy_send_timeout", `${seconds}s`),
    directive("proxy_read_timeout", `${seconds}s`),
    ...verified(site.upstreamTls, place),
  ];
}
