import assert from "node:assert/strict";
import { type RepositoryReport } from "../../cli/retention/report";
import { retain } from "../../cli/retention";
import { repositoryLines, summaryLines } from "../../cli/retention/report";
import { type Call, digestOf, FakeRegistry, type Stored, tagAbout } from "../support/retention-registry";

const NOW = Date.UTC(2026, 0, 31);
const [ONE, TWO, INDEX, PART, NEW, PUSHED] = [1, 2, 3, 4, 5, 6].map(digestOf) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const image = (day: number): Stored => ({ created: new Date(Date.UTC(2026, 0, day)).toISOString(), children: [] });

/** Three old images, one of them an index with a part, and a new one. */
function registry(): FakeRegistry {
  return new FakeRegistry({
    manifests: new Map([
      [ONE, image(1)],
      [TWO, image(2)],
      [PART, image(3)],
      [INDEX, { children: [PART] }],
      [NEW, image(31)],
    ]),
    tags: new Map([
      ["one", ONE],
      ["two", TWO],
      ["multi", INDEX],
      ["latest", NEW],
    ]),
  });
}

async function run(api: FakeRegistry): Promise<RepositoryReport> {
  const reports: RepositoryReport[] = [];
  for await (const each of retain(api, [{ repositories: "**", keepDays: 7 }], { delete: true, now: NOW })) {
    reports.push(each);
  }
  return reports[0] as RepositoryReport;
}

/** Somebody's push just after the first DELETE was answered. */
async function pushedAfterFirst(push: (api: FakeRegistry) => void): Promise<[FakeRegistry, RepositoryReport]> {
  const api = registry();
  let deletes = 0;
  api.after = ({ kind }) => {
    if (kind === "delete" && deletes++ === 0) push(api);
  };
  return [api, await run(api)];
}

