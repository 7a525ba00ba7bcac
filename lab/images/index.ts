import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { cacheFolder, type Say } from "../programs";
import { type ImageSpec, writeArchive } from "./archive";
import { type ImagePrograms, imageSpecs } from "./catalogue";

export { type ImagePrograms, PAUSE_IMAGE, verifierSpecs } from "./catalogue";
export { type ImageFile, type ImageSpec, writeArchive } from "./archive";

/** One image archive (a tar of the OCI image layout), in the user's cache. */
export interface ImageArchive {
  readonly names: readonly string[];
  readonly file: string;
}

/** Makes those of the lab's image archives that are not in the cache yet, and says where all of them are. */
export function ensureImages(programs: ImagePrograms, say: Say): Promise<ImageArchive[]> {
  return ensureArchives(imageSpecs(programs), say);
}

/** The same for any images. */
export async function ensureArchives(specs: readonly ImageSpec[], say: Say): Promise<ImageArchive[]> {
  const folder = path.join(cacheFolder(), "images");
  fs.mkdirSync(folder, { recursive: true });
  const archives: ImageArchive[] = [];
  for (const spec of specs) {
    const file = path.join(folder, `${archiveName(spec)}.tar`);
    archives.push({ names: spec.names, file });
    if (fs.existsSync(file)) continue;
    say(`making image ${spec.names[0]}`);
    const work = fs.mkdtempSync(path.join(folder, ".making-"));
    try {
      await writeArchive(spec, path.join(work, "archive.tar"), work);
      fs.renameSync(path.join(work, "archive.tar"), file);
    } finally {
      fs.rmSync(work, { recursive: true, force: true });
    }
  }
  return archives;
}

/** A name that changes with everything that the image is made of. */
function archiveName(spec: ImageSpec): string {
  const hash = createHash("sha256").update(JSON.stringify([FORMAT, spec]));
  for (const file of Object.values(spec.files)) {
    if (!("from" in file)) continue;
    const { size, mtimeMs } = fs.statSync(file.from);
    hash.update(`\0${file.from} ${size} ${mtimeMs}`);
  }
  const name = (spec.names[0] ?? "").split("/").at(-1) ?? "";
  return `${name.replace(":", "-")}-${hash.digest("hex").slice(0, 16)}`;
}

/** Raised when `writeArchive` makes something else from the same spec. */
const FORMAT = 2;
