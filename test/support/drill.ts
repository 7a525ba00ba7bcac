import * as fs from "node:fs";
import * as path from "node:path";
import type { ResultPromise } from "execa";
import { BackupScripts, images } from "./backup-scripts";
import { pushImage, pushIndex } from "../../rig/registry/images";
import { type RegistryProcess, type RegistryVersion, version2 } from "../../rig/registry/process";

/** A registry with images, and a snapshot of them. */
export interface Filled {
  registry: RegistryProcess;
  backups: string;
  /** Name of the snapshot, and where it is. */
  name: string;
  snapshot: string;
  /** Digests of the images of two platforms, of the index that has both, and of an image by itself. */
  platforms: string[];
  index: string;
  single: string;
}

/** Four tags of three images that share a layer, one of them for two platforms, and a snapshot of them. */
export async function filled(scripts: BackupScripts, version: RegistryVersion = version2): Promise<Filled> {
  const registry = await scripts.start(version);
  const base = { base: ["base"] };
  const platforms = [
    await pushImage(registry, "team/app", "amd64", { ...base, created: "2026-11-01T10:00:00.123456789Z" }),
    await pushImage(registry, "team/app", "arm64", { ...base, created: "2026-11-02T12:00:00+02:00" }),
  ];
  const index = await pushIndex(registry, "team/app", platforms, ["all", "latest"]);
  const wrongClock = { created: "2999-01-01T00:00:00Z" };
  const single = await pushImage(registry, "single", "single", { ...base, ...wrongClock, tags: ["1", "2"] });
  const backups = scripts.empty();
  const name = await scripts.good(images(registry), backups);
  return { registry, backups, name, snapshot: path.join(backups, name), platforms, index, single };
}

/** Where a snapshot has a blob, as a drill says it. */
export const place = (snapshot: string, digest: string): string =>
  `${snapshot}/docker/registry/v2/blobs/sha256/${digest.slice(7, 9)}/${digest.slice(7)}/data`;

/** Every file of a folder, its size, when it was changed, and how many names it has. */
export function everything(folder: string): string[] {
  const names = fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return names.map((name) => {
    const { size, mtimeMs, nlink } = fs.statSync(path.join(folder, name));
    return `${name} ${size} ${mtimeMs} ${nlink}`;
  });
}

/** A drill that takes its time to copy a blob, still running. */
export function slowDrill(scripts: BackupScripts, backups: string, scratch: string, seconds = 0.5): ResultPromise {
  const tools = scripts.empty();
  fs.writeFileSync(path.join(tools, "cp"), `#!/bin/sh\nsleep ${seconds}\nexec busybox cp "$@"\n`, { mode: 0o755 });
  fs.symlinkSync("/bin/dash", path.join(tools, "sh")); // BusyBox's takes its own cp
  const PATH = `${tools}:${scripts.bin}`;
  return scripts.begin("drill.sh", { BACKUPS: backups, SCRATCH: scratch, SPARE: "0", PATH });
}
