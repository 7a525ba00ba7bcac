import { accessHttp, askAccess } from "./access";
import { needAccess } from "./access-question";
import { accessServer } from "./access-server";
import { apiError } from "../api-error";
import { everybody, says, siteDefaults } from "./own-settings";
import { proofHeader } from "./stand-in";
import type { GatewaySite } from "./site";
import { blobCache, cachedBlobs, logFields } from "./blob-cache";
import { anyRequest, forwarded, toRegistry, unbuffered, upstream } from "./upstream";
import { FOREIGN, hasIdentities, loggedUser, longHeaders, subjectField, UNVERIFIED } from "./identities";
import { logFormat, requestIds } from "./logs";
import type { Place } from "../../hosts/release";
import { PROBE_VARIABLE } from "../responder";
import { dropQuestion } from "./rights";
import { challengeHeader, tokenServer } from "./tokens";
import { hasSso } from "./sso";
import { sessionsElsewhere, signIn, ssoServer, withoutCookie } from "./sso-server";
import { block, directive, fileText, identifier, listen, serverName, word } from "../text";
import { tlsPolicy } from "./tls-policy";

/** The text of `site.conf`: everything that nginx reads of the gateway, or that includes it. */
export function siteText(site: GatewaySite, place: Place): string {
  const id = identifier(site.site);
  return fileText(
    `# Written by Pulumi (private-registry, site ${site.site}); a change made here is lost.`,
    upstream(`${id}_registry`, site.nodeAddresses, site.registryNodePort),
    site.uiHost === undefined ? [] : upstream(`${id}_ui`, site.nodeAddresses, site.uiNodePort),
    "",
    "# The registry sends this header itself; it is added where it is missing (our own 401), so that it is there once.",
    block(`map $upstream_http_docker_distribution_api_version $${id}_api_version`, ['"" "registry/2.0";']),
    logFormat(id, site.logFormat, loggedUser(site), { ...subjectField(site), ...logFields(site) }),
    requestIds(id),
    "",
    accessHttp(site, place),
    "",
    accessServer(site, place),
    "",
    ...blobCache(site, place),
    registryServer(site, place),
    site.uiHost === undefined || sharesName(site) ? [] : ["", ...uiServer(site, site.uiHost, place)],
  );
}

/** What both servers have in common. */
function serverHead(site: GatewaySite, host: string, place: Place): string[] {
  const id = identifier(site.site);
  const extra = host === site.registryHost ? site.extraRegistryDirectives : "";
  return [
    ...listen(place, site.httpsPort, "ssl"),
    directive("server_name", serverName(host)),
    directive("server_tokens", "off"),
    ...siteDefaults(extra),
    ...(says(extra, "large_client_header_buffers") ? [] : longHeaders(site)),
    directive("access_log", word(site.accessLog), id, `if=$${id}_logs`),
    directive("error_log", word(site.errorLog)),
    "",
    ...tlsPolicy(id, place),
    "",
    ...block(`if (${PROBE_VARIABLE} = ${word(place.hash)})`, [directive("return", 204)]),
    ...dropQuestion(site),
    "# In clear on the port for TLS: our own probe, or a lost browser.",
    directive("error_page", 497, "=", "@plain"),
    directive("error_page", 500, "=", "@failed"),
    directive("include", `${place.directory}/host/with-keepalive.con[f]`),
    ...block("location @plain", [
      ...block(`if (${PROBE_VARIABLE} = ${word(place.hash)})`, [directive("return", 204)]),
      directive("return", 301, "https://$http_host$request_uri"),
    ]),
    "# auth_request makes a 500 of everything that is no yes or no, a limit too.",
    ...block("location @failed", [
      directive("default_type", "application/json"),
      ...block(`if ($${id}_access = 429)`, [
        directive("return", 429, apiError("TOOMANYREQUESTS", "too many passwords from this address; wait a minute")),
      ]),
      ...(host === site.uiHost ? loginRefusals(site) : []),
      ...(hasIdentities(site) ? tokenRefusals(id) : []),
      directive("return", 500, apiError("UNKNOWN", "the gateway can't check passwords; its error log says why")),
    ]),
    "# As the registry says no itself, which docker and the UI show.",
    ...block("location @denied", [
      directive("default_type", "application/json"),
      directive("return", 403, apiError("DENIED", "this user may not do this here")),
    ]),
    "# Nothing else is below the gateway's own path.",
    ...block("location ^~ /.private-registry/", [directive("return", 404)]),
  ];
}

/** Of a token: that it is somebody else's, or that its verifier did not answer. */
function tokenRefusals(id: string): string[] {
  const foreign = "the token is good, but its subject or its groups are not those of this identity";
  const unverified = "tokens of this identity can't be verified now; try again, or see docs/troubleshooting.md";
  return [
    ...block(`if ($${id}_access = ${FOREIGN})`, [directive("return", 403, apiError("DENIED", foreign))]),
    ...block(`if ($${id}_access = ${UNVERIFIED})`, [directive("return", 503, apiError("UNAVAILABLE", unverified))]),
  ];
}

