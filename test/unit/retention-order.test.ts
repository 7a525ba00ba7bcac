import assert from "node:assert/strict";
import { deletePlanned } from "../../cli/retention/deletion";
import { type ImageNode, type ReadImages, readImages } from "../../cli/retention/images";
import { deletionOrder } from "../../cli/retention/order";
import { type Deletion, planRetention } from "../../cli/retention/plan";
import { digestOf, FakeRegistry, type Stored, tagAbout } from "../support/retention-registry";

const [A, B, C, D, E, F] = [1, 2, 3, 4, 5, 6].map(digestOf) as [string, string, string, string, string, string];
const image = (day: number, subject?: string): Stored => ({
  created: new Date(Date.UTC(2026, 0, day)).toISOString(),
  children: [],
  subject,
});
const index = (...children: string[]): Stored => ({ children });

/** The order of images that all go, by what each names, is about by its own word, and by a tag. */
function order(
  given: Record<string, { parts?: string[]; about?: string; tagAbout?: string }>,
  tagged = Object.keys(given),
): string[] {
  const nodes = new Map(
    Object.entries(given).map(([digest, { parts = [], about }]): [string, ImageNode] => [
      digest,
      { digest, children: parts, subject: about, created: 0 },
    ]),
  );
  const tags = new Map(
    Object.entries(given).flatMap(([at, one]) => (one.tagAbout ? [[tagAbout(one.tagAbout), at]] : [])),
  );
  const images = { repository: "app", tags, nodes, gone: new Set<string>() };
  const manifests = (digest: string): string[] => [digest, ...(nodes.get(digest)?.children ?? []).flatMap(manifests)];
  return deletionOrder(
    tagged.map((digest) => ({ digest, manifests: manifests(digest) })),
    images,
  );
}

describe("the order in which manifests go", () => {
  it("is the wanted one, with the parts of an index behind it at once", () => {
    assert.deepEqual(order({ [B]: {}, [A]: {}, [C]: {} }), [B, A, C]);
    assert.deepEqual(order({ [A]: { parts: [C, D] }, [B]: {}, [C]: {}, [D]: {} }, [A, B]), [A, C, D, B]);
    const nested = { [A]: { parts: [C, D] }, [B]: {}, [C]: {}, [D]: { parts: [C] } };
    assert.deepEqual(order(nested, [A, B]), [A, D, C, B], "a part that two name goes after both");
    assert.deepEqual(order({ [A]: { parts: [C] }, [B]: { parts: [C] }, [C]: {}, [D]: {} }, [A, D, B]), [A, D, B, C]);
  });

  it("has what something is about before that, and before an index whose parts would have to wait for it", () => {
    assert.deepEqual(order({ [A]: { about: B }, [B]: {} }), [B, A]);
    assert.deepEqual(order({ [A]: { about: C }, [B]: { parts: [A] }, [C]: {} }), [C, B, A]);
    const inside = { [B]: { parts: [A, C] }, [A]: { about: C }, [C]: {}, [D]: {} };
    const ordered = order(inside, [B, D]);
    assert.deepEqual(ordered.slice(0, 2), [B, C], "an index of which one part is about another waits for nothing");
    assert.ok(ordered.includes(A) && ordered.includes(D));
  });

  it("begins in a circle of subjects with one of the circle, not with what waits for it", () => {
    assert.deepEqual(order({ [A]: { about: B }, [B]: { about: C }, [C]: { about: B } }), [B, A, C]);
    const withIndex = { [A]: { about: B }, [B]: { parts: [A], about: A } };
    assert.deepEqual(order(withIndex), [B, A], "an index before its part, there too");
    const waiting = { [A]: { about: B, tagAbout: D }, [B]: { about: A }, [C]: { parts: [D], about: D }, [D]: {} };
    assert.deepEqual(order(waiting), [C, D, A, B], "a circle before another one that is about a part of it");
  });
});

