import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { extract } from "tar";
import { type Manifest, publishedManifest, refusals } from "./npm-package";

const checkout = join(__dirname, "..");

/**
 * `npm run stage -- [--provenance] <folder>`: makes the folder that is published, of what npm itself would pack and the
 * package.json for it. With `--provenance` it ends with 1 if `npm publish --provenance` would refuse it.
 */
function stage(args: readonly string[]): void {
  const [folder] = args.filter((arg) => !arg.startsWith("--"));
  if (folder === undefined) throw new Error("usage: npm run stage -- [--provenance] <folder>");
  const target = resolve(folder);
  if (existsSync(target)) throw new Error(`${target} is there already; name a folder that is not`);
  const made = mkdtempSync(join(tmpdir(), "private-registry-stage-"));
  try {
    const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", made], { cwd: checkout });
    const [{ filename } = { filename: "" }] = JSON.parse(String(packed)) as { filename: string }[];
    extract({ file: join(made, filename), cwd: made, sync: true });
    const file = join(made, "package/package.json");
    const manifest = publishedManifest(JSON.parse(readFileSync(file, "utf8")) as Manifest, process.env);
    const problems = args.includes("--provenance") ? refusals(manifest, process.env) : [];
    if (problems.length > 0) {
      throw new Error(
        `npm publish --provenance would refuse this:\n${problems.map((each) => `  - ${each}`).join("\n")}`,
      );
    }
    writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
    cpSync(join(made, "package"), target, { recursive: true });
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

try {
  stage(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
