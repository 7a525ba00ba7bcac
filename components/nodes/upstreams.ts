import type { Place, ReleaseFile } from "../hosts/release";

/** How a node gets to other registries by the mirrors. */
export interface NodeMirrors {
  /** Host name of the mirrors, ASCII. */
  host: string;
  httpsPort: number;
  /** The CA of the mirrors' certificate, PEM. */
  caPem: string;
  /** What the node shows there, PEM. */
  certificatePem: string;
  keyPem: string;
  /** True if the node asks a registry itself where the mirror does not help. */
  fallback: boolean;
  upstreams: NodeUpstream[];
}

/** A registry that is mirrored, as a node has to know it. */
export interface NodeUpstream {
  /** Its name in images. */
  name: string;
  /** Where it is. */
  url: string;
  /** Roots of its own certificate, PEM; undefined: the node's own. */
  caPem?: string | undefined;
}

/** What a node shows the mirrors, and verifies them by. */
const FILES = { ca: "mirror-ca.crt", certificate: "node.crt", key: "node.key" } as const;

/** A folder for each registry, and the three files that all of them name. */
export function mirrorFiles(
  { site, mirrors }: { site: string; mirrors?: NodeMirrors | undefined },
  { directory }: Pick<Place, "directory">,
): ReleaseFile[] {
  if (mirrors === undefined) return [];
  return [
    { path: FILES.ca, readers: "all", content: mirrors.caPem },
    { path: FILES.certificate, readers: "all", content: mirrors.certificatePem },
    { path: FILES.key, readers: "root", content: mirrors.keyPem },
    ...mirrors.upstreams.flatMap((each): ReleaseFile[] => [
      { path: `${each.name}/hosts.toml`, readers: "all", content: mirrorToml(site, mirrors, each, directory) },
      ...(each.caPem === undefined
        ? []
        : [{ path: `${each.name}/ca.crt`, readers: "all" as const, content: each.caPem }]),
    ]),
  ];
}

/** What the node's program has to know of it. */
export function mirrorWords(mirrors: NodeMirrors | undefined): Record<string, string> {
  if (mirrors === undefined) return {};
  return {
    mirror: `${mirrors.host} ${mirrors.httpsPort}`,
    mirrored: mirrors.upstreams.map(({ name }) => name).join(" "),
  };
}

/**
 * hosts.toml of a registry that is mirrored (docs/hosts.md of containerd). `server` is what is asked when the mirror
 * does not help: the registry itself, or once more the mirror. The table `[host]` has to be there, if empty: 1.6 throws
 * a file without one away. `dial_timeout` is obeyed from 2.0 on.
 */
function mirrorToml(site: string, mirrors: NodeMirrors, upstream: NodeUpstream, directory: string): string {
  const url = `https://${mirrors.host}:${mirrors.httpsPort}`;
  const shown = [
    `capabilities = ["pull", "resolve"]`,
    `ca = "${directory}/${FILES.ca}"`,
    `client = [["${directory}/${FILES.certificate}", "${directory}/${FILES.key}"]]`,
    `dial_timeout = "2s"`,
  ];
  const written = `# Written by Pulumi (private-registry, site ${site}); a change made here is lost.`;
  const itself = [
    `server = "${upstream.url}"`,
    ...(upstream.caPem === undefined ? [] : [`ca = "${directory}/${upstream.name}/ca.crt"`]),
  ];
  const lines = mirrors.fallback
    ? [written, ...itself, "", `[host."${url}"]`, ...shown.map((line) => `  ${line}`)]
    : [written, `server = "${url}"`, ...shown, "", "[host]"];
  return `${lines.join("\n")}\n`;
}