/** Runs a plan that keeps nothing that is older than a day over a store. */
async function deleted(
  manifests: Record<string, Stored>,
  tags: Record<string, string>,
  prepare: (api: FakeRegistry) => void = () => undefined,
) {
  const api = new FakeRegistry({ manifests: new Map(Object.entries(manifests)), tags: new Map(Object.entries(tags)) });
  const images = await readImages(api, "app");
  const plan = planRetention(images, { repositories: "**", keepDays: 1 }, Date.UTC(2026, 0, 31));
  prepare(api);
  return { plan, outcome: await deletePlanned(api, images, plan), api };
}

describe("what deleting comes to", () => {
  it("is the plan where nothing changes, and nothing more", async () => {
    const { plan, outcome } = await deleted({ [A]: image(1), [B]: image(31) }, { a: A, b: B });
    assert.deepEqual(outcome, { deletions: plan.deletions });
  });

  it("is nothing without a question where there is nothing to do", async () => {
    const api = new FakeRegistry({ manifests: new Map(), tags: new Map() });
    api.before = ({ kind }) => assert.fail(kind);
    const images: ReadImages = {
      ...{ repository: "app", nodes: new Map(), gone: new Set(), listed: new Map() },
      ...{ tags: new Map([["a", A]]), unread: new Set([A]) },
    };
    assert.deepEqual(await deletePlanned(api, images, { deletions: [], kept: [] }), { deletions: [] });
  });

  it("is told apart where it stops: what went, what is left with its parts, and what no tag leads to", async () => {
    const manifests = { [A]: index(C, D), [B]: index(C), [C]: image(1), [D]: image(2), [E]: image(31) };
    const stops = async (after: string) => {
      const { outcome, api } = await deleted(manifests, { a: A, b: B, e: E });
      assert.equal(outcome.leftAlone, undefined);
      assert.deepEqual([...api.store.manifests.keys()], [E]);
      const second = await deleted(manifests, { a: A, b: B, e: E }, (fake) => {
        fake.after = ({ kind, reference }) => {
          if (kind === "delete" && reference === after) fake.store.tags.set("new", E);
        };
      });
      return second.outcome;
    };
    const why = "a tag was pushed, moved or deleted meanwhile: new is new; run this again";
    const part = (digest: string, tag: string, rest: string[]): Deletion => ({
      ...{ digest, tags: [tag], created: Date.UTC(2026, 0, tag === "a" ? 2 : 1), reason: "older than 1 days" },
      manifests: rest,
    });
    assert.deepEqual(await stops(B), {
      ...{ deletions: [part(B, "b", [B])], leftAlone: why },
      spared: [part(A, "a", [A, C, D])],
    });
    assert.deepEqual(await stops(A), {
      ...{ deletions: [part(B, "b", [B]), part(A, "a", [A])], leftAlone: why },
      ...{ spared: [], orphans: [C, D] },
    });
  });

  it("is no loss and no further question where the first question stops it", async () => {
    let lists = 0;
    const { outcome } = await deleted({ [A]: image(1), [B]: image(31) }, { a: A, b: B }, (api) => {
      api.store.tags.set("new", B);
      api.before = ({ kind }) => (lists += kind === "list" ? 1 : 0);
    });
    assert.deepEqual([outcome.losses, outcome.deletions, lists], [undefined, [], 1]);
  });

  it("ends with how far it came where the registry refuses, or somebody was there before", async () => {
    const manifests = { [A]: image(1), [B]: image(2), [F]: image(31) };
    const refused = new Error("DELETE was answered 500");
    const failing = deleted(manifests, { a: A, b: B, f: F }, (api) => {
      api.before = ({ kind, reference }) => {
        if (kind === "delete" && reference === B) throw refused;
      };
    });
    const message = "app: 1 of 2 manifests were deleted, then: DELETE was answered 500";
    await assert.rejects(failing, (error: Error) => error.message === message && error.cause === refused);
    const { outcome } = await deleted(manifests, { a: A, b: B, f: F }, (api) => {
      api.before = ({ kind, reference }) => {
        if (kind === "delete" && reference === B) api.store.manifests.delete(B);
      };
    });
    assert.match(outcome.leftAlone ?? "", new RegExp(`meanwhile: ${B} is gone; run this again$`));
  });
});
