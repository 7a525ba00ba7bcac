import { isIPv6 } from "node:net";
import { accessFiles, accessHttp, accessServer, askAccess } from "./access";
import { Blueprint, Place, ReleaseFile } from "./release";
import { PROBE_VARIABLE } from "./responder";
import { block, directive, fileText, identifier, word } from "./text";
import { PlainUser } from "./users";

/** Everything that the gateway's sites are made from, known and checked. */
export interface GatewaySite {
  site: string;
  registryHost: string;
  /** Undefined if there is no UI. */
  uiHost: string | undefined;
  /** IP addresses. */
  nodeAddresses: string[];
  registryNodePort: number;
  uiNodePort: number;
  httpsPort: number;
  chainPem: string;
  keyPem: string;
  upstreamTls: UpstreamTls;
  users: Pick<PlainUser, "name" | "role">[];
  /** The htpasswd text for `users`. */
  userFile: string;
  realm: string;
  readTimeoutSeconds: number;
  /** 0 is no limit. */
  clientMaxBodyMiB: number;
  accessLog: string;
  errorLog: string;
  /** nginx directives for the registry's server, as they are; or empty. */
  extraRegistryDirectives: string;
}

/** How the gateway and the registry know each other. */
export interface UpstreamTls {
  /** Roots for the registry's certificate; undefined: the host's own. */
  caPem: string | undefined;
  /** The name that the registry's certificate must have. */
  serverName: string;
  /** What the gateway shows the registry, both or none. */
  clientCertificatePem: string | undefined;
  clientKeyPem: string | undefined;
}

/** The 443 sites of registry and UI as a release. */
export function gatewayBlueprint(site: GatewaySite): Blueprint {
  const hosts = [site.registryHost, ...(site.uiHost === undefined ? [] : [site.uiHost])];
  return {
    site: site.site,
    probes: hosts.map((host) => ({ scheme: "https" as const, port: site.httpsPort, host })),
    files: (place) => [
      { path: "site.conf", readers: "all", content: siteText(site, place) },
      { path: "when-ipv6-listen.conf", readers: "all", content: `listen [::]:${site.httpsPort} ssl;\n` },
      { path: "chain.pem", readers: "all", content: site.chainPem },
      { path: "key.pem", readers: "root", content: site.keyPem },
      ...upstreamFiles(site.upstreamTls),
      ...accessFiles(site),
    ],
  };
}

function upstreamFiles(tls: UpstreamTls): ReleaseFile[] {
  const files: ReleaseFile[] = [];
  if (tls.caPem !== undefined) files.push({ path: "upstream-ca.pem", readers: "all", content: tls.caPem });
  if (tls.clientCertificatePem !== undefined && tls.clientKeyPem !== undefined) {
    files.push({ path: "client.pem", readers: "all", content: tls.clientCertificatePem });
    files.push({ path: "client-key.pem", readers: "root", content: tls.clientKeyPem });
  }
  return files;
}

function siteText(site: GatewaySite, place: Place): string {
  const id = identifier(site.site);
  return fileText(
    `# Written by Pulumi (private-registry, site ${site.site}); a change made here is lost.`,
    upstream(`${id}_registry`, site.nodeAddresses, site.registryNodePort),
    site.uiHost === undefined ? [] : upstream(`${id}_ui`, site.nodeAddresses, site.uiNodePort),
    "",
    "# The registry sends this header itself; it is added where it is missing (our own 401), so that it is there once.",
    block(`map $upstream_http_docker_distribution_api_version $${id}_api_version`, ['"" "registry/2.0";']),
    logFormat(id),
    "",
    accessHttp(site),
    "",
    accessServer(site, place),
    "",
    registryServer(site, place),
    site.uiHost === undefined ? [] : ["", ...uiServer(site, site.uiHost, place)],
  );
}

function upstream(name: string, addresses: readonly string[], port: number): string[] {
  const servers = addresses.map((address) =>
    directive("server", `${isIPv6(address) ? `[${address}]` : address}:${port}`),
  );
  return block(`upstream ${name}`, [...servers, directive("keepalive", 32)]);
}

/** "combined" with the path instead of the request line: a query can hold secrets. */
function logFormat(id: string): string[] {
  return [
    `log_format ${id} '$remote_addr - $remote_user [$time_local] "$request_method $uri $server_protocol" '`,
    `    '$status $body_bytes_sent "-" "$http_user_agent"';`,
  ];
}

