import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";

const checkout = path.join(__dirname, "../..");

/** The package as `npm publish` would send it. */
export interface Packed {
  /** The tarball. */
  file: string;
  /** Paths of all files in it, sorted. */
  contents: string[];
  /** Its size in bytes. */
  size: number;
}

/** Packs the folder that is published into a folder. */
export async function pack(folder: string): Promise<Packed> {
  const staged = path.join(folder, "staged");
  await execa("npm", ["run", "--silent", "stage", "--", staged], { cwd: checkout });
  const args = ["pack", "--json", "--pack-destination", folder];
  const { stdout } = await execa("npm", args, { cwd: staged });
  const [packed] = JSON.parse(stdout) as { filename: string; size: number; files: { path: string }[] }[];
  if (!packed) throw new Error(`npm pack said nothing of what it packed: ${stdout}`);
  const contents = packed.files.map((each) => each.path).sort();
  return { file: path.join(folder, packed.filename), contents, size: packed.size };
}

/**
 * Installs the example that uses the package by its name into an empty folder, as its own project. The package comes
 * from the tarball, and what both need in the versions that the checkout has, which lie in npm's cache.
 */
export async function installExample(packed: Packed, folder: string): Promise<void> {
  fs.cpSync(path.join(checkout, "examples/npm"), folder, { recursive: true });
  await installPackage(packed.file, folder);
}

/**
 * Installs what a project's package.json names, and this package from a tarball, which may be a different version from
 * the one that was there before.
 */
export async function installPackage(tarball: string, folder: string): Promise<void> {
  const file = path.join(folder, "package.json");
  const project = JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, Record<string, string>>;
  const versions = (names: string[]): [string, string][] => names.map((name) => [name, installed(name)]);
  const others = Object.keys(project["dependencies"] ?? {}).filter((name) => name !== "private-registry");
  project["dependencies"] = { ...Object.fromEntries(versions(others)), "private-registry": tarball };
  project["devDependencies"] = Object.fromEntries(versions(Object.keys(project["devDependencies"] ?? {})));
  fs.writeFileSync(file, JSON.stringify(project));
  const quick = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  await execa("npm", ["install", ...quick], { cwd: folder });
}

function installed(name: string): string {
  const file = path.join(checkout, "node_modules", name, "package.json");
  return (JSON.parse(fs.readFileSync(file, "utf8")) as { version: string }).version;
}
