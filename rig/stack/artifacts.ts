import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { type Client, folderFor } from "./clients";
import { ask } from "./https";
import { credentials, reference } from "./images";
import { labVariable, succeeded } from "./lab";

const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** The media type of an attestation. */
export const IN_TOTO = "application/vnd.in-toto+json";

/** What the tests read in a manifest or an index. */
export interface Manifest {
  layers?: Descriptor[];
  manifests?: Descriptor[];
}

/** What a manifest or an index says of a part. */
export interface Descriptor {
  mediaType: string;
  digest: string;
  artifactType?: string;
  platform?: { os: string; architecture: string };
}

/** A manifest or an index as the gateway serves it. */
export async function manifest(repository: string, tag: string): Promise<Manifest> {
  const target = `/v2/${repository}/manifests/${tag}`;
  const headers = { accept: `${MANIFEST}, ${INDEX}` };
  const answer = await ask(labVariable("LAB_REGISTRY_HOST"), target, { auth: credentials("pull").auth, headers });
  assert.equal(answer.status, 200, target);
  return JSON.parse(answer.body) as Manifest;
}

/**
 * Adds to an index what BuildKit adds: a manifest for no platform, with an attestation of the first one. The new index
 * has the tag "attested"; returns its text.
 */
export async function attest(oras: Client, repository: string, index: Manifest): Promise<string> {
  const folder = folderFor("attestation");
  fs.writeFileSync(path.join(folder, "statement.json"), JSON.stringify({ _type: "https://in-toto.io/Statement/v1" }));
  const target = reference(repository, "statement");
  succeeded(await oras.in(folder).run("push", ...oras.trust, target, `statement.json:${IN_TOTO}`));
  const body = succeeded(await oras.run("manifest", "fetch", ...oras.trust, target)).stdout;
  const attestation = {
    mediaType: MANIFEST,
    digest: `sha256:${createHash("sha256").update(body).digest("hex")}`,
    size: Buffer.byteLength(body),
    platform: { os: "unknown", architecture: "unknown" },
    annotations: {
      "vnd.docker.reference.type": "attestation-manifest",
      "vnd.docker.reference.digest": index.manifests?.[0]?.digest,
    },
  };
  const text = JSON.stringify({ ...index, manifests: [...(index.manifests ?? []), attestation] });
  fs.writeFileSync(path.join(folder, "index.json"), text);
  const args = ["--media-type", INDEX, reference(repository, "attested"), "index.json"];
  succeeded(await oras.in(folder).run("manifest", "push", ...oras.trust, ...args));
  return text;
}

/** A folder with a Dockerfile that needs no other image, and a file that no registry has. */
export function context(name: string): string {
  const folder = folderFor(name);
  fs.writeFileSync(path.join(folder, "Dockerfile"), "FROM scratch\nCOPY greeting /greeting\n");
  fs.writeFileSync(path.join(folder, "greeting"), `${name} ${process.hrtime.bigint()}\n`.repeat(1000));
  return folder;
}
