import assert from "node:assert/strict";
import * as fc from "fast-check";
import { NOW, push, rule, store } from "../support/retention-arbitrary";
import { mustStay, partsOf, subjectsOf } from "../support/retention-oracle";
import { copyOf, type Store } from "../support/retention-registry";
import { type Ran, ranOver } from "../support/retention-run";
import { tries } from "../support/tries";

/** How many of each kind there were, so that a test that tries nothing is seen. */
class Counts {
  private readonly counts = new Map<string, number>();

  add(what: string, number = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + number);
  }

  of(what: string): number {
    return this.counts.get(what) ?? 0;
  }

  toString(): string {
    return [...this.counts].map(([what, number]) => `${number} ${what}`).join(", ");
  }
}

function countStore(counts: Counts, { manifests, tags }: Store): void {
  const all = [...manifests.values()];
  const parts = all.flatMap(({ children }) => [...new Set(children)]);
  const shared = new Set(parts.filter((child, index) => parts.indexOf(child) !== index));
  const subjects = all.flatMap(({ subject }) => subject ?? []);
  counts.add("stores");
  counts.add("tags", tags.size);
  counts.add("indexes", all.filter(({ children }) => children.length > 0).length);
  counts.add(
    "of indexes",
    all.filter(({ children }) => children.some((each) => manifests.get(each)?.children[0])).length,
  );
  counts.add("shared parts", shared.size);
  counts.add("subjects there", subjects.filter((each) => manifests.has(each)).length);
  counts.add("subjects missing", subjects.filter((each) => !manifests.has(each)).length);
  counts.add("signatures by tag", [...tags.keys()].filter((tag) => tag.startsWith("sha256-")).length);
}

/** The deletions that a report claims, and those that were seen. */
function assertTrueReport({ report, deleted }: Ran): void {
  const said = new Set(report.deletions.flatMap(({ manifests }) => manifests));
  assert.deepEqual([...said].sort(), [...new Set(deleted)].sort(), "the report says what was deleted");
}

/** A tag that leads to something that the run deleted is said to be lost, if it was there when the run looked. */
function assertLossesSaid({ store, report, deleted, late }: Ran): void {
  if (late) return;
  for (const [tag, digest] of store.tags) {
    const gone = [...partsOf(store, new Set([digest]))].find(
      (part) => deleted.includes(part) && !store.manifests.has(part),
    );
    if (gone) assert.match(`${report.losses?.join("; ")}`, new RegExp(`\\b${tag} was pushed with ${gone}`));
  }
}

describe("a retention run over any store", function () {
  this.timeout(60_000);

  it("deletes what no rule keeps and nothing else, whatever tags and subjects there are", async () => {
    const counts = new Counts();
    await fc.assert(
      fc.asyncProperty(store, rule, async (from, given) => {
        countStore(counts, from);
        const reached = partsOf(from, new Set(from.tags.values()));
        const stays = mustStay({ store: from, planned: from.tags, reached, rule: given, now: NOW });
        const ran = await ranOver(from, given);
        const left = [...from.manifests.keys()].filter((digest) => stays.has(digest) || !reached.has(digest));
        assert.deepEqual([...ran.store.manifests.keys()].sort(), left.sort());
        const tags = [...from.tags].filter(([, digest]) => stays.has(digest));
        assert.deepEqual([...ran.store.tags].sort(), tags.sort());
        assert.deepEqual(ran.wrong, []);
        assert.equal(ran.report.leftAlone, undefined);
        assertTrueReport(ran);
        counts.add("deletions", ran.deleted.length);
        counts.add("kept", tags.length);
        counts.add("kept that are about something", tags.filter(([, at]) => subjectsOf(from, at).length > 0).length);
      }),
      { numRuns: tries(4000) },
    );
    console.log(`      ${counts.toString()}`);
    for (const what of ["of indexes", "shared parts", "subjects missing", "deletions", "kept"]) {
      assert.ok(counts.of(what) > tries(100), `only ${counts.of(what)} ${what}`);
    }
  });

  it("deletes nothing that a push needs, unless it comes between the last question and the DELETE", async () => {
    const counts = new Counts();
    await fc.assert(
      fc.asyncProperty(store, rule, fc.array(push, { minLength: 1, maxLength: 3 }), async (from, given, pushes) => {
        const rehearsal = await ranOver(copyOf(from), given);
        const ran = await ranOver(from, given, pushes, rehearsal);
        assert.deepEqual(ran.wrong, []);
        assertTrueReport(ran);
        assertLossesSaid(ran);
        counts.add("runs");
        for (const { moment, kind } of ran.pushed) {
          counts.add(`pushes at ${moment}`);
          counts.add(kind);
        }
        counts.add("stopped", ran.report.leftAlone === undefined ? 0 : 1);
        counts.add("deletions", ran.deleted.length);
        counts.add("in the window", ran.hits.length);
        counts.add("said to be lost", ran.report.losses?.length ?? 0);
      }),
      { numRuns: tries(8000) },
    );
    console.log(`      ${counts.toString()}`);
    for (const what of ["stopped", "deletions", "in the window", "said to be lost"]) {
      assert.ok(counts.of(what) > tries(50), `only ${counts.of(what)} ${what}`);
    }
  });
});
