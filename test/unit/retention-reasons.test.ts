import assert from "node:assert/strict";
import { type ImageNode, subjectInTag } from "../../cli/retention/images";
import { planRetention } from "../../cli/retention/plan";
import { type RepositoryReport, repositoryLines, summaryLines } from "../../cli/retention/report";
import { digestOf, tagAbout } from "../support/retention-registry";

const [A, B, C, D, E, F, G, H] = [1, 2, 3, 4, 5, 6, 7, 8].map(digestOf) as [
  ...[string, string, string, string],
  ...[string, string, string, string],
];
const day = (number: number): number => Date.UTC(2026, 0, number);
const NOW = day(31);

function node(digest: string, made: number | undefined, more: { parts?: string[]; about?: string } = {}): ImageNode {
  const created = made === undefined ? undefined : day(made);
  return { digest, created, children: more.parts ?? [], subject: more.about };
}

const plan = (nodes: ImageNode[], tags: Record<string, string>, rule: object, gone: string[] = []) =>
  planRetention(
    {
      ...{ repository: "app", gone: new Set(gone), tags: new Map(Object.entries(tags)) },
      nodes: new Map(nodes.map((each) => [each.digest, each])),
    },
    { repositories: "**", ...rule },
    NOW,
  );
const keptFor = (...args: Parameters<typeof plan>): Record<string, string> =>
  Object.fromEntries(plan(...args).kept.map(({ tags, reason }) => [tags.join(" "), reason]));

describe("why an image stays", () => {
  it("is said of each by the rule that keeps it, in the order of the rule's parts", () => {
    const nodes = [node(A, 30), node(B, 28), node(C, 2), node(D, undefined), node(F, 30), node(G, 1)];
    const tags = { new: A, older: B, v1: C, undated: D, lost: E, [tagAbout(H, ".sig")]: F, old: G };
    assert.deepEqual(keptFor(nodes, tags, { keepLast: 1, keepDays: 7, keepTags: ["v*"] }, [H]), {
      new: "one of the last 1",
      older: "of the last 7 days",
      v1: "keepTags v*",
      undated: "nothing says when it was made",
      lost: "it could not be read",
      [tagAbout(H, ".sig")]: "as new as the last 1",
    });
  });

  it("is what needs it: the image that it is a part of, or about, by a tag that leads there", () => {
    const nodes = [
      ...[node(A, 30, { parts: [B] }), node(B, 1), node(C, 1, { about: A }), node(D, 1, { about: C })],
      ...[node(E, 1, { parts: [F] }), node(F, 1, { about: A }), node(G, 1, { about: F })],
    ];
    const tags = { new: A, also: A, part: B, sbom: C, signed: D, old: E, deep: G };
    assert.deepEqual(keptFor(nodes, tags, { keepDays: 7 }), {
      "also new": "of the last 7 days",
      part: "a part of also",
      sbom: "about also",
      signed: "about sbom",
      deep: "about also",
    });
    const left = plan(nodes, tags, { keepDays: 7 }).deletions;
    assert.deepEqual(
      left.map(({ tags: gone, manifests }) => [gone, manifests]),
      [[["old"], [E]]],
    );
  });

  it("names the first image that needs a part of two", () => {
    const nodes = [node(A, 30, { parts: [C] }), node(B, 30, { parts: [C] }), node(C, 1), node(D, 1, { about: C })];
    const tags = { first: A, second: B, signature: D };
    assert.equal(keptFor(nodes, tags, { keepDays: 7 })["signature"], "about first");
  });

  it("is named by its digest where no tag leads to what needs it", () => {
    const nodes = [node(A, 1, { parts: [B] }), node(B, 1, { parts: [C], about: H }), node(C, 1)];
    assert.deepEqual(keptFor(nodes, { old: A, part: C }, { keepDays: 7 }), { part: `a part of ${B}` });
  });

  it("is that what it is about is there without a tag; a rule's own reason comes first", () => {
    const nodes = [node(A, 1, { about: H }), node(B, 30, { about: C }), node(C, 30)];
    assert.deepEqual(keptFor(nodes, { a: A, b: B, c: C }, { keepDays: 7 }), {
      a: "about an image that no tag leads to",
      b: "of the last 7 days",
      c: "of the last 7 days",
    });
  });
});

describe("what goes", () => {
  it("is the oldest first, images before signatures, but what something is about before that", () => {
    const signature = tagAbout(H, ".sig");
    assert.equal(subjectInTag(signature, D), H);
    const nodes = [node(D, undefined), node(C, 3), node(A, 1, { about: B }), node(B, 2), node(E, 4), node(F, 0)];
    const tags = { [signature]: D, c: C, z: A, a: A, b: B, e: E, f: F };
    assert.deepEqual(
      plan(nodes, tags, { keepDays: 7 }, [H]).deletions.map((each) => [each.tags.join(" "), each.reason]),
      [
        ["f", "older than 7 days"],
        ["b", "older than 7 days"],
        ["a z", "older than 7 days"],
        ["c", "older than 7 days"],
        ["e", "older than 7 days"],
        [signature, "what it is about goes, or is gone"],
      ],
    );
    const both = plan([node(A, 1), node(B, 2)], { a: A, b: B }, { keepLast: 1, keepDays: 7 }).deletions;
    assert.deepEqual(
      both.map(({ reason }) => reason),
      ["not one of the last 1, and older than 7 days"],
    );
  });
});

describe("a report", () => {
  const empty = { deletions: [], kept: [] };

  it("counts what has no rule, and promises room only for what is gone", () => {
    const none: RepositoryReport[] = ["a", "b"].map((repository) => ({ ...empty, repository, rule: undefined }));
    const nothing = "0 tags and 0 manifests";
    assert.deepEqual(summaryLines(none, true), ["2 repositories without a rule: left alone", `${nothing} deleted`]);
    const ruled: RepositoryReport = { ...empty, repository: "c", rule: "*" };
    assert.deepEqual(summaryLines([ruled], false), [`${nothing} would be deleted; --delete does it`]);
    assert.deepEqual(repositoryLines(ruled, true), ["c (rule *): 0 images kept, 0 to go"]);
  });

  it("names each image with all its tags, and counts a manifest of several images once a repository", () => {
    const image = { digest: A, created: day(1), reason: "older than 7 days" };
    const [first, second] = [
      { ...image, tags: ["a", "b"], manifests: [A, C] },
      { ...image, digest: B, tags: ["c"], manifests: [B, C] },
    ];
    const report: RepositoryReport = { repository: "app", rule: "*", kept: [], deletions: [first, second] };
    assert.deepEqual(repositoryLines(report, true).slice(1), [
      "  deleted a, b (sha256:000000000000, 2026-01-01): older than 7 days",
      "  deleted c (sha256:000000000000, 2026-01-01): older than 7 days",
    ]);
    assert.equal(summaryLines([report, report], true)[0], "6 tags and 6 manifests deleted");
  });
});
