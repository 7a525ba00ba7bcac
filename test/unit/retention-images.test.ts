import assert from "node:assert/strict";
import { readImages, subjectInTag } from "../../cli/retention/images";
import { inParallel } from "../../cli/retention/parallel";
import type { RegistryCalls } from "../../cli/retention/registry-api";
import { digestOf } from "../support/retention-registry";

const [A, B, C, D, E, F] = [1, 2, 3, 4, 5, 6].map(digestOf) as [string, string, string, string, string, string];
const time = (text: string): number => Date.parse(text);

/** A registry of manifests as they are sent, each with a tag of its own, and of blobs of JSON. */
function registryOf(manifests: Record<string, Record<string, unknown>>, blobs: Record<string, unknown> = {}) {
  const unread = (): never => assert.fail("reading writes nothing and lists no repository");
  const calls: RegistryCalls = {
    repositories: unread,
    deleteManifest: unread,
    tags: () => Promise.resolve(Object.keys(manifests).map((digest) => `tag-${digest.slice(-1)}`)),
    digest: (_, reference) =>
      Promise.resolve(
        Object.keys(manifests).find((digest) => digest === reference || `tag-${digest.slice(-1)}` === reference),
      ),
    manifest: (_, digest) => {
      const body = manifests[digest];
      return Promise.resolve(body && { digest, mediaType: "application/json", body });
    },
    json: (_, digest) => {
      assert.equal(typeof digest, "string");
      return Promise.resolve(blobs[digest]);
    },
  };
  return calls;
}

const created = async (
  body: Record<string, unknown>,
  blobs: Record<string, unknown> = {},
): Promise<number | undefined> => (await readImages(registryOf({ [A]: body }, blobs), "app")).nodes.get(A)?.created;
const annotated = (text: unknown) => ({ "org.opencontainers.image.created": text });

describe("the date of an image", () => {
  const config = { config: { digest: "config" } };

  it("is its config's, or that of its newest layer in the oldest format, or its annotation's", async () => {
    assert.equal(await created(config, { config: { created: "2026-01-02T03:04:05Z" } }), time("2026-01-02T03:04:05Z"));
    const history = [
      { v1Compatibility: '{"id":"x","created":  "2026-01-03T00:00:00Z"}' },
      { v1Compatibility: '{"created":"2026-01-01T00:00:00Z"}' },
    ];
    assert.equal(await created({ history }), time("2026-01-03T00:00:00Z"));
    assert.equal(await created({ annotations: annotated("2026-01-04T00:00:00Z") }), time("2026-01-04T00:00:00Z"));
    const both = { ...config, annotations: annotated("2026-01-04T00:00:00Z") };
    assert.equal(await created(both, { config: { created: "2026-01-05T00:00:00Z" } }), time("2026-01-05T00:00:00Z"));
    assert.equal(await created(both, { config: "no table" }), time("2026-01-04T00:00:00Z"));
  });

  it("is believed from the year 2000 on, and is none where nothing credible says so", async () => {
    const of = (text: unknown) => created(config, { config: { created: text } });
    assert.equal(await of("2000-01-01T00:00:00Z"), Date.UTC(2000, 0, 1));
    for (const text of ["1999-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z", "soon", 2026, undefined]) {
      assert.equal(await of(text), undefined, String(text));
    }
    const bodies = [{}, { history: [] }, { history: [{}] }, { config: null }, { config: { digest: 7 } }];
    for (const body of bodies) assert.equal(await created(body), undefined, JSON.stringify(body));
    assert.equal(await created(config, { config: null }), undefined);
  });

  it("is for an index the newest of its parts', at any depth, or its annotation's where they have none", async () => {
    const parts = (...digests: unknown[]) => ({ manifests: digests.map((digest) => ({ digest })) });
    const images = await readImages(
      registryOf(
        {
          [A]: { ...parts(B, C, 7, undefined), annotations: annotated("2026-02-01T00:00:00Z") },
          [B]: { config: { digest: "old" } },
          [C]: parts(D, A),
          [D]: { config: { digest: "new" }, subject: { digest: 7 } },
          [E]: { ...parts(F), annotations: annotated("2026-03-01T00:00:00Z"), subject: { digest: A } },
        },
        { old: { created: "2026-01-01T00:00:00Z" }, new: { created: "2026-01-09T00:00:00Z" } },
      ),
      "app",
    );
    const { nodes, unread, gone } = images;
    const dates = [A, B, C, D, E].map((digest) => nodes.get(digest)?.created);
    const [old, young] = [time("2026-01-01T00:00:00Z"), time("2026-01-09T00:00:00Z")];
    assert.deepEqual(dates, [young, old, young, young, time("2026-03-01T00:00:00Z")]);
    assert.deepEqual(nodes.get(A)?.children, [B, C]);
    assert.deepEqual(
      [E, A, D].map((digest) => nodes.get(digest)?.subject),
      [A, undefined, undefined],
    );
    assert.deepEqual([[...unread], [...gone]], [[F], []]);
  });
});

describe("a name that the registry lists", () => {
  it("is no tag without a manifest, and only what was not read is asked for again", async () => {
    const manifests = { [A]: { subject: { digest: B } }, [B]: {}, [C]: { subject: { digest: E } } };
    const calls = registryOf(manifests);
    const asked: string[] = [];
    const { digest, tags } = calls;
    calls.tags = async (repository) => [...(await tags(repository)), "nothing"];
    calls.digest = (repository, reference) => {
      asked.push(reference);
      return digest(repository, reference);
    };
    const images = await readImages(calls, "app");
    assert.deepEqual([...images.tags.keys()], ["tag-1", "tag-2", "tag-3"]);
    assert.deepEqual([...images.listed].at(-1), ["nothing", undefined]);
    assert.deepEqual(asked, ["tag-1", "tag-2", "tag-3", "nothing", E]);
    assert.deepEqual([[...images.gone], [...images.unread]], [[E], []]);
  });
});

describe("a tag that says what its image is about", () => {
  it("is the digest with a hyphen, by itself or with a suffix of cosign", () => {
    const hex = "ab".repeat(32);
    for (const suffix of ["", ".sig", ".att", ".sbom"]) {
      assert.equal(subjectInTag(`sha256-${hex}${suffix}`, A), `sha256:${hex}`);
      assert.equal(subjectInTag(`sha256-${hex}${suffix}`, `sha256:${hex}`), undefined);
    }
    const others = [`sha512-${hex}`, `x-sha256-${hex}`, `sha256-${hex}0`, `sha256-${hex.toUpperCase()}`, "v1"];
    for (const tag of [...others, `sha256-${hex}.`, `sha256-${hex}.SIG`, `sha256-${hex}.sig.old`, `sha256:${hex}`]) {
      assert.equal(subjectInTag(tag, A), undefined, tag);
    }
  });
});

describe("work in parallel", () => {
  it("is for eight items at a time, with the results in their order, until the first failure", async () => {
    let [open, most] = [0, 0];
    const items = Array.from({ length: 50 }, (_, index) => index);
    const work = async (item: number): Promise<number> => {
      open += 1;
      most = Math.max(most, open);
      for (let turn = 0; turn < (item % 5) + 1; turn += 1) await Promise.resolve();
      open -= 1;
      return item * 2;
    };
    assert.deepEqual(
      await inParallel(items, work),
      items.map((item) => item * 2),
    );
    assert.equal(most, 8);
    assert.deepEqual(await inParallel([], work), []);
    await assert.rejects(
      inParallel(items, () => Promise.reject(new Error("refused"))),
      /refused/,
    );
  });
});
