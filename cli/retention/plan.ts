import { aboutEach, type ImageNode, type RepositoryImages, subjectInTag } from "./images";
import { deletionOrder } from "./order";
import { judge, type RetentionRule } from "./policy";

/** An image that goes. */
export interface Deletion {
  digest: string;
  tags: string[];
  created: number | undefined;
  /** Why, in words. */
  reason: string;
  /** The manifests to delete, the one of the tags first, then those of its platforms that nothing else needs. */
  manifests: string[];
}

/** An image that stays. */
export interface Kept {
  digest: string;
  tags: string[];
  created: number | undefined;
  /** Why, in words. */
  reason: string;
}

/** What a rule means for a repository. */
export interface Plan {
  /** In the order in which they go. */
  deletions: Deletion[];
  kept: Kept[];
}

interface Tagged {
  digest: string;
  tags: string[];
  node: ImageNode | undefined;
  /**
   * True for a signature and the like that has only tags such as `sha256-<hex>.sig`: it takes no image's place in
   * keepLast, and goes with what it is about where no rule keeps it. With any other tag it is an image like others.
   */
  attached: boolean;
}

/**
 * Decides what goes. Deleting a manifest takes every tag that points to it, so the tags of one image stay or go
 * together. What the rule keeps by itself stays, with all that it is made of and all that is about it; so does what
 * nothing credible dates, and what could not be read.
 * @param now In milliseconds.
 */
export function planRetention(images: RepositoryImages, rule: RetentionRule, now: number): Plan {
  const all = taggedImages(images);
  const reasons = keptByRule(all, rule, now);
  const needed = keepWhatIsNeeded(all, images, reasons);
  const goes = all.filter(({ digest }) => !reasons.has(digest));
  const described = ({ digest, tags, node }: Tagged) => ({ digest, tags, created: node?.created });
  const deletions = oldestFirst(goes).map((each) => ({
    ...described(each),
    reason: each.attached ? "what it is about goes, or is gone" : expired(rule),
    manifests: [...reach(each.digest, images)].filter((digest) => !needed.has(digest) && images.nodes.has(digest)),
  }));
  const ranks = new Map(deletionOrder(deletions, images).map((digest, index) => [digest, index]));
  const rank = (digest: string): number => ranks.get(digest) ?? 0;
  return {
    kept: all
      .filter(({ digest }) => reasons.has(digest))
      .map((each) => ({ ...described(each), reason: reasons.get(each.digest) ?? "" })),
    deletions: deletions.sort((one, other) => rank(one.digest) - rank(other.digest)),
  };
}

function taggedImages({ tags, nodes }: RepositoryImages): Tagged[] {
  const byDigest = new Map<string, string[]>();
  for (const [tag, digest] of tags) byDigest.set(digest, [...(byDigest.get(digest) ?? []), tag]);
  return [...byDigest].map(([digest, names]) => {
    const attached = names.every((tag) => subjectInTag(tag, digest) !== undefined);
    return { digest, tags: names.sort(), node: nodes.get(digest), attached };
  });
}

/** Why an image stays by the rule itself, by digest. */
function keptByRule(all: readonly Tagged[], rule: RetentionRule, now: number): Map<string, string> {
  const images = all.filter(({ attached }) => !attached);
  const ruled = judge(
    rule,
    images.map(({ node }) => node?.created),
    now,
  );
  return new Map(
    all.flatMap(({ digest, tags, node, attached }) => {
      const reason = node ? ruled({ tags, created: node.created, attached }) : "it could not be read";
      return reason === undefined ? [] : [[digest, reason]];
    }),
  );
}

/**
 * Adds to `reasons` what kept images are made of, and what is about something that stays; says which manifests all of
 * that needs, each with a tag that leads to it. A signature may be signed itself, so this goes on until nothing is
 * added.
 */
function keepWhatIsNeeded(
  all: readonly Tagged[],
  images: RepositoryImages,
  reasons: Map<string, string>,
): ReadonlyMap<string, string> {
  const needed = new Map<string, string>();
  const tagOf = new Map(all.map(({ digest, tags }) => [digest, tags[0]]));
  const need = (digest: string, tag = digest): void => {
    for (const part of reach(digest, images)) {
      if (needed.has(part)) continue;
      needed.set(part, tag);
      if (!reasons.has(part)) reasons.set(part, `a part of ${tag}`);
    }
  };
  for (const digest of [...reasons.keys()]) need(digest, tagOf.get(digest));
  const subjects = [...aboutEach(images)];
  for (let before = -1; before < needed.size;) {
    before = needed.size;
    for (const [digest, about] of subjects) {
      if (needed.has(digest)) continue;
      const stays = staying(about, needed, images);
      if (!stays) continue;
      const [subject, reason] = stays;
      reasons.set(digest, reason);
      need(digest, tagOf.get(digest) ?? needed.get(subject));
    }
  }
  return needed;
}

/** The first of these subjects that stays, and why; undefined if all go, or are gone. One without a tag never goes. */
function staying(
  subjects: readonly string[],
  needed: ReadonlyMap<string, string>,
  { nodes, gone }: RepositoryImages,
): [string, string] | undefined {
  const kept = subjects.find((each) => needed.has(each));
  if (kept !== undefined) return [kept, `about ${needed.get(kept)}`];
  const untagged = subjects.find((each) => !nodes.has(each) && !gone.has(each));
  return untagged === undefined ? undefined : [untagged, "about an image that no tag leads to"];
}

/** A manifest and everything below it. */
function reach(digest: string, images: RepositoryImages): Set<string> {
  const found = new Set([digest]);
  for (const each of found) for (const child of images.nodes.get(each)?.children ?? []) found.add(child);
  return found;
}

/** Images before signatures and the like; the oldest first. */
function oldestFirst(images: readonly Tagged[]): Tagged[] {
  return [...images].sort(
    (one, other) =>
      Number(one.attached) - Number(other.attached) || (one.node?.created ?? 0) - (other.node?.created ?? 0),
  );
}

function expired({ keepLast, keepDays }: RetentionRule): string {
  const last = keepLast === undefined ? [] : [`not one of the last ${keepLast}`];
  const days = keepDays === undefined ? [] : [`older than ${keepDays} days`];
  return [...last, ...days].join(", and ");
}
