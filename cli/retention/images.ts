import type { RawManifest, RegistryApi } from "./registry-api";

/** A manifest of a repository and what it needs. */
export interface ImageNode {
  digest: string;
  /** When the image was made, in milliseconds; undefined if nothing credible says so. */
  created: number | undefined;
  /** Digests of the manifests that an index or list names. */
  children: string[];
  /** The manifest that this one is about, as a signature's or a bill of materials' (OCI's `subject`). */
  subject: string | undefined;
}

/** What a repository holds, as far as tags lead to it. */
export interface RepositoryImages {
  repository: string;
  /** Digest by tag. */
  tags: Map<string, string>;
  /** Every manifest that a tag leads to, by digest. */
  nodes: Map<string, ImageNode>;
  /** Digests of manifests that signatures and the like are about, and that are gone. */
  gone: Set<string>;
}

/** How many questions to the registry are open at a time. */
const AT_ONCE = 8;

/** Builds that shall be the same each time write a time such as 1970 or 1980 into the image. */
const CREDIBLE_FROM = Date.UTC(2000, 0, 1);

/** Reads what a repository's tags lead to. A tag that vanishes meanwhile is left out. */
export async function readImages(api: RegistryApi, repository: string): Promise<RepositoryImages> {
  const tags = await readTags(api, repository);
  const reading: Reading = { api, repository, begun: new Map() };
  await inParallel([...new Set(tags.values())], (digest) => readNode(reading, digest, 0));
  const found = await Promise.all(reading.begun.values());
  const nodes = new Map(found.flatMap((node) => (node ? [[node.digest, node]] : [])));
  const subjects = [...tags.keys()].map(subjectInTag).concat([...nodes.values()].map((node) => node.subject));
  const unseen = [...new Set(subjects)].filter((digest) => digest !== undefined && !nodes.has(digest)) as string[];
  const there = await inParallel(unseen, (digest) => api.digest(repository, digest));
  return { repository, tags, nodes, gone: new Set(unseen.filter((_, index) => there[index] === undefined)) };
}

/** The tags of a repository as they are now, digest by tag. */
export async function readTags(api: RegistryApi, repository: string): Promise<Map<string, string>> {
  const names = await api.tags(repository);
  const digests = await inParallel(names, (tag) => api.digest(repository, tag));
  return new Map(names.flatMap((tag, index) => (digests[index] === undefined ? [] : [[tag, digests[index]]])));
}

/**
 * The manifest that a tag is about by its name alone: `sha256-<hex>` is the list of what refers to it (distribution-spec, "Referrers Tag Schema"), with
 * `.sig`, `.att` or `.sbom` a signature, attestation or bill of materials of cosign.
 */
export function subjectInTag(tag: string): string | undefined {
  const [, algorithm, hex] = /^(sha256)-([a-f0-9]{64})(\.[a-z0-9]+)?$/.exec(tag) ?? [];
  return hex === undefined ? undefined : `${algorithm}:${hex}`;
}

/** An index of indexes is allowed; one that leads deeper than this is none that anybody made. */
const DEEPEST = 4;

interface Reading {
  api: RegistryApi;
  repository: string;
  /** By digest; two tags often lead to one manifest. */
  begun: Map<string, Promise<ImageNode | undefined>>;
}

function readNode(reading: Reading, digest: string, depth: number): Promise<ImageNode | undefined> {
  const begun = reading.begun.get(digest) ?? readOnce(reading, digest, depth);
  reading.begun.set(digest, begun);
  return begun;
}

async function readOnce(reading: Reading, digest: string, depth: number): Promise<ImageNode | undefined> {
  const { api, repository } = reading;
  const manifest = await api.manifest(repository, digest);
  if (!manifest) return undefined;
  const children = childrenOf(manifest);
  if (children.length > 0 && depth >= DEEPEST) throw new Error(`${repository}@${digest}: indexes of indexes, too deep`);
  const below: (ImageNode | undefined)[] = [];
  for (const child of children) below.push(await readNode(reading, child, depth + 1));
  const own = children.length === 0 ? await createdOf(api, repository, manifest) : newest(below);
  return { digest, children, subject: subjectOf(manifest), created: own ?? annotated(manifest) };
}

interface Descriptor {
  digest?: unknown;
}

function childrenOf({ body }: RawManifest): string[] {
  const list = body["manifests"];
  if (!Array.isArray(list)) return [];
  return (list as Descriptor[]).map(({ digest }) => digest).filter((digest) => typeof digest === "string");
}

function subjectOf({ body }: RawManifest): string | undefined {
  const digest = (body["subject"] as Descriptor | undefined)?.digest;
  return typeof digest === "string" ? digest : undefined;
}

/** The image config's `created` (image-spec, config.md); of an old manifest (schema 1) that of its newest layer. */
async function createdOf(api: RegistryApi, repository: string, { body }: RawManifest): Promise<number | undefined> {
  const digest = (body["config"] as Descriptor | undefined)?.digest;
  if (typeof digest === "string") return time(member(await api.json(repository, digest), "created"));
  const [layer] = (body["history"] ?? []) as { v1Compatibility?: string }[];
  return time(/"created":\s*"([^"]+)"/.exec(layer?.v1Compatibility ?? "")?.[1]);
}

function annotated({ body }: RawManifest): number | undefined {
  return time(member(body["annotations"], "org.opencontainers.image.created"));
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function time(value: unknown): number | undefined {
  const found = typeof value === "string" ? Date.parse(value) : NaN;
  return found >= CREDIBLE_FROM ? found : undefined;
}

function newest(nodes: readonly (ImageNode | undefined)[]): number | undefined {
  const times = nodes.flatMap((node) => node?.created ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as T);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
