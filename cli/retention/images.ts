import { inParallel } from "./parallel";
import type { RawManifest, RegistryCalls } from "./registry-api";

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

/** Every name that a registry lists as a tag, with its digest; undefined for a name without a manifest. */
export type ListedTags = Map<string, string | undefined>;

/** The same with what a run needs that deletes. */
export interface ReadImages extends RepositoryImages {
  listed: ListedTags;
  /** Digests that tags or indexes name and that were not found: what they are made of is unknown. */
  unread: Set<string>;
}

/** Builds that shall be the same each time write a time such as 1970 or 1980 into the image. */
const CREDIBLE_FROM = Date.UTC(2000, 0, 1);

/**
 * Reads what a repository's tags lead to. A tag that vanishes meanwhile is left out. Rejects with what the registry
 * refused: only its 404 means that something is not there.
 */
export async function readImages(api: RegistryCalls, repository: string): Promise<ReadImages> {
  const listed = await readListed(api, repository);
  const tags = new Map([...listed].flatMap(([tag, digest]) => (digest === undefined ? [] : [[tag, digest]])));
  const found = await readManifests(api, repository, tags.values());
  const nodes = linked(found);
  const unseen = [...new Set([...aboutEach({ tags, nodes }).values()].flat())].filter((digest) => !nodes.has(digest));
  const there = await inParallel(unseen, (digest) => api.digest(repository, digest));
  const gone = new Set(unseen.filter((_, index) => there[index] === undefined));
  const unread = new Set([...found.keys()].filter((digest) => !nodes.has(digest)));
  return { repository, tags, listed, nodes, gone, unread };
}

/** The tags of a repository as they are now. */
async function readListed(api: RegistryCalls, repository: string): Promise<ListedTags> {
  const names = await api.tags(repository);
  const digests = await inParallel(names, (tag) => api.digest(repository, tag));
  return new Map(names.map((tag, index) => [tag, digests[index]]));
}

/**
 * The manifest that a tag's target is about, judging only by the tag's name: `sha256-<hex>` is the list of what refers
 * to it (distribution-spec, "Referrers Tag Schema"), with `.sig`, `.att` or `.sbom` a signature, attestation or bill of
 * materials of cosign. Copies by digest get such a name too; nothing is about itself, so that is a tag like any other.
 */
export function subjectInTag(tag: string, digest: string): string | undefined {
  const [, algorithm, hex] = /^(sha256)-([a-f0-9]{64})(\.[a-z0-9]+)?$/.exec(tag) ?? [];
  const subject = `${algorithm}:${hex}`;
  return hex === undefined || subject === digest ? undefined : subject;
}

/** What each manifest is about, by its own word or by its tags; nothing for most. */
export function aboutEach({ tags, nodes }: Pick<RepositoryImages, "tags" | "nodes">): Map<string, string[]> {
  const about = new Map<string, string[]>();
  const add = (digest: string, subject: string | undefined): void => {
    if (subject !== undefined) about.set(digest, [...(about.get(digest) ?? []), subject]);
  };
  for (const { digest, subject } of nodes.values()) add(digest, subject);
  for (const [tag, digest] of tags) add(digest, subjectInTag(tag, digest));
  return about;
}

/** A manifest's own word, before the dates of its children are known. */
type Unlinked = ImageNode & { annotated: number | undefined };

/** These manifests and all below them, at any depth, by digest; undefined for one that is not there. */
export async function readManifests(
  api: RegistryCalls,
  repository: string,
  digests: Iterable<string>,
): Promise<Map<string, Unlinked | undefined>> {
  const found = new Map<string, Unlinked | undefined>();
  for (let next = [...new Set(digests)]; next.length > 0;) {
    const level = await inParallel(next, (digest) => readManifest(api, repository, digest));
    next.forEach((digest, index) => found.set(digest, level[index]));
    next = [...new Set(level.flatMap((one) => one?.children ?? []))].filter((digest) => !found.has(digest));
  }
  return found;
}

async function readManifest(api: RegistryCalls, repository: string, digest: string): Promise<Unlinked | undefined> {
  const manifest = await api.manifest(repository, digest);
  if (!manifest) return undefined;
  const children = childrenOf(manifest);
  const created = children.length === 0 ? await createdOf(api, repository, manifest) : undefined;
  return { digest, children, subject: subjectOf(manifest), created, annotated: annotated(manifest) };
}

/** The manifests that were found, each with its date: its own, the newest of its children's, or its annotation's. */
function linked(found: ReadonlyMap<string, Unlinked | undefined>): Map<string, ImageNode> {
  const dates = new Map<string, number | undefined>();
  const dated = (digest: string): number | undefined => {
    const one = found.get(digest);
    if (!one || dates.has(digest)) return dates.get(digest);
    dates.set(digest, undefined);
    const date = one.created ?? newest(one.children.map(dated)) ?? one.annotated;
    dates.set(digest, date);
    return date;
  };
  const there = [...found.values()].filter((one) => one !== undefined);
  return new Map(
    there.map(({ digest, children, subject }) => [digest, { digest, children, subject, created: dated(digest) }]),
  );
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
async function createdOf(api: RegistryCalls, repository: string, { body }: RawManifest): Promise<number | undefined> {
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

function newest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((each) => each !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
