import { createHash, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Checks } from "./checks";
import { Unchecked } from "./checks";
import { authOf, onePerRole } from "./gateway";
import { type Answer, ask, follow } from "./https";
import { type Site, siteOf, type SmokeTarget, type SmokeUser } from "./target";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

interface Blob {
  mediaType: string;
  digest: string;
  size: number;
  data: Buffer;
}

/** An image of one layer that nobody has yet: https://github.com/opencontainers/image-spec/blob/main/manifest.md. */
interface Image {
  manifest: Blob;
  config: Blob;
  layer: Blob;
}

/**
 * Pushes a small image through the first gateway, without a tag, pulls it by its digest through every one, and deletes
 * it if that is allowed.
 * @param gateways Addresses of those that are trusted.
 */
export async function checkImage(
  checks: Checks,
  target: SmokeTarget,
  gateways: readonly string[],
  repository: string,
): Promise<void> {
  const sites = gateways.map((address) => siteOf(target, target.registryUrl, address));
  const [first] = sites;
  const users = onePerRole(target.users);
  const pusher = users.find(({ role }) => role === "push");
  const image = makeImage();
  const pushed = await checks.run(first?.address ?? "registry", `push to ${repository}`, async () => {
    if (!first) throw new Unchecked("no gateway can be trusted with a password");
    if (!pusher) throw new Unchecked("the stack has no user of role push whose password it knows");
    return push(first, repository, pusher, image);
  });
  for (const site of sites) await checkPullUser(checks, site, repository, users);
  if (!pushed || !first || !pusher) return;
  for (const site of sites) {
    const reader = users.find(({ role }) => role === "pull") ?? pusher;
    await checks.run(site.address, `pull of ${repository}`, () => pull(site, repository, reader, image));
  }
  await checks.run(first.address, `deletion from ${repository}`, () =>
    remove(first, repository, pusher, image, target),
  );
}

function makeImage(): Image {
  const nonce = randomBytes(16).toString("hex");
  const archive = tarOf("nonce", Buffer.from(nonce));
  const layer = blob("application/vnd.oci.image.layer.v1.tar+gzip", gzipSync(archive));
  const config = json("application/vnd.oci.image.config.v1+json", {
    architecture: "amd64",
    os: "linux",
    config: { Labels: { "private-registry.smoke": nonce } },
    rootfs: { type: "layers", diff_ids: [digestOf(archive)] },
  });
  const named = ({ mediaType, digest, size }: Blob) => ({ mediaType, digest, size });
  const content = { schemaVersion: 2, mediaType: MANIFEST, config: named(config), layers: [named(layer)] };
  return { manifest: json(MANIFEST, content), config, layer };
}

/** A tar archive of one file (POSIX ustar). */
function tarOf(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(512);
  const octal = (value: number, width: number): string => value.toString(8).padStart(width - 1, "0") + "\0";
  const fields: [at: number, text: string][] = [
    [0, name],
    [100, octal(0o644, 8) + octal(0, 8) + octal(0, 8) + octal(content.length, 12) + octal(0, 12)],
    [148, "        0"],
    [257, "ustar\x0000"],
  ];
  for (const [at, text] of fields) head.write(text, at, "latin1");
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return Buffer.concat([head, content, Buffer.alloc(512 - (content.length % 512)), Buffer.alloc(1024)]);
}

function json(mediaType: string, value: unknown): Blob {
  return blob(mediaType, Buffer.from(JSON.stringify(value)));
}

function blob(mediaType: string, data: Buffer): Blob {
  return { mediaType, digest: digestOf(data), size: data.length, data };
}

function sizeOf({ layer, config, manifest }: Image): number {
  return layer.size + config.size + manifest.size;
}

function digestOf(data: Buffer): string {
  return `sha256:${createHash("sha256").update(data).digest("hex")}`;
}

async function push(site: Site, repository: string, user: SmokeUser, image: Image): Promise<string> {
  const auth = authOf(user);
  for (const part of [image.layer, image.config]) await pushBlob(site, repository, auth, part);
  const put = await ask(site, `/v2/${repository}/manifests/${image.manifest.digest}`, {
    method: "PUT",
    auth,
    body: image.manifest.data,
    headers: { "content-type": MANIFEST },
  });
  if (put.status !== 201) throw new Error(`the manifest is answered ${said(put)} and not 201`);
  return `${image.manifest.digest}, ${sizeOf(image)} bytes, by ${user.name}`;
}

