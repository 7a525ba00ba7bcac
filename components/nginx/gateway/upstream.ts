import { needAccess } from "./access-question";
import { passedOnAsItIs } from "./own-settings";
import { judgesNames } from "./rights";
import type { GatewaySite, UpstreamTls } from "./site";
import type { Place } from "../../hosts/release";
import { addressWord, block, directive, identifier, word } from "../text";

/*
 * How the gateway speaks to the nodes: which it asks, what it tells them, and how bodies pass.
 */

/** A request is tried on each entry once at most, and each kept connection of a pod that just ended costs a try. */
const ENTRIES = 6;

/** More than one of two nodes has entries: with fewer, all tries of a request may fall on a node that is dead. */
const TRIES = ENTRIES / 2 + 1;

/**
 * The nodes, again and again until there are tries enough. A single one is never left out; of several, one that does
 * not answer is for a while, but not for the connections of a pod that ends: those are dead at all nodes at once, and
 * then nobody would be left to ask.
 */
export function upstream(name: string, addresses: readonly string[], port: number): string[] {
  const leftOut = addresses.length === 1 ? "max_fails=0" : "max_fails=3";
  const servers = addresses.map((address) => directive("server", `${addressWord(address)}:${port}`, leftOut));
  const rounds = Math.ceil(ENTRIES / addresses.length);
  return block(`upstream ${name}`, [
    ...Array.from({ length: rounds }, () => servers).flat(),
    directive("keepalive", 32),
  ]);
}

/** What the upstream is told of the request; never the password, which ends here. */
export function forwarded(site: GatewaySite): string[] {
  return [
    ...passedOnAsItIs(),
    directive("proxy_http_version", "1.1"),
    directive("proxy_set_header", "Connection", '""'),
    directive("proxy_set_header", "Host", "$http_host"),
    directive("proxy_set_header", "X-Real-IP", "$remote_addr"),
    directive("proxy_set_header", "X-Forwarded-For", "$proxy_add_x_forwarded_for"),
    directive("proxy_set_header", "X-Forwarded-Proto", "$scheme"),
    directive("proxy_set_header", "X-Original-URI", "$request_uri"),
    directive("proxy_set_header", "X-Request-ID", `$${identifier(site.site)}_request_id`),
    directive("proxy_set_header", "Authorization", '""'),
    directive("proxy_read_timeout", `${site.readTimeoutSeconds}s`),
    directive("proxy_send_timeout", `${site.readTimeoutSeconds}s`),
    "# Requests that may be sent again are, if a node does not take them; never a POST or a PATCH.",
    "# A dead node costs each try as long: together less than the proof of a release may take.",
    directive("proxy_connect_timeout", "2s"),
    directive("proxy_next_upstream", "error", "timeout"),
    directive("proxy_next_upstream_tries", TRIES),
  ];
}

/** Bodies pass through memory both ways: with nginx's defaults a push and a pull go through files on the gateway. */
function streaming(site: GatewaySite): string[] {
  return [
    directive("client_max_body_size", "0"),
    directive("client_body_buffer_size", "256k"),
    directive("client_body_timeout", `${site.readTimeoutSeconds}s`),
    directive("proxy_request_buffering", "off"),
  ];
}

/**
 * An answer is passed on as it comes. What nginx buffers instead can be lost in a reload: if the first part just fills
 * `proxy_buffer_size`, as Go's first 4 KiB do, nginx 1.22 waits for the next without a timer (ngx_readv_chain leaves
 * the event ready), and a worker without timers ends.
 */
export function unbuffered(interceptErrors: "on" | "off" = "off"): string[] {
  return [
    directive("proxy_cache", "off"),
    directive("proxy_intercept_errors", interceptErrors),
    directive("proxy_buffering", "off"),
    directive("proxy_buffer_size", "64k"),
    "# Of no use then, but nginx wants it to fit to the one above.",
    directive("proxy_buffers", 4, "64k"),
  ];
}

/**
 * A location that passes its requests to the registry.
 * @param answers How answers pass: as they come, or as a cache has them.
 */
export function toRegistry(site: GatewaySite, place: Place, answers = unbuffered()): string[] {
  const id = identifier(site.site);
  return [
    ...needAccess(site),
    directive("proxy_pass", `https://${id}_registry`),
    ...forwarded(site),
    ...(judgesNames(site) ? [directive("proxy_set_header", "Content-Type", `$${id}_content_type`)] : []),
    ...streaming(site),
    ...answers,
    "",
    ...verified(site.upstreamTls, place),
  ];
}

/** How the gateway and what it asks in the cluster know each other. */
export function verified(tls: UpstreamTls, place: Place): string[] {
  return [
    directive("proxy_ssl_server_name", "on"),
    directive("proxy_ssl_name", word(tls.serverName)),
    directive("proxy_ssl_protocols", "TLSv1.2", "TLSv1.3"),
    directive("proxy_ssl_verify", "on"),
    directive("proxy_ssl_verify_depth", 5),
    directive(
      "proxy_ssl_trusted_certificate",
      `${place.directory}/${tls.caPem === undefined ? "host/host-ca.pem" : "upstream-ca.pem"}`,
    ),
    ...(tls.clientCertificatePem === undefined
      ? []
      : [
          directive("proxy_ssl_certificate", `${place.directory}/client.pem`),
          directive("proxy_ssl_certificate_key", `${place.directory}/client-key.pem`),
        ]),
  ];
}

/** A location for whatever request of the registry has none of its own. */
export function anyRequest(site: GatewaySite, place: Place): string[] {
  return [
    "# Here, too: otherwise an error that comes after the first one is not led to its page.",
    directive("recursive_error_pages", "on"),
    directive("include", `${place.directory}/host/with-heads.con[f]`),
    ...toRegistry(site, place),
  ];
}
