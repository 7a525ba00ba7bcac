import { createHash } from "node:crypto";

/**
 * A gateway's release, as `components/hosts/release.ts` writes it to the host's stdin. That file and this one
 * have to change together: test/unit/policy-release.test.ts reads what the former writes by the latter. The pack is
 * installed without the components, so it can't import them.
 */
export interface ReadRelease {
  /** The text of each file by its path. */
  files: Map<string, string>;
  /** What there is that could not be read; each is a violation by itself. */
  unread: string[];
}

/** The last line of a release. */
export const END_MARK = "# end of the release";

const FILE = /^put \S+ \S+ '([^']+)' <<'\.'.*\n((?:[A-Za-z0-9+/=]+\n)*)\.$/gm;
const PUT = /^[ \t]*put[ \t]/gm;
const ENTRY = /^([0-9a-f]{64}) {2}\S+ \S+ (\S+)$/;

/** Reads a release. Everything that its own list names has to be there, whole: or else it counts as not read. */
export function readRelease(stdin: string): ReadRelease {
  const files = new Map<string, string>();
  for (const [, path = "", encoded = ""] of stdin.matchAll(FILE))
    files.set(path, Buffer.from(encoded, "base64").toString("utf8"));
  const put = (stdin.match(PUT) ?? []).length;
  if (files.size === 0) return { files, unread: ["no file of the release can be read by this policy"] };
  const unread = put > files.size ? [`${put - files.size} of the release's files can't be read by this policy`] : [];
  const list = files.get("MANIFEST");
  if (list !== undefined) unread.push(...notWhole(list, files));
  else if (stdin.includes(END_MARK)) unread.push("the release has no list of its files that this policy can read");
  return { files, unread };
}

function notWhole(list: string, files: ReadonlyMap<string, string>): string[] {
  const lines = list.trimEnd().split("\n");
  return lines.flatMap((line) => {
    const [, sum, path = ""] = ENTRY.exec(line) ?? [];
    if (sum === undefined) return ["the list of the release's files can't be read by this policy"];
    const text = files.get(path);
    const whole = text !== undefined && createHash("sha256").update(text).digest("hex") === sum;
    return whole ? [] : [`${path} is in the release and can't be read by this policy`];
  });
}
