import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Command } from "commander";
import { parse, stringify } from "yaml";
import { readConfig } from "../config";
import { openProblem } from "../config/in-the-open";
import { pathOf, read, secretsIn } from "../config/read";
import { STACK } from "../config/stack";
import { readText } from "./read-text";
import { type FileConfig, withoutSecrets } from "./render/placeholders";
import { type Made, runProgram } from "./render/program";

/**
 * What a stack makes of its config, as texts by path: `nginx/<site>/<file>` as on the gateways, `nodes/<site>/<file>`
 * as on the nodes, and `kubernetes/<kind>.<name>.yaml`. Needs no secret, no state, no plugin and no network: everything
 * secret is something else in it, keys and certificates are placeholders. The same config gives the same texts, so that
 * two of them can be compared.
 * @param file The stack's config file, `Pulumi.<stack>.yaml`; `Pulumi.yaml` lies beside `index.ts`.
 * @throws The program's error with every setting that is not right.
 */
export async function rendered(file: string): Promise<Map<string, string>> {
  const { name: project } = parse(readFileSync(join(__dirname, "../Pulumi.yaml"), "utf8")) as { name: string };
  const stack = /^Pulumi\.(.+)\.yaml$/.exec(basename(file))?.[1] ?? "rendered";
  const config = configIn(file, project);
  const texts = Object.entries(withoutSecrets(config)).map(([key, value]) => [key, asText(value)] as const);
  const raw = Object.fromEntries(texts.flatMap(([key, text]) => (text === undefined ? [] : [[key, text] as const])));
  // What is a text here is not encrypted; the rest are tables with "secure" in them.
  const open = secretsIn(STACK, read(STACK, config)).map((secret) => openProblem(pathOf(secret)));
  readConfig(raw, basename(file), () => open);
  const made = await runProgram(project, stack, raw);
  return new Map(made.flatMap(textsOf).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The project's own keys in a stack's file, which may be written with the project's name or without any. */
function configIn(file: string, project: string): FileConfig {
  const found = contentOf(file);
  const config: unknown = typeof found === "object" && found !== null ? (found as FileConfig)["config"] : undefined;
  if (typeof config !== "object" || config === null) {
    throw new Error(
      `${file} has no settings: it has to be a stack's config file, Pulumi.<stack>.yaml, with \`config:\` in it`,
    );
  }
  const own = Object.entries(config).filter(([key]) => !key.includes(":") || key.startsWith(`${project}:`));
  return Object.fromEntries(own.map(([key, value]: [string, unknown]) => [key.replace(`${project}:`, ""), value]));
}

function contentOf(file: string): unknown {
  const text = readText(file);
  try {
    return parse(text);
  } catch (error) {
    const [first = ""] = (error as Error).message.split("\n");
    throw new Error(`${file} is no YAML: ${first.replace(/:$/, "")}`, { cause: error });
  }
}

/** A value as the engine hands it to the program. */
function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function textsOf(resource: Made): [path: string, text: string][] {
  if (resource.type === "private-registry:index:ReleaseFiles") return siteOf(resource);
  return resource.type.startsWith("kubernetes:") ? [manifestOf(resource)] : [];
}

/** The files of a site, and their modes in a file of its own. */
function siteOf({ name, inputs }: Made): [string, string][] {
  const folder = join("site.conf" in inputs ? "nginx" : "nodes", name.replace(/-files$/, ""));
  const files = Object.entries(inputs).flatMap(([path, shown]) => {
    const [, mode = "", text = ""] = /^mode (.*)\n\n([^]*)$/.exec(String(shown)) ?? [];
    return mode === "" ? [] : [{ path, mode, text }];
  });
  const modes = files.map(({ path, mode }) => `${path}: ${mode}\n`).sort();
  return [
    ...files.map(({ path, text }): [string, string] => [join(folder, path), text]),
    [join(folder, "MODES"), modes.join("")],
  ];
}

function manifestOf({ type, name, inputs }: Made): [string, string] {
  const kind = type.split(":").at(-1) ?? type;
  const hidden = ["data", "stringData"].filter((key) => kind === "Secret" && inputs[key] !== undefined);
  const masked = hidden.map((key) => [key, masks(inputs[key])] as const);
  const text = stringify({ ...inputs, ...Object.fromEntries(masked) }, { sortMapEntries: true, lineWidth: 0 });
  return [join("kubernetes", `${kind.toLowerCase()}.${name}.yaml`), text];
}

function masks(data: unknown): Record<string, string> {
  return Object.fromEntries(Object.keys(data as object).map((key) => [key, "[secret]"]));
}

/** `private-registry render`: writes what a stack makes of its config to a folder. */
export function addRender(cli: Command): void {
  cli
    .command("render")
    .description(
      "write the files of gateways and nodes and the manifests of a config file, without secrets, to compare them",
    )
    .requiredOption("-c, --config <file>", "the stack's config file")
    .requiredOption("-o, --out <folder>", "where to; its folders nginx, nodes and kubernetes are emptied first")
    .action(async ({ config, out }: { config: string; out: string }) => {
      const texts = await rendered(config);
      for (const folder of ["nginx", "nodes", "kubernetes"])
        rmSync(join(out, folder), { recursive: true, force: true });
      for (const [path, text] of texts) {
        mkdirSync(dirname(join(out, path)), { recursive: true });
        writeFileSync(join(out, path), text);
      }
      console.log(`${texts.size} files in ${out}`);
    });
}
