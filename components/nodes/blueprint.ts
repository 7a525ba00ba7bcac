import type { Blueprint, Place, ReleaseFile } from "../hosts/release";
import { NODE_HOST_KIND } from "./kind";
import { type NodeProvider, providerFiles, providerWords } from "./provider";
import { mirrorFiles, type NodeMirrors, mirrorWords } from "./upstreams";

/** What a node has to know to pull from the registry. */
export interface NodeSite {
  /** Name of the site on the hosts. */
  site: string;
  /** Host name, ASCII. */
  registryHost: string;
  httpsPort: number;
  /** Roots, PEM, by which the registry's certificate is verified; undefined: the node's own. */
  caPem: string | undefined;
  /** How it gets to other registries; undefined: as it is set up without us. */
  mirrors?: NodeMirrors | undefined;
  /** How its pods pull as what they are; undefined: by pull secrets. */
  provider?: NodeProvider | undefined;
}

/** The registry's name as it is in an image's, which is what containerd calls its folder. */
export function folderOf({ registryHost, httpsPort }: Pick<NodeSite, "registryHost" | "httpsPort">): string {
  return httpsPort === 443 ? registryHost : `${registryHost}:${httpsPort}`;
}

/** containerd's folder of the registry as a release. */
export function nodeBlueprint(site: NodeSite): Blueprint {
  const folder = folderOf(site);
  const files = (place: Place): ReleaseFile[] => [
    { path: `${folder}/hosts.toml`, readers: "all", content: hostsToml(site, `${place.directory}/${folder}`) },
    ...(site.caPem === undefined ? [] : [{ path: `${folder}/ca.crt`, readers: "all" as const, content: site.caPem }]),
    ...mirrorFiles(site, place),
    ...providerFiles(site, folder),
  ];
  const probe = { scheme: "https" as const, port: site.httpsPort, host: site.registryHost };
  return {
    kind: NODE_HOST_KIND,
    site: site.site,
    probes: [probe],
    words: { ...mirrorWords(site.mirrors), ...providerWords(site) },
    files,
  };
}

/**
 * hosts.toml of containerd (docs/hosts.md there). `ca` stands twice: containerd asks `server` for what the host does
 * not have, and without it there a missing image is told as a wrong certificate. The table `[host]` has to be there:
 * 1.6 throws a file without one away.
 */
function hostsToml(site: NodeSite, folder: string): string {
  const url = `https://${folderOf(site)}`;
  const ca = site.caPem === undefined ? [] : [`ca = "${folder}/ca.crt"`];
  const lines = [
    `# Written by Pulumi (private-registry, site ${site.site}); a change made here is lost.`,
    `server = "${url}"`,
    ...ca,
    "",
    `[host."${url}"]`,
    `  capabilities = ["pull", "resolve", "push"]`,
    ...ca.map((line) => `  ${line}`),
  ];
  return `${lines.join("\n")}\n`;
}
