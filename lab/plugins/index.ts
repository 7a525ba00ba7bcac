import { access, chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { Say } from "../step";
import { compilePlugins, findCompiled } from "./compile";

/** A Pulumi plugin that the stack needs and that is no npm package. */
interface PluginNeed {
  name: "command" | "tls";
  version: string;
}

/** Which real plugins the lab wants; the stand-ins follow these versions. */
export const neededPlugins: readonly PluginNeed[] = [
  { name: "command", version: "1.2.1" },
  { name: "tls", version: "5.6.1" },
];

/** How long the real plugins may take to arrive before the stand-ins take their place. */
const DOWNLOAD_SECONDS = 30;

/**
 * Puts the stand-ins for the plugins `command` and `tls` on a PATH folder, as `pulumi-resource-command` and
 * `pulumi-resource-tls`. Pulumi prefers what it finds on PATH to what it has installed. Safe to call again.
 */
export async function installPlugins(binFolder: string): Promise<void> {
  const folder = await compilePlugins();
  await mkdir(binFolder, { recursive: true });
  for (const { name } of neededPlugins) {
    const launcher = launcherPath(binFolder, name);
    await writeFile(`${launcher}.new`, launcherText(path.join(folder, name, "main.js")));
    await chmod(`${launcher}.new`, 0o755);
    await rename(`${launcher}.new`, launcher);
  }
}

/** Removes the stand-ins from a PATH folder, so that the real plugins are used. */
export async function removePlugins(binFolder: string): Promise<void> {
  for (const { name } of neededPlugins) await rm(launcherPath(binFolder, name), { force: true });
}

/** True if the stand-ins are on the PATH folder and start this very checkout's code. Changes nothing. */
export async function pluginsInstalled(binFolder: string): Promise<boolean> {
  const { folder, whole } = await findCompiled();
  const right = neededPlugins.map(async ({ name }) => {
    const text = await readFile(launcherPath(binFolder, name), "utf8").catch(() => "");
    return text === launcherText(path.join(folder, name, "main.js"));
  });
  return whole && (await Promise.all(right)).every(Boolean);
}

/** True if Pulumi has the real plugins in its home. */
export async function realPluginsInstalled(pulumiHome: string): Promise<boolean> {
  const found = neededPlugins.map(({ name, version }) => {
    const folder = path.join(pulumiHome, "plugins", `resource-${name}-v${version}`);
    return access(path.join(folder, `pulumi-resource-${name}`)).then(
      () => true,
      () => false,
    );
  });
  return (await Promise.all(found)).every(Boolean);
}

/** How to call the Pulumi CLI. */
export interface PulumiCli {
  /** Path of the program. */
  program: string;
  /** Its environment; PULUMI_HOME says where plugins go. */
  env: Record<string, string>;
}

/**
 * Tries to get the real plugins, within half a minute.
 * @returns True if Pulumi has them all now; else the stand-ins are needed, and what is missing was said.
 */
export async function realPluginsAvailable(pulumi: PulumiCli, say: Say): Promise<boolean> {
  say("trying to download the real plugins");
  const results = await Promise.all(
    neededPlugins.map(({ name, version }) =>
      execa(pulumi.program, ["plugin", "install", "resource", name, version], {
        env: pulumi.env,
        reject: false,
        stdin: "ignore",
        timeout: DOWNLOAD_SECONDS * 1000,
        killSignal: "SIGKILL",
      }),
    ),
  );
  const missing = neededPlugins.filter((_need, index) => results[index]?.failed !== false);
  if (missing.length === 0) return true;
  const names = missing.map(({ name, version }) => `${name} ${version}`).join(", ");
  say(`the real plugins can't be downloaded (${names}): using the lab's stand-ins`);
  return false;
}

/** The real plugins if they can be had, else the stand-ins on `binFolder`. Says which. */
export async function ensurePlugins(pulumi: PulumiCli, binFolder: string, say: Say): Promise<"real" | "stand-ins"> {
  if (await realPluginsAvailable(pulumi, say)) {
    await removePlugins(binFolder);
    say("using the real plugins");
    return "real";
  }
  await installPlugins(binFolder);
  return "stand-ins";
}

function launcherPath(binFolder: string, name: string): string {
  return path.join(binFolder, `pulumi-resource-${name}`);
}

/** A shell replaces itself by node at once: that costs a millisecond, and any node on PATH may be another one. */
function launcherText(program: string): string {
  return `#!/bin/sh\n# The lab's stand-in for the Pulumi plugin of this name.\nexec "${process.execPath}" "${program}" "$@"\n`;
}
