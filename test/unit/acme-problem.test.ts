import * as assert from "node:assert/strict";
import {
  describeProblem,
  type ProblemDocument,
  problemKind,
  refusal,
  retryAfter,
} from "../../components/acme/client/problem";

const NOW = new Date("2026-11-24T03:00:00Z");
const type = (kind: string): string => `urn:ietf:params:acme:error:${kind}`;

/** RFC 8555 section 6.7, RFC 9773 section 7.4, and the one of profiles. */
const KINDS = [
  ...["accountDoesNotExist", "alreadyRevoked", "badCSR", "badPublicKey", "caa", "connection", "dns", "tls"],
  ...["externalAccountRequired", "incorrectResponse", "invalidContact", "invalidProfile", "malformed", "rateLimited"],
  ...["rejectedIdentifier", "serverInternal", "unauthorized", "unsupportedContact", "unsupportedIdentifier"],
  "userActionRequired",
];

describe("a problem document", () => {
  it("becomes what the CA saw and what to do", () => {
    const problem = { type: type("connection"), detail: "Fetching http://a.example.com/: Timeout", status: 400 };
    assert.equal(
      describeProblem(problem),
      "Fetching http://a.example.com/: Timeout (connection); the CA could not connect; check that the name points to a " +
        "gateway and that port 80 is open to all",
    );
  });

  it("names every name of its subproblems", () => {
    const text = describeProblem({
      type: type("malformed"),
      detail: "Some of the identifiers were rejected",
      subproblems: [
        { type: type("rejectedIdentifier"), detail: "blocked", identifier: { type: "dns", value: "a.example.com" } },
        { type: type("caa"), detail: "forbidden", identifier: { type: "dns", value: "b.example.com" } },
      ],
    });
    assert.match(text, /\n {2}- a\.example\.com: blocked \(rejectedIdentifier\); the CA does not issue for this name/);
    assert.match(text, /\n {2}- b\.example\.com: forbidden \(caa\); a CAA record of the domain forbids this CA/);
  });

  it("says what to do about every kind that RFC 8555 and RFC 9773 have", () => {
    for (const kind of KINDS) {
      const text = describeProblem({ type: type(kind), detail: "no" });
      assert.ok(new RegExp(`^no \\(${kind}\\); \\w.{20}`).test(text), text);
    }
    const own = describeProblem({ type: type("toString"), detail: "no" });
    assert.equal(own, "no (toString)", "a kind of the CA's own has no advice");
  });

  it("has a kind only of letters and of ACME", () => {
    const types = [
      type("caa"),
      type("a".repeat(64)),
      type("a".repeat(65)),
      type("1caa"),
      type("caa1"),
      type(""),
      "caa",
    ];
    assert.deepEqual(
      [undefined, ...types.map((each) => ({ type: each })), { type: 7 as unknown as string }].map(problemKind),
      ["", "caa", "a".repeat(64), "", "", "", "", "", ""],
    );
  });

  it("is told three levels deep, with a hundred problems of one, and without what is none", () => {
    const nested = (depth: number): ProblemDocument => ({ detail: `${depth}`, subproblems: [nested0(depth)] });
    const nested0 = (depth: number): ProblemDocument => (depth === 9 ? {} : nested(depth + 1));
    assert.equal(describeProblem(nested(0)), "0\n  - 1\n    - 2\n      - 3");
    const many = Array.from({ length: 150 }, (_, index) => ({ detail: `${index}` }));
    assert.deepEqual(describeProblem({ detail: "many", subproblems: many }).split("\n  - "), [
      "many",
      ...many.slice(0, 100).map(({ detail }) => detail),
    ]);
    const none = [null, "text", ["list"], 7, { detail: "one" }] as ProblemDocument[];
    assert.equal(describeProblem({ detail: "odd", subproblems: none }), "odd\n  - one");
    assert.equal(describeProblem({ detail: "odd", subproblems: "text" as unknown as [] }), "odd");
    for (const odd of none.slice(0, 4)) assert.equal(describeProblem(odd), "no reason given");
  });

  it("names a page of the CA if it is the URL of one", () => {
    const pages = ["http://ca.test/terms", "https://ca.test/terms", " https://ca.test/terms\n"];
    for (const instance of pages) {
      assert.equal(describeProblem({ detail: "new terms", instance }), `new terms (see ${instance.trim()})`);
    }
    for (const instance of [
      "see https://ca.test",
      "https://ca.test and more",
      "https://",
      "ftp://ca.test",
      "https://ü",
    ]) {
      assert.equal(describeProblem({ detail: "new terms", instance }), "new terms");
    }
  });

  it("is told without a kind that ACME doesn't have, and without a detail", () => {
    assert.equal(describeProblem({ type: "about:blank", status: 403 }), "status 403, without a reason");
    assert.equal(describeProblem({}), "no reason given");
  });

  it("can't bring control characters or endless text to the terminal", () => {
    const text = describeProblem({ detail: `a\u001b[2Jb\r\n${"x".repeat(5000)}` });
    assert.equal(text, `a [2Jb ${"x".repeat(590)}...`);
    assert.equal(describeProblem({ detail: ` ${"x".repeat(600)}\n` }), "x".repeat(600));
  });

  it("of a rate limit says when to try again", () => {
    const problem = { type: type("rateLimited"), detail: "too many certificates", status: 429 };
    const error = refusal("asking for an order", { status: 429, problem, retryAt: retryAfter("7200", NOW) }, NOW);
    assert.match(error.message, /^asking for an order: the CA says too many certificates \(rateLimited\); wait, /);
    assert.match(
      error.message,
      /; it may be tried again from 2026-11-24T05:00:00Z \(in 2 hours\)$|\(in 120 minutes\)$/,
    );
    assert.equal(error.kind, "rateLimited");
    assert.deepEqual([error.name, error.status, error.problem], ["AcmeError", 429, problem]);
  });

  it("says how long the CA wants to be left, to the second below a minute, and nothing of what is past", () => {
    const waits = [-1000, 0, 400, 59_999, 60_000, 90_000].map((wait) => {
      const { message } = refusal("asking", { status: 503, retryAt: new Date(NOW.getTime() + wait) }, NOW);
      return message.replace(/^asking: .*; it may be tried again from 2026-11-24T\S+Z ?/, "");
    });
    assert.deepEqual(waits, ["", "", "(in 1 s)", "(in 60 s)", "(in 1 minute)", "(in 2 minutes)"]);
    assert.equal(
      refusal("asking", { status: 503 }, NOW).message,
      "asking: the CA says status 503, without a problem document",
    );
  });
});

describe("Retry-After", () => {
  it("is read as seconds and as a date", () => {
    assert.equal(retryAfter("90", NOW)?.toISOString(), "2026-11-24T03:01:30.000Z");
    assert.equal(retryAfter(" 90\t", NOW)?.toISOString(), "2026-11-24T03:01:30.000Z");
    const dates = ["Tue, 24 Nov 2026 04:00:00 GMT", " Tue, 24 Nov 2026 04:00:00 GMT", "Tue Nov 24 04:00:00 2026 GMT"];
    for (const date of dates) assert.equal(retryAfter(date, NOW)?.toISOString(), "2026-11-24T04:00:00.000Z");
  });

  it("is nothing if it is neither", () => {
    assert.equal(retryAfter(undefined, NOW), undefined);
    const neither = [
      "soon",
      "",
      "1234567890",
      "-5",
      "2026-11-24T04:00:00Z",
      "24 Nov 2026 04:00:00 GMT",
      "Tue, 99:99:99",
    ];
    for (const header of neither) assert.equal(retryAfter(header, NOW), undefined, header);
  });
});
