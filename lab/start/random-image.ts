import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as tar from "tar";
import { run } from "../hosts";

/** What an image is made of. */
export interface ImagePlan {
  /** Path of the program `crane`. */
  readonly crane: string;
  /** A folder for its files, which is made; the image is `image.tar` in it. */
  readonly folder: string;
  /** Repository name that the tar file notes, such as "hello/world"; the tag is 1. */
  readonly name: string;
  readonly layers: number;
  readonly bytesPerLayer: number;
}

/**
 * Makes an image of layers of random bytes, which no registry can have already. Resolves to the path of its tar file.
 */
export async function makeRandomImage({ crane, folder, name, layers, bytesPerLayer }: ImagePlan): Promise<string> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files: string[] = [];
  for (let index = 0; index < layers; index++) {
    writeFileSync(path.join(folder, `data-${index}`), randomBytes(bytesPerLayer));
    const layer = path.join(folder, `layer-${index}.tar.gz`);
    await tar.create({ gzip: { level: 1 }, file: layer, cwd: folder }, [`data-${index}`]);
    files.push(layer);
  }
  const image = path.join(folder, "image.tar");
  const appended = files.flatMap((layer) => ["-f", layer]);
  await run([crane, "append", "--oci-empty-base", ...appended, "-t", `${name}:1`, "-o", image]);
  return image;
}

/**
 * The digest of the manifest in an OCI layout that crane has pulled, byte for byte as it came; "none" if there is none.
 */
export function pulledManifest(layout: string): string {
  const index = JSON.parse(readFileSync(path.join(layout, "index.json"), "utf8")) as {
    manifests: { digest: string }[];
  };
  return index.manifests[0]?.digest ?? "none";
}
