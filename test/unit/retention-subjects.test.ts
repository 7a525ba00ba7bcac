import assert from "node:assert/strict";
import { retain } from "../../cli/retention";
import { digestOf, FakeRegistry, type Stored, tagAbout } from "../support/retention-registry";

const NOW = Date.UTC(2026, 0, 31);
const [A, B, C, D, E, NOWHERE] = [1, 2, 3, 4, 5, 99].map(digestOf) as [string, string, string, string, string, string];

/** An image of a day of January; undefined for no date. */
const image = (day: number | undefined, subject?: string): Stored => ({
  created: day === undefined ? undefined : new Date(Date.UTC(2026, 0, day)).toISOString(),
  children: [],
  subject,
});
const index = (...children: string[]): Stored => ({ children });

function registryOf(manifests: Record<string, Stored>, tags: Record<string, string>): FakeRegistry {
  return new FakeRegistry({ manifests: new Map(Object.entries(manifests)), tags: new Map(Object.entries(tags)) });
}

async function run(registry: FakeRegistry, rule: object): Promise<string | undefined> {
  let leftAlone: string | undefined;
  for await (const report of retain(registry, [{ repositories: "**", ...rule }], { delete: true, now: NOW })) {
    leftAlone = report.leftAlone;
  }
  return leftAlone;
}

/** The tags that a run leaves. */
async function left(manifests: Record<string, Stored>, tags: Record<string, string>, rule: object): Promise<string[]> {
  const registry = registryOf(manifests, tags);
  assert.equal(await run(registry, rule), undefined);
  return [...registry.store.tags.keys()].sort();
}

describe("an image that is about something", () => {
  it("stays if any part of the rule keeps it, whether its subject is missing, goes or stays", async () => {
    for (const subject of [NOWHERE, B, C]) {
      const manifests = { [A]: image(31, subject), [B]: image(1), [C]: image(30), [D]: image(2) };
      const tags = { latest: A, v9: A, old: B, new: C, other: D };
      const kept = ["latest", "v9"];
      for (const rule of [{ keepLast: 1 }, { keepDays: 1 }, { keepDays: 1, keepTags: ["v*"] }]) {
        const all = await left(manifests, tags, rule);
        assert.deepEqual(
          all.filter((tag) => kept.includes(tag)),
          kept,
          JSON.stringify({ subject, rule }),
        );
        assert.ok(!all.includes("old") && !all.includes("other"), "what nothing keeps goes");
      }
    }
  });

  it("stays with its parts and what is about it, however many there are in between", async () => {
    const manifests = {
      [A]: image(1, NOWHERE),
      [B]: index(A, C),
      [C]: image(2),
      [D]: image(undefined, C),
      [E]: image(1, D),
    };
    const tags = { v1: B, [tagAbout(C, ".sbom")]: D, [tagAbout(D, ".sig")]: E };
    assert.deepEqual(await left(manifests, tags, { keepDays: 1, keepTags: ["v*"] }), Object.keys(tags).sort());
    assert.deepEqual(await left(manifests, tags, { keepDays: 1 }), [], "and goes with them");
  });

  it("is judged for itself in a circle of subjects", async () => {
    const manifests = { [A]: image(1, B), [B]: image(1, C), [C]: image(1, A), [D]: image(1, E), [E]: image(31, D) };
    const tags = { a: A, b: B, c: C, d: D, e: E };
    // D is about E, which stays; A, B and C are only about each other.
    assert.deepEqual(await left(manifests, tags, { keepDays: 1 }), ["d", "e"]);
  });

  it("takes a place in keepLast, and stays without a date", async () => {
    const manifests = { [A]: image(3, NOWHERE), [B]: image(2), [C]: image(1), [D]: image(undefined, NOWHERE) };
    assert.deepEqual(await left(manifests, { a: A, b: B, c: C, d: D }, { keepLast: 2 }), ["a", "b", "d"]);
  });

  it("stays while its subject is there without a tag", async () => {
    assert.deepEqual(await left({ [A]: image(1, B), [B]: image(1) }, { a: A }, { keepDays: 1 }), ["a"]);
  });
});

