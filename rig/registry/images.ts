import assert from "node:assert/strict";
import { digestOf, type RegistryProcess } from "./process";

export const TYPES = {
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
};

/** What a pushed image is made of. */
export interface Made {
  /** Tags; without one it is known only by its digest. */
  tags?: string[];
  /** More layers, by their content; the same content is the same layer. */
  base?: string[];
  /** The config's time; none by default. */
  created?: string;
  /** The manifest that it is about. */
  subject?: string;
  annotations?: Record<string, string>;
}

/** Pushes an image of a layer with this content, and those of its base, and says its digest. */
export async function pushImage(
  registry: RegistryProcess,
  repository: string,
  content: string,
  { tags = [], base = [], created, subject, annotations }: Made = {},
): Promise<string> {
  const rootfs = { type: "layers", diff_ids: [] };
  const config = Buffer.from(JSON.stringify({ architecture: content, os: "linux", created, rootfs }));
  const layers = [...base, content].map(layerOf);
  const described = (mediaType: string, body: Buffer) => ({ mediaType, digest: digestOf(body), size: body.length });
  for (const blob of [config, ...layers]) await registry.blob(repository, blob);
  const about = subject === undefined ? {} : { subject: { mediaType: TYPES.manifest, digest: subject, size: 2 } };
  const manifest = {
    schemaVersion: 2,
    mediaType: TYPES.manifest,
    config: described(TYPES.config, config),
    layers: layers.map((layer) => described(TYPES.layer, layer)),
    ...about,
    annotations,
  };
  return pushTagged(registry, repository, manifest, tags);
}

/** The bytes of a layer. */
export function layerOf(content: string): Buffer {
  return Buffer.from(content.repeat(1000));
}

/** Pushes an index of images that are there, and says its digest. */
export async function pushIndex(
  registry: RegistryProcess,
  repository: string,
  children: readonly string[],
  tags: string[] = [],
): Promise<string> {
  const manifests = await Promise.all(
    children.map(async (digest) => {
      const { body, headers } = await registry.ask("GET", `/v2/${repository}/manifests/${digest}`);
      const platform = { architecture: digest.slice(7, 12), os: "linux" };
      return { mediaType: String(headers["content-type"]), digest, size: body.length, platform };
    }),
  );
  const manifest = { mediaType: TYPES.index, schemaVersion: 2, manifests };
  return pushTagged(registry, repository, manifest, tags);
}

async function pushTagged(
  registry: RegistryProcess,
  repository: string,
  manifest: { mediaType: string },
  tags: string[],
): Promise<string> {
  for (const tag of tags) await registry.manifest(repository, manifest, tag);
  return tags.length > 0 ? digestOf(Buffer.from(JSON.stringify(manifest))) : registry.manifest(repository, manifest);
}

/** Pulls an image by tag or digest, with all that it is made of, and says its digest. */
export async function pullImage(registry: RegistryProcess, repository: string, reference: string): Promise<string> {
  const { status, body } = await registry.ask("GET", `/v2/${repository}/manifests/${reference}`);
  assert.equal(status, 200, `${repository} ${reference}`);
  const digest = digestOf(body);
  if (reference.startsWith("sha256:")) assert.equal(digest, reference);
  const manifest = JSON.parse(body.toString()) as {
    manifests?: { digest: string }[];
    layers?: { digest: string }[];
    config?: { digest: string };
  };
  for (const child of manifest.manifests ?? []) await pullImage(registry, repository, child.digest);
  for (const blob of [...(manifest.layers ?? []), ...(manifest.config ? [manifest.config] : [])]) {
    const answer = await registry.ask("GET", `/v2/${repository}/blobs/${blob.digest}`);
    assert.equal(answer.status, 200, `${repository} ${blob.digest}`);
    assert.equal(digestOf(answer.body), blob.digest);
  }
  return digest;
}

/** The tags of a repository, sorted. */
export async function tagsOf(registry: RegistryProcess, repository: string): Promise<string[]> {
  const { status, body } = await registry.ask("GET", `/v2/${repository}/tags/list`);
  if (status === 404) return [];
  return ((JSON.parse(body.toString()) as { tags: string[] | null }).tags ?? []).sort();
}
