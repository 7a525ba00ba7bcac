import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

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

/** A kind of host: where its releases are, and the program that makes one live there. */
export interface HostKind {
  /** The folder of the releases of all sites on a host. */
  root: string;
  /** Absolute path of the folder with the kind's own half of the program. */
  folder: string;
  /** The files of that half without ".sh", in the order in which they are sent. */
  parts: readonly string[];
  /** Variables of the shell that the kind's half needs, with the values that hold where a release has no other. */
  words: Readonly<Record<string, string>>;
}

/** One whole set of files for one site, named by its hash. */
export interface Release {
  kind: HostKind;
  /** The site's name on the host: lower-case letters, digits and `-`. */
  site: string;
  /** 20 hex digits over paths, modes and contents. */
  hash: string;
  files: ReleaseFile[];
  probes: Probe[];
  /** IP addresses of the host on which it is served; none is all of them. */
  listen: readonly string[];
  /** Variables of the shell that have other values than the kind's. */
  words: Readonly<Record<string, string>>;
}

/** What a release is made from: its text may name its own folder and hash, which are known only when all else is. */
export interface Blueprint {
  kind: HostKind;
  site: string;
  probes: Probe[];
  /** Variables of the shell that have other values than the kind's. They are no part of the hash. Default none. */
  words?: Readonly<Record<string, string>>;
  files: (place: Place) => ReleaseFile[];
}

/** Where a release will be on the host. */
export interface Place {
  /** Absolute path of the release's folder. */
  directory: string;
  /** The release's hash. */
  hash: string;
  /** IP addresses of the host on which it is served; none is all of them. */
  listen: readonly string[];
}

/**
 * Names a release by the hash of what it says; its own place is left out of that. Same data, same release, on every
 * host and in every run.
 * @param listen IP addresses on which one host serves it; none is all of them.
 */
export function makeRelease(blueprint: Blueprint, listen: readonly string[] = []): Release {
  const files = blueprint.files({ directory: "/release", hash: "release", listen });
  const identity = [blueprint.site, blueprint.probes, files.map((file) => [file.path, file.readers, file.content])];
  const hash = createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 20);
  const { kind, site, probes, words = {} } = blueprint;
  const directory = `${kind.root}/${site}/releases/${hash}`;
  return { kind, site, hash, probes, listen, words, files: blueprint.files({ directory, hash, listen }) };
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
    `root=${release.kind.root}`,
    `probes=(${probes.map(shellWord).join(" ")})`,
    `listen=(${release.listen.map(shellWord).join(" ")})`,
    ...Object.entries({ ...release.kind.words, ...release.words }).map(
      ([word, value]) => `${word}=${shellWord(value)}`,
    ),
    "unpack() {",
    ...release.files.flatMap(put),
    ...put({ path: "MANIFEST", content: manifest(release), readers: "all" }),
    "}",
    program(release.kind),
    'main "$@"',
    END_MARK,
  ].join("\n");
}

/** The half of the program that every kind of host has. */
const COMMON = ["main", "failures", "stage", "way-back", "afterwards", "check"];

const texts = new Map<string, string>();

/** The program for a kind of host, without its comments, which the hosts don't need. */
export function program({ folder, parts }: HostKind): string {
  const files = [
    ...COMMON.map((part) => join(__dirname, "activate", `${part}.sh`)),
    ...parts.map((part) => join(folder, `${part}.sh`)),
  ];
  const known = texts.get(folder);
  if (known !== undefined) return known;
  const lines = files.flatMap((file) => readFileSync(file, "utf8").split("\n"));
  const text = lines.filter((line) => !/^\s*(#|$)/.test(line)).join("\n");
  texts.set(folder, text);
  return text;
}

/**
 * What is asked of a host. "check" compares, changes nothing, and ends with 3 if there are differences; "revoke" takes
 * `revocationInput`.
 */
export type Verb = "create" | "update" | "delete" | "check" | "revoke";

/**
 * The command that a host runs; the same for every release, so that it never shows as a change. It reads all of stdin
 * before it runs any of it, needs root or `sudo -n`, and ends by itself: a cancelled `pulumi up` does not stop it.
 *
 * The login shell of the SSH user may be any: all of it is one word in single quotes, without a quote and a `!` in it,
 * which every shell hands on as it is.
 */
export function remoteCommand(verb: Verb): string {
  const cut = "private-registry: the release arrived cut short, nothing was changed; run pulumi up again";
  const program =
    `p=\\$(cat); case \\"\\$p\\" in *\\"${END_MARK}\\") eval \\"\\$p\\";; ` +
    `*) echo \\"${cut}\\" >&2; exit 75;; esac`;
  return (
    `sh -c 'as=; [ "$(id -u)" = 0 ] || as="sudo -n"; ` +
    `exec $as timeout -k 10 150 bash -c "${program}" private-registry ${verb} "$SSH_CONNECTION"'`
  );
}

/**
 * What a run says when it has ended well, as its last line.
 * @param release The release's hash; empty for a run that has none.
 * @returns When that was, by the host's clock, in ms since 1970; undefined if the run has not said it.
 */
export function doneAt(stdout: string, verbs: readonly Verb[], site: string, release: string): number | undefined {
  const last = stdout.trimEnd().split("\n").at(-1) ?? "";
  const [, verb, where, which, seconds] = /^private-registry: done (\S+) (\S+) (\S*) (\d+)$/.exec(last) ?? [];
  const fits = verbs.some((each) => each === verb) && where === site && which === release;
  return fits ? Number(seconds) * 1000 : undefined;
}

/** The last line of a run that has ended well, for what was sent to it: where nothing runs, as in a rendering. */
export function doneLine(input: string, verb: Verb, at = 0): string {
  const [site = "", release = ""] = ["site", "release"].map((name) => wordIn(input, name));
  return `private-registry: done ${verb} ${site} ${release} ${Math.floor(at / 1000)}\n`;
}

/** A word of the data that goes to a host: `site`, `owner`, `release`. */
export function wordIn(input: string, name: string): string {
  return new RegExp(`^${name}='([^']*)'$`, "m").exec(input)?.[1] ?? "";
}

/** A file of the release, out of what goes to a host; undefined if it has none of that path. */
export function fileIn(input: string, path: string): string | undefined {
  const [, text] = new RegExp(`^put \\d+ \\w+ '${path}' <<.*\\n([^.]*)\\n\\.$`, "m").exec(input) ?? [];
  return text === undefined ? undefined : Buffer.from(text, "base64").toString();
}

/** What a run warns of, without stopping for it. */
export function warningsIn(stdout: string): string[] {
  const mark = "private-registry: warning: ";
  return stdout.split("\n").flatMap((line) => (line.startsWith(mark) ? [line.slice(mark.length)] : []));
}