describe("a signature, by its tag", () => {
  const signature = tagAbout(NOWHERE, ".sig");

  it("goes with its image, unless a part of the rule keeps it", async () => {
    const of = (day: number | undefined, rule: object) => left({ [A]: image(day) }, { [signature]: A }, rule);
    assert.deepEqual(await of(undefined, { keepDays: 1 }), []);
    assert.deepEqual(await of(1, { keepDays: 1 }), []);
    assert.deepEqual(await of(31, { keepDays: 1 }), [signature]);
    assert.deepEqual(await of(undefined, { keepDays: 1, keepTags: ["*.sig"] }), [signature]);
  });

  it("takes no image's place in keepLast", async () => {
    const manifests = { [A]: image(3), [B]: image(2), [C]: image(1) };
    const tags = { [signature]: A, b: B, c: C };
    assert.deepEqual(await left(manifests, tags, { keepLast: 1 }), ["b", signature].sort());
  });

  it("is an image like others if it has any other tag, or one of its own digest", async () => {
    assert.deepEqual(await left({ [A]: image(undefined) }, { [signature]: A, x: A }, { keepDays: 1 }), [
      signature,
      "x",
    ]);
    assert.deepEqual(await left({ [A]: image(undefined) }, { [tagAbout(A)]: A }, { keepDays: 1 }), [tagAbout(A)]);
    const short = "sha256-abc.sig";
    assert.deepEqual(await left({ [A]: image(undefined) }, { [short]: A }, { keepDays: 1 }), [short]);
  });

  it("stays as a part of a list of referrers, and though its own index goes, while its image stays", async () => {
    const manifests = { [A]: image(31), [B]: image(1, A), [C]: index(B) };
    for (const name of [tagAbout(A), "old"]) {
      const registry = registryOf(manifests, { new: A, [name]: C });
      await run(registry, { keepDays: 1 });
      assert.ok(registry.store.manifests.has(B), name);
      assert.equal(registry.store.manifests.has(C), name !== "old");
    }
  });
});

describe("what can't be read", () => {
  it("is not taken for gone: an error about a subject ends the run before anything goes", async () => {
    const registry = registryOf({ [A]: image(1, NOWHERE), [B]: image(2) }, { a: A, b: B });
    registry.before = ({ kind, reference }) => {
      if (kind === "ask" && reference === NOWHERE) throw new Error("HEAD was answered 503");
    };
    await assert.rejects(run(registry, { keepLast: 1 }), /503/);
    assert.equal(registry.store.tags.size, 2);
  });

  it("leaves the repository alone where a tag leads to it, as nobody knows what it needs", async () => {
    const registry = registryOf({ [A]: index(C), [B]: index(C, D), [C]: image(1), [D]: image(31) }, { a: A, b: B });
    const index2 = registry.store.manifests.get(B) as Stored;
    let reads = 0;
    registry.before = ({ kind, reference }) => {
      if (kind === "ask" && reference === B && reads++ === 0) registry.store.manifests.delete(B);
      else registry.store.manifests.set(B, index2);
    };
    assert.match((await run(registry, { keepDays: 1 })) ?? "", /^b could not be read.*run this again$/);
    assert.equal(registry.store.manifests.size, 4);
  });

  it("stays missing while the run deletes: a part that comes back stops it", async () => {
    const registry = registryOf({ [A]: index(B, NOWHERE), [B]: image(31), [C]: image(1) }, { a: A, c: C });
    let lists = 0;
    registry.before = ({ kind }) => {
      if (kind === "list" && lists++ === 1) registry.store.manifests.set(NOWHERE, index(C));
    };
    assert.match((await run(registry, { keepDays: 1 })) ?? "", /is sha256:0+63 now/);
    assert.deepEqual([...registry.store.tags.keys()], ["a", "c"]);
  });
});
