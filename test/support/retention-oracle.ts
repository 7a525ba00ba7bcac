import type { RetentionRule } from "../../cli/retention/policy";
import type { Store } from "./retention-registry";

/** A store at one moment of a run, and what the run found when it began. */
export interface Situation {
  store: Store;
  /** The tags that the plan was made from, without those that the run deleted since. */
  planned: ReadonlyMap<string, string>;
  /** Every manifest that these led to when the plan was made. */
  reached: ReadonlySet<string>;
  rule: RetentionRule;
  now: number;
}

/** The tags that say by themselves what they are about: the specification's referrers tag, and cosign's. */
const REFERRER = /^sha256-([0-9a-f]{64})(\.[a-z0-9]+)?$/;

/**
 * What must stay, written from the documentation's words and not from the code: what the rule keeps, what was pushed
 * since the plan, all that this is made of and all that is about it, over and over. In the slow way, over everything.
 */
export function mustStay({ store, planned, reached, rule, now }: Situation): Set<string> {
  const stays = new Set<string>();
  const untagged = (subject: string): boolean => store.manifests.has(subject) && !reached.has(subject);
  const known = new Set([...reached, ...partsOf(store, new Set(store.tags.values()))]);
  for (const [tag, digest] of store.tags) {
    if (keptByRule(store, digest, rule, now) || planned.get(tag) !== digest) stays.add(digest);
  }
  for (let before = -1; before < stays.size;) {
    before = stays.size;
    for (const digest of partsOf(store, stays)) stays.add(digest);
    for (const digest of known) {
      if (subjectsOf(store, digest).some((subject) => stays.has(subject) || untagged(subject))) stays.add(digest);
    }
  }
  return stays;
}

/** What these are made of, at any depth, and they themselves. */
export function partsOf({ manifests }: Store, digests: ReadonlySet<string>): Set<string> {
  const found = new Set(digests);
  for (const digest of found) for (const child of manifests.get(digest)?.children ?? []) found.add(child);
  return found;
}

/** What a manifest is about, by its own word and its tags. */
export function subjectsOf({ manifests, tags }: Store, digest: string): string[] {
  const own = manifests.get(digest)?.subject;
  const named = tagsOf(tags, digest).flatMap((tag) => REFERRER.exec(tag)?.[1] ?? []);
  return [
    ...(own === undefined ? [] : [own]),
    ...named.map((hex) => `sha256:${hex}`).filter((each) => each !== digest),
  ];
}

const tagsOf = (tags: ReadonlyMap<string, string>, digest: string): string[] =>
  [...tags].filter(([, at]) => at === digest).map(([tag]) => tag);

const isImage = (store: Store, digest: string): boolean =>
  tagsOf(store.tags, digest).some((tag) => !REFERRER.test(tag) || tag.startsWith(digest.replace(":", "-")));

function keptByRule(store: Store, digest: string, rule: RetentionRule, now: number): boolean {
  const named = (rule.keepTags ?? []).some((pattern) => {
    const [start = "", end] = pattern.split("*");
    return tagsOf(store.tags, digest).some((tag) =>
      end === undefined ? tag === start : tag.startsWith(start) && tag.endsWith(end),
    );
  });
  if (named) return true;
  const made = dateOf(store, digest);
  if (made === undefined) return isImage(store, digest);
  const days = (now - made) / 86_400_000;
  return (rule.keepDays !== undefined && days <= rule.keepDays) || isAmongTheLast(store, made, rule.keepLast);
}

function isAmongTheLast(store: Store, made: number, keepLast: number | undefined): boolean {
  const images = [...new Set(store.tags.values())].filter((digest) => isImage(store, digest));
  const newer = images.filter((digest) => (dateOf(store, digest) ?? -Infinity) > made);
  return keepLast !== undefined && newer.length < keepLast;
}

function dateOf(store: Store, digest: string): number | undefined {
  const manifest = store.manifests.get(digest);
  if (!manifest) return undefined;
  const below = manifest.children.flatMap((child) => dateOf(store, child) ?? []);
  if (below.length > 0) return Math.max(...below);
  const own = Date.parse(manifest.created ?? "");
  return own >= Date.UTC(2000, 0) ? own : undefined;
}