describe("a push while retention deletes", () => {
  it("stops it before the next manifest, whatever it is", async () => {
    const pushes: Record<string, (api: FakeRegistry) => void> = {
      "rescued is new": ({ store }) => store.tags.set("rescued", TWO),
      [`latest is ${TWO} now`]: ({ store }) => store.tags.set("latest", TWO),
      "combined is new": ({ store }) => {
        store.manifests.set(PUSHED, { children: [PART] });
        store.tags.set("combined", PUSHED);
      },
      [`latest is ${PUSHED} now`]: ({ store }) => {
        store.manifests.set(PUSHED, { children: [TWO, PART] });
        store.tags.set("latest", PUSHED);
      },
      [`${tagAbout(TWO, ".sig")} is new`]: ({ store }) => store.tags.set(tagAbout(TWO, ".sig"), NEW),
      "one is new": ({ store }) => {
        store.manifests.set(ONE, image(1));
        store.tags.set("one", ONE);
      },
      "latest is gone": ({ store }) => store.tags.delete("latest"),
    };
    for (const [words, push] of Object.entries(pushes)) {
      const [api, report] = await pushedAfterFirst(push);
      assert.equal(report.leftAlone, `a tag was pushed, moved or deleted meanwhile: ${words}; run this again`);
      for (const digest of [TWO, INDEX, PART, NEW]) assert.ok(api.store.manifests.has(digest), words);
    }
  });

  it("is asked for before every manifest: the list, each tag, and the list again", async () => {
    const api = registry();
    const calls: Call[] = [];
    api.before = (call) => calls.push(call);
    await run(api);
    const deletes = calls.flatMap(({ kind }, at) => (kind === "delete" ? [at] : []));
    assert.deepEqual(
      deletes.map((at) => calls[at]?.reference),
      [ONE, TWO, INDEX, PART],
    );
    const [first = 0, second = 0] = deletes;
    const between = calls.slice(first + 1, second).map(({ kind, reference }) => `${kind} ${reference}`.trim());
    assert.deepEqual(between, ["list", "ask two", "ask multi", "ask latest", "list"]);
  });

  it("leaves a report of what was deleted and what was not", async () => {
    const [, report] = await pushedAfterFirst(({ store }) => store.tags.set("rescued", TWO));
    assert.deepEqual(
      [...repositoryLines(report, true), ...summaryLines([report], true)],
      [
        "app (rule **): 1 image kept, 3 to go",
        "  left alone: a tag was pushed, moved or deleted meanwhile: rescued is new; run this again",
        "  deleted one (sha256:000000000000, 2026-01-01): older than 7 days",
        "  left alone two (sha256:000000000000, 2026-01-02): older than 7 days",
        "  left alone multi (sha256:000000000000, 2026-01-03): older than 7 days",
        "1 tag and 1 manifest deleted",
        "2 tags and 3 manifests left alone that no rule keeps; run this again",
        "The space is free after the registry's next garbage collection (storage.garbageCollection).",
      ],
    );
  });

  it("names the parts that an index leaves when the run stops between them", async () => {
    const api = registry();
    api.after = ({ kind, reference }) => {
      if (kind === "delete" && reference === INDEX) api.store.tags.set("rescued", PART);
    };
    const report = await run(api);
    assert.deepEqual(report.orphans, [PART]);
    assert.deepEqual(
      report.deletions.map(({ manifests }) => manifests),
      [[ONE], [TWO], [INDEX]],
    );
    assert.ok(repositoryLines(report, true).includes(`  left without a tag: ${PART}, a part of what was deleted`));
  });

  it("is said to be lost where it came between the last question and the DELETE", async () => {
    const api = registry();
    api.before = ({ kind, reference }) => {
      if (kind !== "delete" || reference !== TWO) return;
      api.store.tags.set("latest", TWO);
      api.store.manifests.set(PUSHED, { children: [NEW, TWO] });
      api.store.tags.set("combined", PUSHED);
    };
    const report = await run(api);
    assert.deepEqual(report.losses, [
      "latest is gone: deleted by somebody, or pushed to an image just when that was deleted",
      `combined was pushed with ${TWO}, just when that was deleted`,
    ]);
    assert.match(repositoryLines(report, true).join("\n"), /lost: latest is gone.*push it again/);
  });

  it("is found in a tag that goes, or loses its manifest, between the questions and the last list", async () => {
    const pushes: Record<string, (store: FakeRegistry["store"]) => void> = {
      "latest is gone": ({ tags }) => tags.delete("latest"),
      "two is gone": ({ tags }) => tags.delete("two"),
    };
    for (const [words, push] of Object.entries(pushes)) {
      const api = registry();
      let lists = 0;
      api.before = ({ kind }) => {
        if (kind === "list" && (lists += 1) === 3) push(api.store); // the plan's, and those around the first question
      };
      const { leftAlone, deletions } = await run(api);
      assert.match(leftAlone ?? "", new RegExp(`meanwhile: ${words}; run this again$`));
      assert.deepEqual(deletions, [], "and stops the very next DELETE");
    }
    const [, report] = await pushedAfterFirst(({ store }) => store.manifests.delete(NEW));
    assert.match(
      report.leftAlone ?? "",
      /meanwhile: latest is gone; run this again$/,
      "listed, but without a manifest",
    );
  });

  it("is none in a name that never had a manifest, listed or not", async () => {
    const api = registry();
    api.store.tags.set("nothing", PUSHED);
    api.after = ({ kind }) => {
      if (kind === "delete") api.store.tags.delete("nothing");
    };
    const report = await run(api);
    assert.deepEqual([report.leftAlone, report.losses], [undefined, undefined]);
    const listed = registry();
    listed.store.tags.set("nothing", PUSHED);
    const other = await run(listed);
    assert.deepEqual([other.leftAlone, other.losses], [undefined, undefined]);
  });

  it("is no loss where what it needs is there again, or was missing before", async () => {
    const api = registry();
    api.before = ({ kind, reference }) => {
      if (kind !== "delete" || reference !== PART) return;
      api.store.manifests.set(PUSHED, { children: [ONE, digestOf(99), NEW] });
      api.store.manifests.set(ONE, image(1));
      api.store.tags.set("combined", PUSHED);
    };
    assert.equal((await run(api)).losses, undefined);
  });
});
