import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { Blueprint, type HostKind, MODES, program, Readers, ReleaseFile } from "./release";

/** What people may see of each file of a release, by its path. No secret is in it. */
export type ShownFiles = pulumi.Inputs;

/**
 * The files of a release as a preview shows them: it names those that change, and with `--diff` their lines. The
 * release itself goes to the hosts as one secret, of which a preview could say nothing.
 *
 * It stands for nothing outside: an update of it does nothing. It is written after the hosts have the release, so that
 * a failed `up` shows the same difference again.
 */
export class ReleaseFiles extends pulumi.ComponentResource {
  constructor(name: string, files: ShownFiles, opts: pulumi.ComponentResourceOptions) {
    super("private-registry:index:ReleaseFiles", name, files, opts);
    this.registerOutputs({});
  }
}

/** The program that activates a release goes to the hosts too, and its change is an update without a changed file. */
function programSum(kind: HostKind): string {
  return `SHA-256 of the program that the hosts run: ${createHash("sha256").update(program(kind)).digest("hex")}`;
}

const READERS: Record<Readers, string> = { all: "everybody", nginx: "root and nginx's workers", root: "root" };

/** A file for people: its mode, and what they may see of it. */
export function shownFile({ readers }: Pick<ReleaseFile, "readers">, text: string): string {
  return `mode ${MODES[readers]}, for ${READERS[readers]}\n\n${text}`;
}

/** The files of a release that holds no secret, by path; its own hash, which changes with any of them, is left out. */
export function shownFiles(blueprint: Blueprint): Record<string, string> {
  return Object.fromEntries(filesOf(blueprint).map((file) => [file.path, shownFile(file, file.content)]));
}

/**
 * The files of a release that may not be known yet, each as a property of its own, so that a preview says which of them
 * change.
 * @param sample A release with the same files that is known now.
 * @param instead What is shown of a file instead of its content.
 */
export function byFile(
  sample: Blueprint,
  release: pulumi.Output<Blueprint>,
  instead: Record<string, pulumi.Output<string>> = {},
): ShownFiles {
  const texts = release.apply(shownFiles);
  const known = filesOf(sample);
  const each = known.map((file) => {
    const other = instead[file.path];
    const text = other
      ? other.apply((shown) => shownFile(file, shown))
      : texts.apply((all) => all[file.path] as string);
    return [file.path, text] as const;
  });
  const others = texts.apply((all) => {
    const rest = Object.entries(all).filter(([path]) => !known.some((file) => file.path === path));
    return rest.length === 0 ? undefined : Object.fromEntries(rest);
  });
  return { ...Object.fromEntries(each), others, activation: programSum(sample.kind) };
}

function filesOf(blueprint: Blueprint): ReleaseFile[] {
  const hash = "<release>";
  const directory = `${blueprint.kind.root}/${blueprint.site}/releases/${hash}`;
  return blueprint.files({ directory, hash, listen: [] });
}
