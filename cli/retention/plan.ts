import { type ImageNode, type RepositoryImages, subjectInTag } from "./images";
import { fits, type RetentionRule } from "./policy";

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
  deletions: Deletion[];
  kept: Kept[];
}

const DAY = 24 * 3600 * 1000;

interface Tagged {
  digest: string;
  tags: string[];
  node: ImageNode | undefined;
  /** What it is about, for a signature and the like; it then stays or goes with that, and counts for nothing. */
  subject: string | undefined;
}

/**
 * Decides what goes. Deleting a manifest takes every tag that points to it, so the tags of one image stay or go together. What a kept image is made of
 * stays, and so does what nothing credible dates.
 * @param now In milliseconds.
 */
export function planRetention(images: RepositoryImages, rule: RetentionRule, now: number): Plan {
  const all = taggedImages(images);
  const reasons = judge(
    all.filter(({ subject }) => subject === undefined),
    rule,
    now,
  );
  const needed = keepWhatIsNeeded(all, images, reasons);
  const goes = all.filter(({ digest }) => !reasons.has(digest));
  const described = ({ digest, tags, node }: Tagged) => ({ digest, tags, created: node?.created });
  return {
    kept: all
      .filter(({ digest }) => reasons.has(digest))
      .map((each) => ({ ...described(each), reason: reasons.get(each.digest) ?? "" })),
    deletions: sorted(goes).map((each) => ({
      ...described(each),
      reason: each.subject === undefined ? expired(rule) : "what it is about goes, or is gone",
      manifests: [...reach(each.digest, images)].filter((digest) => !needed.has(digest)),
    })),
  };
}

function taggedImages({ tags, nodes }: RepositoryImages): Tagged[] {
  const byDigest = new Map<string, string[]>();
  for (const [tag, digest] of tags) byDigest.set(digest, [...(byDigest.get(digest) ?? []), tag]);
  return [...byDigest].map(([digest, names]) => {
    const node = nodes.get(digest);
    const about = names.map(subjectInTag);
    const subject = node?.subject ?? (about.every((each) => each !== undefined) ? about[0] : undefined);
    return { digest, tags: names.sort(), node, subject };
  });
}

/** Why an image stays by the rule itself, by digest. */
function judge(images: readonly Tagged[], rule: RetentionRule, now: number): Map<string, string> {
  const times = images.flatMap(({ node }) => node?.created ?? []).sort((one, other) => other - one);
  const limits = {
    last: rule.keepLast === undefined ? Infinity : (times[rule.keepLast - 1] ?? -Infinity),
    days: rule.keepDays === undefined ? Infinity : now - rule.keepDays * DAY,
  };
  return new Map(
    images.flatMap((image) => {
      const reason = byRule(image, rule, limits);
      return reason === undefined ? [] : [[image.digest, reason]];
    }),
  );
}

/** Why one image stays; images of the same time stay or go together. */
function byRule(
  { tags, node }: Tagged,
  { keepLast, keepDays, keepTags = [] }: RetentionRule,
  limits: { last: number; days: number },
): string | undefined {
  const created = node?.created;
  const pattern = keepTags.find((each) => tags.some((tag) => fits(each, tag)));
  if (pattern !== undefined) return `keepTags ${pattern}`;
  if (created === undefined) return "nothing says when it was made";
  if (created >= limits.last) return `one of the last ${keepLast}`;
  return created >= limits.days ? `of the last ${keepDays} days` : undefined;
}

/**
 * Adds to `reasons` what kept images are made of, and what is about something that stays; says which manifests all of that needs. A signature may be signed
 * itself, so this goes on until nothing is added.
 */
function keepWhatIsNeeded(
  all: readonly Tagged[],
  images: RepositoryImages,
  reasons: Map<string, string>,
): ReadonlyMap<string, string> {
  for (;;) {
    const needed = neededBy(
      all.filter(({ digest }) => reasons.has(digest)),
      images,
    );
    const before = reasons.size;
    for (const each of all) {
      const reason = reasons.get(each.digest) ?? asPart(each, needed, images);
      if (reason !== undefined) reasons.set(each.digest, reason);
    }
    if (reasons.size === before) return needed;
  }
}

/** The manifests that kept images are made of, each with a tag that needs it. */
function neededBy(kept: readonly Tagged[], images: RepositoryImages): Map<string, string> {
  const parts = kept.map(({ digest, tags }) =>
    [...reach(digest, images)].map((part) => [part, tags[0] ?? ""] as const),
  );
  return new Map(parts.flat().reverse());
}

function asPart(
  { digest, subject }: Tagged,
  needed: ReadonlyMap<string, string>,
  images: RepositoryImages,
): string | undefined {
  const whole = needed.get(digest);
  if (whole !== undefined) return `a part of ${whole}`;
  return subject === undefined ? undefined : stays(subject, needed, images);
}

/** Why something about a manifest stays; undefined if that manifest goes, or is gone. One without a tag is nobody's business here. */
function stays(
  subject: string,
  needed: ReadonlyMap<string, string>,
  { nodes, gone }: RepositoryImages,
): string | undefined {
  const tag = needed.get(subject);
  if (tag !== undefined) return `about ${tag}`;
  return nodes.has(subject) || gone.has(subject) ? undefined : "about an image that no tag leads to";
}

/** A manifest and everything below it. */
function reach(digest: string, images: RepositoryImages, found = new Set<string>()): Set<string> {
  if (found.has(digest)) return found;
  found.add(digest);
  for (const child of images.nodes.get(digest)?.children ?? []) reach(child, images, found);
  return found;
}

/** Oldest first, and images before what is about them: a run that is cut short leaves nothing that the next one doesn't take. */
function sorted(images: readonly Tagged[]): Tagged[] {
  const rank = ({ subject }: Tagged): number => (subject === undefined ? 0 : 1);
  return [...images].sort(
    (one, other) => rank(one) - rank(other) || (one.node?.created ?? 0) - (other.node?.created ?? 0),
  );
}

function expired({ keepLast, keepDays }: RetentionRule): string {
  const last = keepLast === undefined ? [] : [`not one of the last ${keepLast}`];
  const days = keepDays === undefined ? [] : [`older than ${keepDays} days`];
  return [...last, ...days].join(", and ");
}