/** What both servers have in common. */
function serverHead(site: GatewaySite, host: string, place: Place): string[] {
  const id = identifier(site.site);
  return [
    directive("listen", site.httpsPort, "ssl"),
    directive("include", `${place.directory}/with-listen.con[f]`),
    directive("server_name", word(host)),
    directive("server_tokens", "off"),
    directive("satisfy", "all"),
    directive("access_log", word(site.accessLog), id),
    directive("error_log", word(site.errorLog)),
    "",
    directive("ssl_certificate", `${place.directory}/chain.pem`),
    directive("ssl_certificate_key", `${place.directory}/key.pem`),
    directive("ssl_protocols", "TLSv1.2", "TLSv1.3"),
    directive("ssl_ciphers", CIPHERS),
    directive("ssl_prefer_server_ciphers", "off"),
    directive("ssl_session_cache", `shared:${id}_tls:10m`),
    directive("ssl_session_timeout", "1d"),
    directive("ssl_session_tickets", "off"),
    "",
    ...block(`if (${PROBE_VARIABLE} = ${word(place.hash)})`, [directive("return", 204)]),
    "# In clear on the port for TLS: our own probe, or a lost browser.",
    directive("error_page", 497, "=", "@plain"),
    ...block("location @plain", [
      ...block(`if (${PROBE_VARIABLE} = ${word(place.hash)})`, [directive("return", 204)]),
      directive("return", 301, "https://$http_host$request_uri"),
    ]),
  ];
}

/** TLS 1.2 with forward secrecy and authenticated encryption only; TLS 1.3 has no others. */
const CIPHERS = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

function registryServer(site: GatewaySite, place: Place): string[] {
  const id = identifier(site.site);
  return block("server", [
    ...serverHead(site, site.registryHost, place),
    "",
    directive("add_header", "Docker-Distribution-Api-Version", `$${id}_api_version`, "always"),
    ...askAccess(site, place),
    ...block("location /", toRegistry(site, place)),
    ...raw(site.extraRegistryDirectives),
  ]);
}

/** The escape hatch, as it is, and on lines of its own. */
function raw(text: string): string[] {
  return text === "" ? [] : ["", ...text.split(/\r?\n/)];
}

function uiServer(site: GatewaySite, host: string, place: Place): string[] {
  const id = identifier(site.site);
  return block("server", [
    ...serverHead(site, host, place),
    "",
    ...askAccess(site, place),
    ...block("location /", [
      directive("auth_request", "/.private-registry/access"),
      directive("set", `$${id}_asked`, `$${id}_needed`),
      directive("proxy_pass", `http://${id}_ui`),
      ...forwarded(site),
    ]),
    "# By a pattern: for a plain /v2/ nginx would answer /v2 itself, with a redirect and no password.",
    ...block(`location ~ "^/v2(/|\\z)"`, [
      directive("add_header", "Docker-Distribution-Api-Version", `$${id}_api_version`, "always"),
      ...toRegistry(site, place),
    ]),
  ]);
}

function toRegistry(site: GatewaySite, place: Place): string[] {
  const id = identifier(site.site);
  const tls = site.upstreamTls;
  return [
    directive("auth_request", "/.private-registry/access"),
    directive("set", `$${id}_asked`, `$${id}_needed`),
    directive("proxy_pass", `https://${id}_registry`),
    ...forwarded(site),
    ...streaming(site),
    "",
    directive("proxy_ssl_server_name", "on"),
    directive("proxy_ssl_name", word(tls.serverName)),
    directive("proxy_ssl_protocols", "TLSv1.2", "TLSv1.3"),
    directive("proxy_ssl_verify", "on"),
    directive("proxy_ssl_verify_depth", 5),
    directive(
      "proxy_ssl_trusted_certificate",
      `${place.directory}/${tls.caPem === undefined ? "host-ca.pem" : "upstream-ca.pem"}`,
    ),
    ...(tls.clientCertificatePem === undefined
      ? []
      : [
          directive("proxy_ssl_certificate", `${place.directory}/client.pem`),
          directive("proxy_ssl_certificate_key", `${place.directory}/client-key.pem`),
        ]),
  ];
}

/** What the upstream is told of the request; never the password, which ends here. */
function forwarded(site: GatewaySite): string[] {
  return [
    directive("proxy_http_version", "1.1"),
    directive("proxy_set_header", "Connection", '""'),
    directive("proxy_set_header", "Host", "$http_host"),
    directive("proxy_set_header", "X-Real-IP", "$remote_addr"),
    directive("proxy_set_header", "X-Forwarded-For", "$proxy_add_x_forwarded_for"),
    directive("proxy_set_header", "X-Forwarded-Proto", "$scheme"),
    directive("proxy_set_header", "X-Original-URI", "$request_uri"),
    directive("proxy_set_header", "Authorization", '""'),
    directive("proxy_read_timeout", `${site.readTimeoutSeconds}s`),
    directive("proxy_send_timeout", `${site.readTimeoutSeconds}s`),
  ];
}

/** Bodies pass through memory both ways: with nginx's defaults a push and a pull go through files on the gateway. */
function streaming(site: GatewaySite): string[] {
  return [
    directive("client_max_body_size", site.clientMaxBodyMiB === 0 ? "0" : `${site.clientMaxBodyMiB}m`),
    directive("client_body_buffer_size", "256k"),
    directive("client_body_timeout", `${site.readTimeoutSeconds}s`),
    directive("proxy_request_buffering", "off"),
    directive("proxy_buffer_size", "64k"),
    directive("proxy_buffers", 16, "64k"),
    directive("proxy_busy_buffers_size", "256k"),
    directive("proxy_max_temp_file_size", 0),
  ];
}
