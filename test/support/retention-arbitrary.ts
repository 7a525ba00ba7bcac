import * as fc from "fast-check";
import type { RetentionRule } from "../../cli/retention/policy";
import { digestOf, type Store, type Stored, tagAbout } from "./retention-registry";

/** The time by which the generated stores are judged. */
export const NOW = Date.UTC(2026, 0, 31);

const NAMES = ["latest", "main", "v1", "v2", "v3", "dev", "1.0", "sha256-abc", `${tagAbout(digestOf(1))}.sig.old`];
const SUFFIXES = ["", ".sig", ".att", ".sbom"];

// Few days, so that many images are of the same time; some have no date, or one that nobody believes.
const days = [1, 1, 1, 2, 5, 5, 20, 30].map((day) => new Date(Date.UTC(2026, 0, day)).toISOString());
const created = fc.constantFrom(...days, ...days, undefined, "1970-01-01T00:00:00Z");
// Numbers are places in the list of manifests, modulo its length; those from 90 on are of manifests that are nowhere.
const place = fc.nat({ max: 80 });
const placeOrNowhere = fc.oneof(
  { weight: 4, arbitrary: place },
  { weight: 1, arbitrary: fc.integer({ min: 90, max: 92 }) },
);
const manifest = fc.record({
  created,
  children: fc.oneof(
    { weight: 3, arbitrary: fc.constant<number[]>([]) },
    { weight: 2, arbitrary: fc.array(placeOrNowhere, { minLength: 1, maxLength: 3 }) },
  ),
  subject: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: placeOrNowhere }),
});
const signature = fc.record({
  about: placeOrNowhere,
  suffix: fc.constantFrom(...SUFFIXES),
  created,
  kind: fc.constantFrom("tag", "list", "old"),
  old: place,
});

/** A repository: indexes that share parts, subjects of all kinds, signatures by tag, and lists of referrers. */
export const store: fc.Arbitrary<Store> = fc
  .record({
    manifests: fc.array(manifest, { minLength: 2, maxLength: 10 }),
    tags: fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), place), { selector: ([name]) => name, minLength: 1 }),
    signatures: fc.array(signature, { maxLength: 3 }),
  })
  .map(({ manifests, tags, signatures }) => {
    const made: Store = { manifests: new Map(), tags: new Map() };
    const at = (number: number): string => digestOf(number >= 90 ? number : number % manifests.length);
    manifests.forEach(({ children, subject, ...rest }, index) => {
      // An index names what was there before it: below the first there is nothing.
      const parts = children.flatMap((child) =>
        child >= 90 ? digestOf(child) : index > 0 ? digestOf(child % index) : [],
      );
      const about = subject === null || at(subject) === digestOf(index) ? undefined : at(subject);
      made.manifests.set(digestOf(index), { ...rest, children: parts, subject: about });
    });
    for (const [name, target] of tags) made.tags.set(name, at(target));
    signatures.forEach((one, index) => addSignature(made, { ...one, about: at(one.about), old: at(one.old) }, index));
    return made;
  });

interface Signature {
  about: string;
  suffix: string;
  created: string | undefined;
  kind: string;
  old: string;
}

/**
 * A manifest of its own with such a tag; a list of one that names its subject; or such a tag at something that is
 * there.
 */
function addSignature(
  { manifests, tags }: Store,
  { about, suffix, created, kind, old }: Signature,
  index: number,
): void {
  const own = digestOf(200 + index);
  const add = (digest: string, stored: Stored): void => void manifests.set(digest, stored);
  if (kind === "old") {
    tags.set(tagAbout(about, suffix), old);
  } else if (kind === "tag") {
    add(own, { created, children: [] });
    tags.set(tagAbout(about, suffix), own);
  } else {
    add(own, { created, children: [], subject: about });
    add(digestOf(300 + index), { created: undefined, children: [own] });
    tags.set(tagAbout(about), digestOf(300 + index));
  }
}

/** A rule; `keepTags` by name, by start, and such as fit signatures. */
export const rule: fc.Arbitrary<RetentionRule> = fc
  .record({
    keepLast: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    keepDays: fc.option(fc.constantFrom(1, 7, 14), { nil: undefined }),
    keepTags: fc.option(fc.subarray(["latest", "v*", "main", "*.sig"], { maxLength: 2 }), { nil: undefined, freq: 1 }),
  })
  .filter(({ keepLast, keepDays }) => keepLast !== undefined || keepDays !== undefined)
  .map((given) => ({
    repositories: "**",
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as typeof given),
  })) as fc.Arbitrary<RetentionRule>;

/** When somebody pushes: before a call of any kind, or just before or after a DELETE is answered. */
export interface Moment {
  at: "any call" | "before a DELETE" | "after a DELETE";
  /** Which of them, as a share of all, from 0 to 1. */
  share: number;
}

/** What somebody else does in the repository; the numbers are places in the lists of manifests and tags. */
export interface Push {
  moment: Moment;
  kind: "new tag" | "moved tag" | "new index" | "re-push" | "deleted tag" | "signature" | "referrer" | "untagged";
  one: number;
  other: number;
}

export const push: fc.Arbitrary<Push> = fc.record({
  moment: fc.record({
    at: fc.constantFrom("any call", "before a DELETE", "after a DELETE"),
    share: fc.double({ min: 0, max: 0.999, noNaN: true }),
  }),
  kind: fc.constantFrom(
    "new tag",
    "moved tag",
    "new index",
    "re-push",
    "deleted tag",
    "signature",
    "referrer",
    "untagged",
  ),
  one: place,
  other: place,
});
