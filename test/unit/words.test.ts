import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");
const tracked = (...names: string[]): string[] =>
  execFileSync("git", ["ls-files", "-z", ...names], { cwd: root, encoding: "utf8" })
    .split("\0")
    .filter((name) => name !== "");
const textOf = (name: string): string => readFileSync(join(root, name), "utf8");

/** configuration.md is made from docstrings, which `npm run lint` reads. */
const documents = tracked("*.md").filter((name) => name !== "docs/configuration.md");
const programs = tracked("*.sh", "*.awk", ".ci/run");

/** A document in its paragraphs and table rows; of the changelog only what is not released yet. */
function paragraphs(name: string): string[] {
  const text = textOf(name);
  const open = name === "CHANGELOG.md" ? (/^## \[Unreleased\]$[^]*?(?=^## |$(?![^]))/m.exec(text)?.[0] ?? "") : text;
  return open.split(/\n\s*\n|\n(?=\s*(?:[-*|]|\d+\.) ?)/);
}

/** A program's comments, those on lines that follow each other as one. */
function comments(text: string): string[] {
  const found = text.split("\n").map((line) => /(?:^|\s)#\s(.*)$/.exec(line)?.[1] ?? "");
  const blocks = found.join("\n").split(/\n{2,}/);
  return blocks.map((block) => block.trim()).filter((block) => block !== "");
}

describe("plain words", () => {
  let overdone: (text: string) => string[];
  const complaints = (name: string, texts: string[]): string[] =>
    texts.flatMap(overdone).map((complaint) => `${name}: ${complaint}`);

  before(async () => {
    const list = join(root, "lint/words.mjs"); // by a path that the compiler does not follow: it has no types
    ({ overdone } = (await import(list)) as { overdone: typeof overdone });
  });

  it("are all that the documents use", () => {
    assert.ok(documents.length >= 15, `${documents.length} documents`);
    assert.deepEqual(
      documents.flatMap((name) => complaints(name, paragraphs(name))),
      [],
    );
  });

  it("are all that the comments of shell and awk programs use", () => {
    assert.ok(programs.length >= 20, `${programs.length} programs`);
    assert.deepEqual(comments('# one\n# two\na\n\nb # three\n"$#" "# four"'), ["one\ntwo", "three"]);
    assert.deepEqual(
      programs.flatMap((name) => complaints(name, comments(textOf(name)))),
      [],
    );
  });

  it("are on lines of at most 120 characters in shell and awk programs", () => {
    const long = programs.flatMap((name) =>
      textOf(name)
        .split("\n")
        .flatMap((line, index) => (line.length > 120 ? [`${name}:${index + 1} has ${line.length}`] : [])),
    );
    assert.deepEqual(long, []);
  });
});
