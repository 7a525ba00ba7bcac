import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";

const root = join(__dirname, "../..");
const files = execFileSync("git", ["ls-files", "-z", "*.ts"], { cwd: root, encoding: "utf8" })
  .split("\0")
  .filter((file) => file !== "" && !file.startsWith("examples/") && existsSync(join(root, file)))
  .map((file) => join(root, file));

/** The files that a file names: by imports of values and types, by `require`, and by `createRequire(...)("...")`. */
function named(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const hidden = [...text.matchAll(/createRequire\([^)]*\)\("([^"]+)"\)/g)].map(([, name = ""]) => name);
  const names = [...ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName), ...hidden];
  return names
    .filter((name) => name.startsWith("."))
    .flatMap((name) => [".ts", "/index.ts"].map((end) => resolve(dirname(file), name) + end))
    .filter((each) => files.includes(each));
}

/** The first circle that there is, as a list of files. */
function circle(): string[] | undefined {
  const imports = new Map(files.map((file) => [file, named(file)]));
  const done = new Set<string>();
  const follow = (file: string, way: string[]): string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of imports.get(file) ?? []) {
      const found = follow(next, [...way, file]);
      if (found) return found;
    }
    done.add(file);
    return undefined;
  };
  return files.map((file) => follow(file, [])).find((found) => found !== undefined);
}

describe("the layout", () => {
  it("has no circle of files, types included", () => {
    assert.ok(files.length > 300, `${files.length} files`);
    assert.ok(named(join(root, "cli/render/program.ts")).includes(join(root, "index.ts")), "the hidden way is seen");
    assert.deepEqual(circle(), undefined);
  });
});
