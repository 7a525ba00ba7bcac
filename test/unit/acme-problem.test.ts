import * as assert from "node:assert/strict";
import { describeProblem, refusal, retryAfter } from "../../components/acme/client/problem";

const NOW = new Date("2026-11-24T03:00:00Z");
const type = (kind: string): string => `urn:ietf:params:acme:error:${kind}`;

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

  it("is told without a kind that ACME doesn't have, and without a detail", () => {
    assert.equal(describeProblem({ type: "about:blank", status: 403 }), "status 403, without a reason");
    assert.equal(describeProblem({}), "no reason given");
  });

  it("can't bring control characters or endless text to the terminal", () => {
    const text = describeProblem({ detail: `a\u001b[2Jb\r\n${"x".repeat(5000)}` });
    assert.ok(text.startsWith("a [2Jb x"));
    assert.ok(text.length <= 600);
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
  });
});

describe("Retry-After", () => {
  it("is read as seconds and as a date", () => {
    assert.equal(retryAfter("90", NOW)?.toISOString(), "2026-11-24T03:01:30.000Z");
    assert.equal(retryAfter("Tue, 24 Nov 2026 04:00:00 GMT", NOW)?.toISOString(), "2026-11-24T04:00:00.000Z");
  });

  it("is nothing if it is neither", () => {
    assert.equal(retryAfter(undefined, NOW), undefined);
    assert.equal(retryAfter("soon", NOW), undefined);
  });
});
