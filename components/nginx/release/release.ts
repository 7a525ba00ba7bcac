import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where the releases of all sites are kept on a host, whatever nginx's own folder is. */
export const RELEASES_ROOT = "/etc/nginx/private-registry";

/** Who may read a file of a release: everybody, nginx's workers (through their group), or only root. */
export type Readers = "all" | "nginx" | "root";

/** The mode of a file by who reads it. */
export const MODES: Record<Readers, string> = { all: "0644", nginx: "0640", root: "0600" };

/** One file of a release. */
export interface ReleaseFile {
  /** Path inside the release: letters, digits, `.`, `-`, `_`, and `/` between folders. */
  path: string;
  content: string;
  readers: Readers;
}

/** A request that only a host on which the release is live answers as it should. */
export interface Probe {
  scheme: "http" | "https";
  port: number;
  /** The name that the request is for. */
  host: string;
}

/** One whole set of files for one site, named by its hash. */
export interface Release {
  /** The site's name on the host: lower-case letters, digits and `-`. */
  site: string;
  /** 20 hex digits over paths, modes and contents. */
  hash: string;
  files: ReleaseFile[];
  probes: Probe[];
}

/** What a release is made from: its text may name its own folder and hash, which are known only when all else is. */
export interface Blueprint {
  site: string;
  probes: Probe[];
  files: (place: Place) => ReleaseFile[];
}

/** Where a release will be on the host. */
export interface Place {
  /** Absolute path of the release's folder. */
  directory: string;
  /** The release's hash. */
  hash: string;
}

/** The header by which a probe asks "do you serve this release?"; its value is the release's hash. */
export const PROBE_HEADER = "X-Private-Registry-Release";

/**
 * Names a release by the hash of what it says; its own place is left out of that. Same data, same release, on every
 * host and in every run. The first file must be `site.conf`, the one that nginx is pointed to.
 */
export function makeRelease(blueprint: Blueprint): Release {
  const files = blueprint.files({ directory: "/release", hash: "release" });
  const identity = [blueprint.site, blueprint.probes, files.map((file) => [file.path, file.readers, file.content])];
  const hash = createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 20);
  const directory = `${RELEASES_ROOT}/${blueprint.site}/releases/${hash}`;
  const { site, probes } = blueprint;
  return { site, hash, probes, files: blueprint.files({ directory, hash }) };
}

/** The list of a release's files with mode, readers and SHA-256 that is kept beside them, as `MANIFEST`. */
export function manifest(release: Release): string {
  const lines = release.files.map((file) => {
    const sum = createHash("sha256").update(file.content).digest("hex");
    return `${sum}  ${MODES[file.readers]} ${file.readers} ${file.path}\n`;
  });
  return lines.sort().join("");
}

/** A word for the shell, whatever it holds. */
export function shellWord(value: string): string {
  return `'${value.replace(/'/g, "'\\''")}'`;
}

/** The last line of what goes to a host; without it the rest arrived cut short, and nothing of it is run. */
export const END_MARK = "# end of the release";

/**
 * Everything that goes to a host through stdin: the release's data, then the program that activates or removes it.
 * @param owner Who writes this site, so that a delete by somebody else leaves it alone: see `activate/main.sh`.
 */
export function activationInput(release: Release, owner: string): string {
  const probes = release.probes.map((probe) => `${probe.scheme} ${probe.port} ${probe.host}`);
  const put = (file: ReleaseFile): string[] => [
    `put ${MODES[file.readers]} ${file.readers} ${shellWord(file.path)} <<'.' || return 1`,
    ...(Buffer.from(file.content)
      .toString("base64")
      .match(/.{1,76}/g) ?? []),
    ".",
  ];
  return [
    `site=${shellWord(release.site)}`,
    `owner=${shellWord(owner)}`,
    `release=${shellWord(release.hash)}`,
    `root=${RELEASES_ROOT}`,
    `probe_header=${PROBE_HEADER}`,
    `probes=(${probes.map(shellWord).join(" ")})`,
    "unpack() {",
    ...release.files.flatMap(put),
    ...put({ path: "MANIFEST", content: manifest(release), readers: "all" }),
    "}",
    program(),
    'main "$@"',
    END_MARK,
  ].join("\n");
}

let text: string | undefined;

/** The program in `activate/`, without its comments, which the hosts don't need. */
export function program(): string {
  const parts = ["main", "host", "stage", "logs", "judge", "way-back", "switch", "afterwards", "check"];
  text ??= parts
    .flatMap((part) => readFileSync(join(__dirname, "../activate", `${part}.sh`), "utf8").split("\n"))
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join("\n");
  return text;
}

/** What is asked of a host; "check" compares, changes nothing, and ends with 3 if there are differences. */
export type Verb = "create" | "update" | "delete" | "check";

/**
 * The command that a host runs; the same for every release, so that it never shows as a change. It reads all of stdin
 * before it runs any of it, needs root or `sudo -n`, and ends by itself: a cancelled `pulumi up` does not stop it.
 */
export function remoteCommand(verb: Verb): string {
  const run =
    `p=$(cat); case "$p" in *"${END_MARK}") eval "$p";; ` +
    `*) echo "private-registry: the release arrived cut short, nothing was changed; run pulumi up again" >&2; exit 75;; esac`;
  return (
    'r() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }; ' +
    `r timeout -k 10 150 bash -c '${run}' private-registry ${verb}`
  );
}
