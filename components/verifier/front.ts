import { block, directive, fileText } from "../nginx/text";

/*
 * The small nginx in front of oauth2-proxy: it admits gateways only, by the client certificate that the registry asks
 * for, too.
 */

/** Where things are in the pod. */
export interface VerifierPlaces {
  /** The address with a colon behind it that gateways come to; empty for all. */
  address: string;
  /** Ports: for gateways, for the kubelet's probe, and two on loopback: of the keys, and of oauth2-proxy. */
  ports: { gateways: number; probe: number; keys: number; verifier: number };
  /** The folders of the TLS secret, of these texts, of what the pod writes. */
  certificates: string;
  texts: string;
  state: string;
  /** Of a secret of the pods' own, where they have one. */
  secrets: string;
  /** The roots that every system knows. */
  roots: string;
}

/** Those of a pod. */
export const POD: VerifierPlaces = {
  address: "",
  ports: { gateways: 8443, probe: 8080, keys: 8081, verifier: 4180 },
  certificates: "/certs",
  texts: "/etc/verifier",
  state: "/run/verifier",
  secrets: "/etc/verifier-secrets",
  roots: "/etc/ssl/certs/ca-certificates.crt",
};

/** The longest header: a token of 12 KiB in base64, twice over. */
export const LONGEST = "32k";

/** What the pods of a kind do. */
export interface Front {
  /** Locations for gateways. */
  locations: readonly string[];
  /** More of nginx's http block. */
  more?: readonly string[];
}

/** The text of nginx's whole configuration. */
export function frontText({ locations, more = [] }: Front, places: VerifierPlaces): string {
  const { state, ports } = places;
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return fileText(
    "# Written by Pulumi (private-registry); a change made here is lost.",
    "worker_processes 2;",
    "error_log stderr warn;",
    `pid ${state}/nginx.pid;`,
    block("events", [directive("worker_connections", 1024)]),
    block("http", [
      directive("access_log", "off"),
      directive("server_tokens", "off"),
      directive("large_client_header_buffers", 4, LONGEST),
      ...temporary.map((name) => directive(`${name}_temp_path`, `${state}/${name}`)),
      ...block("upstream verifier", [
        directive("server", `127.0.0.1:${ports.verifier}`, "max_fails=0"),
        directive("keepalive", 16),
      ]),
      ...gatewayServer(locations, places),
      ...more,
      ...probeServer(places),
    ]),
  );
}

/** A question to a server of the pod's own: these headers and no others. */
export function ask(target: string, headers: Record<string, string> = {}): string[] {
  return [
    directive("proxy_pass", target),
    directive("proxy_method", "GET"),
    directive("proxy_pass_request_headers", "off"),
    directive("proxy_pass_request_body", "off"),
    directive("proxy_http_version", "1.1"),
    directive("proxy_set_header", "Connection", '""'),
    directive("proxy_set_header", "Content-Length", '""'),
    ...Object.entries(headers).map(([name, value]) => directive("proxy_set_header", name, value)),
  ];
}

function gatewayServer(
  locations: readonly string[],
  { address, ports, certificates, state }: VerifierPlaces,
): string[] {
  return block("server", [
    directive("listen", `${address}${ports.gateways}`, "ssl"),
    directive("include", `${state}/listen.con[f]`),
    directive("ssl_certificate", `${certificates}/domain.crt`),
    directive("ssl_certificate_key", `${certificates}/domain.key`),
    directive("ssl_client_certificate", `${certificates}/ca.crt`),
    directive("ssl_verify_client", "on"),
    directive("ssl_protocols", "TLSv1.2", "TLSv1.3"),
    directive("ssl_session_cache", "shared:gateways:1m"),
    directive("ssl_session_tickets", "off"),
    ...locations,
    ...block("location /", [directive("return", 404)]),
  ]);
}

/** The kubelet has no client certificate. What it may ask says nothing of anybody. */
function probeServer({ address, ports, state }: VerifierPlaces): string[] {
  return block("server", [
    directive("listen", `${address}${ports.probe}`),
    directive("include", `${state}/probe.con[f]`),
    ...block("location = /ready", [...ask("http://verifier/ping"), directive("proxy_connect_timeout", "1s")]),
    ...block("location /", [directive("return", 404)]),
  ]);
}

/**
 * What runs before the two, by /bin/sh: a secret of the pod's own, its name servers as nginx takes them, and a line for
 * IPv6 where the pod has it.
 */
export const PREPARE = `set -eu
umask 077
cd ${POD.state}
head -c 24 /dev/urandom | base64 | tr -d '\\n' >secret
servers=
while read -r word address _; do
  [ "$word" = nameserver ] || continue
  case $address in
    *%*) ;;
    *:*) servers="$servers [$address]" ;;
    *) servers="$servers $address" ;;
  esac
done </etc/resolv.conf
[ -z "$servers" ] || echo "resolver$servers valid=30s;" >resolver.conf
[ ! -e /proc/net/if_inet6 ] || {
  echo 'listen [::]:${POD.ports.gateways} ssl;' >listen.conf
  echo 'listen [::]:${POD.ports.probe};' >probe.conf
}
`;
