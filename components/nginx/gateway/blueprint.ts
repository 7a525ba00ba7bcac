import { accessFiles } from "./access";
import { blobCacheFiles, blobCacheWords } from "./blob-cache";
import type { GatewaySite, UpstreamTls } from "./site";
import { siteText } from "./text";
import { Blueprint, ReleaseFile } from "../../hosts/release";
import { NGINX_HOST } from "../kind";

/** The 443 sites of registry and UI as a release. */
export function gatewayBlueprint(site: GatewaySite): Blueprint {
  const hosts = new Set([site.registryHost, ...(site.uiHost === undefined ? [] : [site.uiHost])]);
  return {
    kind: NGINX_HOST,
    site: site.site,
    words: blobCacheWords(site),
    probes: [...hosts].map((host) => ({ scheme: "https" as const, port: site.httpsPort, host })),
    files: (place) => [
      { path: "site.conf", readers: "all", content: siteText(site, place) },
      { path: "when-ipv6-listen.conf", readers: "all", content: `listen [::]:${site.httpsPort} ssl;\n` },
      { path: "when-1.25.1-http2.conf", readers: "all", content: "http2 on;\n" },
      { path: "when-1.25.1-http1.conf", readers: "all", content: "http2 off;\n" },
      { path: "when-1.27.4-keepalive.conf", readers: "all", content: "keepalive_min_timeout 10s;\n" },
      { path: "unless-1.27.4-uploads.conf", readers: "all", content: "keepalive_timeout 0;\n" },
      {
        path: "unless-1.27.4-heads.conf",
        readers: "all",
        content: "if ($request_method = HEAD) {\n    return 498;\n}\n",
      },
      { path: "chain.pem", readers: "all", content: site.chainPem },
      { path: "key.pem", readers: "root", content: site.keyPem },
      ...blobCacheFiles(site, place),
      ...upstreamFiles(site.upstreamTls),
      ...accessFiles(site, place),
    ],
  };
}

/** What the gateway shows, and verifies by, towards the cluster. */
export function upstreamFiles(tls: UpstreamTls): ReleaseFile[] {
  const files: ReleaseFile[] = [];
  if (tls.caPem !== undefined) files.push({ path: "upstream-ca.pem", readers: "all", content: tls.caPem });
  const { clientCertificatePem: client, clientKeyPem: key } = tls;
  if (client !== undefined) files.push({ path: "client.pem", readers: "all", content: client });
  if (key !== undefined) files.push({ path: "client-key.pem", readers: "root", content: key });
  return files;
}