async function pushBlob(site: Site, repository: string, auth: string, part: Blob): Promise<void> {
  const begun = await ask(site, `/v2/${repository}/blobs/uploads/`, { method: "POST", auth, body: Buffer.alloc(0) });
  if (begun.status === 405) throw new Unchecked("405: the registry is read-only, or a cache of another one");
  if (begun.status !== 202) throw new Error(`an upload's begin is answered ${said(begun)} and not 202`);
  const base = `https://${site.host}${site.port === 443 ? "" : `:${site.port}`}`;
  const location = new URL(begun.headers.location ?? "", base);
  if (location.origin !== base) throw new Error(`uploads are sent to ${location.origin} and not to ${base}`);
  location.searchParams.set("digest", part.digest);
  const put = await ask(site, location.pathname + location.search, {
    method: "PUT",
    auth,
    body: part.data,
    headers: { "content-type": "application/octet-stream" },
  });
  if (put.status !== 201) throw new Error(`an upload's end is answered ${said(put)} and not 201`);
}

async function pull(site: Site, repository: string, user: SmokeUser, image: Image): Promise<string> {
  const auth = authOf(user);
  const paths: [string, Blob][] = [
    [`/v2/${repository}/manifests/${image.manifest.digest}`, image.manifest],
    [`/v2/${repository}/blobs/${image.config.digest}`, image.config],
    [`/v2/${repository}/blobs/${image.layer.digest}`, image.layer],
  ];
  for (const [path, part] of paths) {
    const got = await fetched(site, path, auth);
    if (got.status !== 200) throw new Error(`${path} is answered ${said(got)} and not 200`);
    if (digestOf(got.body) !== part.digest) throw new Error(`${path} has other content than was pushed`);
  }
  return `manifest, config and layer are what was pushed, by ${user.name}`;
}

/** A GET; where the registry sends its clients to an object store, from there. */
async function fetched(site: Site, path: string, auth: string): Promise<Answer> {
  const answer = await ask(site, path, { auth, headers: { accept: `${MANIFEST}, */*` } });
  const { location } = answer.headers;
  return answer.status === 307 && location ? follow(location, site.roots) : answer;
}

async function remove(
  site: Site,
  repository: string,
  user: SmokeUser,
  image: Image,
  { deleteEnabled }: SmokeTarget,
): Promise<string> {
  const auth = authOf(user);
  const path = `/v2/${repository}/manifests/${image.manifest.digest}`;
  const gone = await ask(site, path, { method: "DELETE", auth });
  if (gone.status === 405 && !deleteEnabled) {
    throw new Unchecked(`registry.deleteEnabled is false: ${sizeOf(image)} bytes stay in ${repository}`);
  }
  if (gone.status !== 202) throw new Error(`it is answered ${said(gone)} and not 202`);
  const { status } = await ask(site, path, { auth, headers: { accept: MANIFEST } });
  if (status !== 404) throw new Error(`the image is still there, answered ${status} and not 404`);
  for (const part of [image.config, image.layer]) {
    await ask(site, `/v2/${repository}/blobs/${part.digest}`, { method: "DELETE", auth });
  }
  return "the image is gone";
}

async function checkPullUser(
  checks: Checks,
  site: Site,
  repository: string,
  users: readonly SmokeUser[],
): Promise<void> {
  await checks.run(site.address, "role pull", async () => {
    const reader = users.find(({ role }) => role === "pull");
    if (!reader) throw new Unchecked("the stack has no user of role pull whose password it knows");
    const path = `/v2/${repository}/blobs/uploads/`;
    const { status } = await ask(site, path, { method: "POST", auth: authOf(reader), body: Buffer.alloc(0) });
    if (status !== 403) throw new Error(`${reader.name} begins a push and is answered ${status} and not 403`);
    return `${reader.name} can't push: 403`;
  });
}

/** Status and the registry's own words. */
function said(answer: Answer): string {
  const words = answer.body.toString("utf8").replace(/\s+/g, " ").trim().slice(0, 200);
  return words.startsWith("{") ? `${answer.status} (${words})` : String(answer.status);
}
