import { accessFiles } from "./access";
import { siteText } from "./gateway-text";
import { LogFormat } from "./logs";
import { Blueprint, ReleaseFile } from "./release";
import { PlainUser } from "./users";

/** Everything that the gateway's sites are made from, known and checked. */
export interface GatewaySite {
  site: string;
  registryHost: string;
  /** Undefined if there is no UI. */
  uiHost: string | undefined;
  /** Where the UI's page is, with a slash at both ends. */
  uiBasePath: string;
  /** IP addresses. */
  nodeAddresses: string[];
  registryNodePort: number;
  uiNodePort: number;
  httpsPort: number;
  chainPem: string;
  keyPem: string;
  upstreamTls: UpstreamTls;
  users: Omit<PlainUser, "password">[];
  /** The htpasswd text for `users`. */
  userFile: string;
  /** Patterns of the repositories that everybody may pull from. */
  anonymousPull: string[];
  realm: string;
  readTimeoutSeconds: number;
  /** 0 is no limit. */
  clientMaxBodyMiB: number;
  accessLog: string;
  errorLog: string;
  logFormat: LogFormat;
  /** Comparisons of a password in a minute, for one address and user. */
  guessesPerMinute: number;
  /** max-age of Strict-Transport-Security; 0: the header is not sent. */
  hstsSeconds: number;
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
  const hosts = new Set([site.registryHost, ...(site.uiHost === undefined ? [] : [site.uiHost])]);
  return {
    site: site.site,
    probes: [...hosts].map((host) => ({ scheme: "https" as const, port: site.httpsPort, host })),
    files: (place) => [
      { path: "site.conf", readers: "all", content: siteText(site, place) },
      { path: "when-ipv6-listen.conf", readers: "all", content: `listen [::]:${site.httpsPort} ssl;\n` },
      { path: "when-1.25.1-http2.conf", readers: "all", content: "http2 on;\n" },
      { path: "when-1.27.4-keepalive.conf", readers: "all", content: "keepalive_min_timeout 10s;\n" },
      { path: "unless-1.27.4-uploads.conf", readers: "all", content: "keepalive_timeout 0;\n" },
      {
        path: "unless-1.27.4-heads.conf",
        readers: "all",
        content: "if ($request_method = HEAD) {\n    return 498;\n}\n",
      },
      { path: "chain.pem", readers: "all", content: site.chainPem },
      { path: "key.pem", readers: "root", content: site.keyPem },
      ...upstreamFiles(site.upstreamTls),
      ...accessFiles(site, place),
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
