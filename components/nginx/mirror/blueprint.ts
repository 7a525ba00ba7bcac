import type { Blueprint } from "../../hosts/release";
import { upstreamFiles } from "../gateway/blueprint";
import { NGINX_HOST } from "../kind";
import type { MirrorSite } from "./site";
import { mirrorCacheWords } from "./blob-cache";
import { blobCacheFiles, mirrorText } from "./text";

/** The mirrors' site as a release of its own: what is wrong with it never touches the registry's. */
export function mirrorBlueprint(site: MirrorSite): Blueprint {
  return {
    kind: NGINX_HOST,
    site: site.site,
    words: mirrorCacheWords(site),
    probes: [{ scheme: "https", port: site.httpsPort, host: site.host }],
    files: (place) => [
      { path: "site.conf", readers: "all", content: mirrorText(site, place) },
      { path: "when-ipv6-listen.conf", readers: "all", content: `listen [::]:${site.httpsPort} ssl;\n` },
      { path: "when-1.25.1-http1.conf", readers: "all", content: "http2 off;\n" },
      { path: "when-1.27.4-keepalive.conf", readers: "all", content: "keepalive_min_timeout 10s;\n" },
      { path: "chain.pem", readers: "all", content: site.chainPem },
      { path: "key.pem", readers: "root", content: site.keyPem },
      { path: "nodes-ca.pem", readers: "all", content: site.nodes.caPem },
      ...blobCacheFiles(site, place),
      ...upstreamFiles(site.upstreamTls),
    ],
  };
}