/** Of a session: that the login did not answer. nginx can't ask for two things at once, so they are one text. */
function loginRefusals(site: GatewaySite): string[] {
  if (!hasSso(site)) return [];
  const id = identifier(site.site);
  return [
    directive("set", `$${id}_refused`, `"$${id}_way $${id}_access"`),
    ...block(`if ($${id}_refused = "session ${UNVERIFIED}")`, [
      directive(
        "return",
        503,
        apiError("UNAVAILABLE", "the login can't be asked now; try again, or see docs/troubleshooting.md"),
      ),
    ]),
  ];
}

/** Headers of every answer; a location that adds one of its own has to name all again. */
function apiHeaders(site: GatewaySite): string[] {
  const id = identifier(site.site);
  return [
    directive("add_header", "Docker-Distribution-Api-Version", `$${id}_api_version`, "always"),
    proofHeader(site),
    ...hsts(site),
  ];
}

function hsts(site: GatewaySite): string[] {
  if (site.hstsSeconds === 0) return [];
  return [directive("add_header", "Strict-Transport-Security", `max-age=${site.hstsSeconds}`, "always")];
}

function registryServer(site: GatewaySite, place: Place): string[] {
  return block("server", [
    ...serverHead(site, site.registryHost, place),
    ...(says(site.extraRegistryDirectives, "http2")
      ? []
      : [directive("include", `${place.directory}/host/with-http1.con[f]`)]),
    "",
    ...apiHeaders(site),
    ...challengeHeader(site),
    ...askAccess(site),
    ...tokenServer(site, `${place.directory}/granted`, hsts(site)),
    directive("error_page", 403, "@denied"),
    ...(sharesName(site) ? uiPage(site) : []),
    ...block("location /", anyRequest(site, place)),
    "# A push: where nginx is older than 1.27.4, connections of its steps are not kept, since a reload would cut the next one off.",
    "# So of a HEAD, after which a client begins an upload.",
    directive("error_page", 498, "=", "@head"),
    ...block("location @head", [
      directive("keepalive_timeout", 0),
      directive("recursive_error_pages", "on"),
      ...toRegistry(site, place),
    ]),
    ...block(`location ~ "(?s)^/v2/.*/blobs/uploads/"`, [
      directive("include", `${place.directory}/host/with-uploads.con[f]`),
      ...toRegistry(site, place),
    ]),
    ...cachedBlobs(site, place),
    ...raw(site.extraRegistryDirectives),
    everybody,
  ]);
}

/** The escape hatch, as it is, and on lines of its own. */
function raw(text: string): string[] {
  return text === "" ? [] : ["", ...text.split(/\r?\n/)];
}

/** True if the UI is below a path of the registry's own name. */
function sharesName(site: GatewaySite): boolean {
  return site.uiHost === site.registryHost;
}

/** The UI's page, where it is. A `proxy_pass` with a path takes the location's own away. */
function uiPage(site: GatewaySite): string[] {
  const [id, base] = [identifier(site.site), site.uiPath];
  const page = (target: string): string[] => [
    ...needAccess(site),
    ...signIn(site),
    directive("proxy_pass", target),
    ...forwarded(site),
    ...withoutCookie(site),
    ...unbuffered(),
  ];
  if (base === "/") return block("location /", page(`http://${id}_ui`));
  // A bare `return` would not do: nginx obeys it before it asks who may know of it.
  const otherwise = (then: string): string[] => [
    ...needAccess(site),
    ...signIn(site),
    directive("try_files", "/.private-registry/nothing", then),
  ];
  return [
    ...block("location @page", [directive("return", 302, `https://$http_host${base}`)]),
    ...block(`location = ${base.slice(0, -1)}`, otherwise("@page")),
    ...block(`location ^~ ${base}`, page(`http://${id}_ui/`)),
    ...(sharesName(site)
      ? []
      : [...block("location = /", otherwise("@page")), ...block("location /", otherwise("=404"))]),
  ];
}

function uiServer(site: GatewaySite, host: string, place: Place): string[] {
  return block("server", [
    ...serverHead(site, host, place),
    "# Not on the registry's name: HTTP/2 halves uploads, and fails pushes at a reload.",
    directive("include", `${place.directory}/host/with-http2.con[f]`),
    "",
    everybody,
    ...hsts(site),
    ...askAccess(site, hasSso(site) ? sessionsElsewhere(site) : []),
    ...(hasSso(site) ? ssoServer(site, place, hsts(site)) : []),
    ...uiPage(site),
    "# By a pattern: for a plain /v2/ nginx would answer /v2 itself, with a redirect and no password.",
    ...block(`location ~ "^/v2(/|\\z)"`, [
      ...apiHeaders(site),
      directive("error_page", 403, "@denied"),
      directive("error_page", 500, "=", "@failed"),
      ...toRegistry(site, place),
      ...withoutCookie(site),
    ]),
  ]);
}
