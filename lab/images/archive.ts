import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import * as tar from "tar";

/** A file of an image: a copy of one on this machine, a text, or a symbolic link. */
export type ImageFile = { from: string } | { text: string; executable?: boolean } | { link: string };

/** What an image is made of. One layer holds all its files. */
export interface ImageSpec {
  /** Its names: "docker.io/library/registry:2". */
  names: readonly string[];
  /** Files by their absolute path in the image. Folders come by themselves. */
  files: Readonly<Record<string, ImageFile>>;
  /** Folders that are empty. */
  folders?: readonly string[];
  entrypoint: readonly string[];
  command?: readonly string[];
  environment?: Readonly<Record<string, string>>;
  ports?: readonly number[];
  volumes?: readonly string[];
  /** Notes for a person who inspects the image. */
  labels?: Readonly<Record<string, string>>;
}

const TYPES = {
  layer: "application/vnd.oci.image.layer.v1.tar",
  config: "application/vnd.oci.image.config.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
};

/**
 * Writes an image as a tar of the OCI image layout (image-spec, image-layout.md), as `ctr images import`, skopeo and
 * crane read it. The same spec and files make the same image.
 * @param workFolder A folder of the call's own; what is in it afterwards can go.
 */
export async function writeArchive(spec: ImageSpec, archive: string, workFolder: string): Promise<void> {
  const layout = path.join(workFolder, "layout");
  const blobs = path.join(layout, "blobs", "sha256");
  fs.mkdirSync(blobs, { recursive: true });
  const put = (mediaType: string, value: unknown): Descriptor => {
    const bytes = Buffer.from(JSON.stringify(value));
    const digest = createHash("sha256").update(bytes).digest("hex");
    fs.writeFileSync(path.join(blobs, digest), bytes);
    return { mediaType, digest: `sha256:${digest}`, size: bytes.length };
  };
  const layer = await putLayer(spec, blobs, workFolder);
  const config = put(TYPES.config, imageConfig(spec, layer.digest));
  const manifest = put(TYPES.manifest, { schemaVersion: 2, mediaType: TYPES.manifest, config, layers: [layer] });
  const manifests = spec.names.map((name) => ({
    ...manifest,
    annotations: { "io.containerd.image.name": name, "org.opencontainers.image.ref.name": name },
  }));
  const index = { schemaVersion: 2, mediaType: TYPES.index, manifests };
  fs.writeFileSync(path.join(layout, "index.json"), JSON.stringify(index));
  fs.writeFileSync(path.join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  await tar.create({ file: archive, cwd: layout, ...REPEATABLE }, ["oci-layout", "index.json", "blobs"]);
}

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

/** Owner root, no times: nothing of the machine gets into an archive. */
const REPEATABLE = { portable: true, mtime: new Date(0) };

async function putLayer(spec: ImageSpec, blobs: string, workFolder: string): Promise<Descriptor> {
  const root = path.join(workFolder, "root");
  fs.mkdirSync(root, { recursive: true });
  for (const folder of spec.folders ?? []) fs.mkdirSync(path.join(root, folder), { recursive: true, mode: 0o755 });
  for (const [name, file] of Object.entries(spec.files)) {
    const target = path.join(root, name);
    fs.mkdirSync(path.dirname(target), { recursive: true, mode: 0o755 });
    if ("link" in file) {
      fs.symlinkSync(file.link, target);
      continue;
    }
    if ("from" in file) fs.copyFileSync(file.from, target, fs.constants.COPYFILE_FICLONE);
    else fs.writeFileSync(target, file.text);
    fs.chmodSync(target, "from" in file || file.executable ? 0o755 : 0o644);
  }
  const layer = path.join(workFolder, "layer.tar");
  await tar.create({ file: layer, cwd: root, ...REPEATABLE }, fs.readdirSync(root).sort());
  const digest = await digestOf(layer);
  const size = fs.statSync(layer).size;
  fs.renameSync(layer, path.join(blobs, digest));
  return { mediaType: TYPES.layer, digest: `sha256:${digest}`, size };
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of fs.createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** The image configuration (image-spec, config.md). */
function imageConfig(spec: ImageSpec, diffId: string): unknown {
  const set = (values: readonly (string | number)[]): Record<string, object> =>
    Object.fromEntries(values.map((value) => [String(value), {}]));
  return {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    created: new Date(0).toISOString(),
    config: {
      Entrypoint: spec.entrypoint,
      Cmd: spec.command ?? [],
      Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...environment(spec)],
      ExposedPorts: set((spec.ports ?? []).map((port) => `${port}/tcp`)),
      Volumes: set(spec.volumes ?? []),
      Labels: spec.labels ?? {},
      WorkingDir: "/",
    },
    rootfs: { type: "layers", diff_ids: [diffId] },
    history: [{ created: new Date(0).toISOString(), created_by: "private-registry lab" }],
  };
}

const environment = (spec: ImageSpec): string[] =>
  Object.entries(spec.environment ?? {}).map(([name, value]) => `${name}=${value}`);
