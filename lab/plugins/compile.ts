import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";

const SOURCES = __dirname;
const PROGRAMS = ["command", "tls"] as const;

/** The plugins as plain JavaScript. */
interface Compiled {
  /** A plugin's program is `<folder>/<command|tls>/main.js`. It lies below node_modules, where its imports resolve. */
  folder: string;
  /** True if it is there. */
  whole: boolean;
  sources: { file: string; text: string }[];
}

/** Where the present sources are compiled to. Changes nothing. */
export async function findCompiled(): Promise<Compiled> {
  const files = (await readdir(SOURCES, { recursive: true })).filter((file) => /[/\\].*\.ts$/.test(file)).sort();
  const sources = await Promise.all(
    files.map(async (file) => ({ file, text: await readFile(path.join(SOURCES, file), "utf8") })),
  );
  const key = createHash("sha256").update(JSON.stringify(sources)).digest("hex").slice(0, 16);
  const folder = path.join(SOURCES, "../../node_modules/.cache/private-registry/plugins", key);
  return { folder, whole: await isWhole(folder), sources };
}

/**
 * Compiles the plugins once for each state of their sources, so that they start in a third of the time that ts-node
 * needs.
 * @returns The folder.
 */
export async function compilePlugins(): Promise<string> {
  const { folder, whole, sources } = await findCompiled();
  if (whole) return folder;
  const draft = `${folder}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  const transpile = await transpiler();
  for (const { file, text } of sources) {
    const target = path.join(draft, file.replace(/\.ts$/, ".js"));
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, transpile(file, text));
  }
  await rename(draft, folder).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true });
    // Another process may have been first.
    if (!(await isWhole(folder))) throw error;
  });
  return folder;
}

/** The compiler takes half a second to load: most calls find everything compiled and do without. */
async function transpiler(): Promise<(fileName: string, text: string) => string> {
  const { default: ts } = await import("typescript");
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, esModuleInterop: true };
  return (fileName, text) => ts.transpileModule(text, { fileName, compilerOptions }).outputText;
}

/** A folder gets its name once it is whole: having the programs means having everything. */
async function isWhole(folder: string): Promise<boolean> {
  const found = await Promise.all(
    PROGRAMS.map((program) => readFile(path.join(folder, program, "main.js")).then(Boolean, () => false)),
  );
  return found.every(Boolean);
}
