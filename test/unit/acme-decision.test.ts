import assert from "node:assert/strict";
import { type ChainInputs, type ChainState, standardRuntime, subject } from "../../components/acme/data";
import { type Decision, decide, diff } from "../../components/acme/diff";
import { Revocation, revocationCode } from "../../components/acme/revocation";
import { issued, plain, refreshed } from "../../components/acme/state";
import { plainInputs } from "../support/simulated-ca";

const DAY = 24 * 3_600_000;
const START = Date.UTC(2027, 0, 1);
const clock = (days: number): Date => new Date(START + days * DAY);
const at = (days: number): string => clock(days).toISOString();

/** The state after the issuance of a certificate of 90 days, which is due on day 60. */
function fresh(more: Partial<ChainInputs> = {}): ChainState {
  const parts = { chainPem: "", leafPem: "", issuerPem: "", serialNumber: "", accountUrl: "" };
  const validity = { notBefore: at(0), notAfter: at(90), fingerprintSha256: "f" };
  return issued({ ...plainInputs(), ...more, ...parts, ...validity }, {}, clock(0));
}

const NOTHING: Decision = { changes: false, account: false, replaces: [], asked: false };

describe("what an update of a certificate does", () => {
  it("follows from the input that has changed", () => {
    const local: Decision = { ...NOTHING, changes: true };
    const account: Decision = { ...local, account: true };
    const replaced = (key: string): Decision => ({ ...local, replaces: [key] });
    const reissued = (key: string): Decision => ({ ...local, asked: true, reissue: `${key} has changed` });
    const dns01 = { zone: "example.com" } as unknown as NonNullable<ChainInputs["dns01"]>;
    const changes: [Partial<ChainInputs>, Decision][] = [
      [{}, NOTHING],
      [{ names: ["a.example.com", "b.example.com"] }, replaced("names")],
      [{ csrPem: "other" }, replaced("csrPem")],
      [{ publicKeyPem: "other" }, replaced("publicKeyPem")],
      [{ directory: "other" }, replaced("directory")],
      [{ profile: "short" }, reissued("profile")],
      [{ preferredChain: "X1" }, reissued("preferredChain")],
      [{ contacts: ["a@example.com"] }, account],
      [{ accountKeyPem: "other" }, account],
      [{ directoryCaPem: "other" }, local],
      [{ termsAgreed: false }, local],
      [{ renewBeforeHours: 24 }, local],
      [{ timeoutSeconds: 60 }, local],
      [{ externalKeyId: "id" }, local],
      [{ externalHmacKey: "key" }, local],
      [{ revocation: "superseded" }, local],
      [{ dns01 }, local],
      [{ tsigSecret: "AAAA" }, local],
    ];
    for (const [change, decision] of changes) {
      assert.deepEqual(decide(fresh(), { ...plainInputs(), ...change }, clock(59)), decision, JSON.stringify(change));
    }
    const due = `due since ${at(60).replace(".000", "")} (two thirds of its lifetime of 90 days)`;
    assert.deepEqual(decide(fresh(), plainInputs(), clock(60)), { ...NOTHING, changes: true, reissue: due });
  });

  it("goes by the former renewBeforeHours while the new one is known only later", () => {
    const unknown = { ...plainInputs(), renewBeforeHours: "unknown" as unknown as number };
    const days = [64, 65].map((day) => decide(fresh({ renewBeforeHours: 600 }), unknown, clock(day)).reissue);
    assert.deepEqual(days, [undefined, `due since ${at(65).replace(".000", "")} (600 hours before its end, as set)`]);
    const set = { ...plainInputs(), renewBeforeHours: 600 };
    assert.equal(decide(fresh({ renewBeforeHours: 24 }), set, clock(64)).reissue, undefined);
    assert.notEqual(decide(fresh({ renewBeforeHours: 24 }), set, clock(65)).reissue, undefined);
  });

  it("counts from the moment at which it came, in that moment too", () => {
    const state = { ...fresh(), issuedAt: at(60) };
    assert.equal(decide(state, plainInputs(), clock(60)).reissue, undefined);
  });

  it("is told in a preview only where it renews in place", () => {
    const said: string[] = [];
    const shown = (news: ChainInputs, days: number) =>
      diff("id", fresh(), news, { now: () => clock(days), say: (message) => said.push(message) });
    assert.deepEqual(shown(plainInputs(), 59), { changes: false, replaces: [] });
    assert.deepEqual(shown({ ...plainInputs(), csrPem: "other" }, 60), { changes: true, replaces: ["csrPem"] });
    assert.deepEqual(said, []);
    assert.deepEqual(shown(plainInputs(), 60), { changes: true, replaces: [] });
    assert.deepEqual(said, [
      "certificate of a.example.com: renewed by the next update, due since 2027-03-02T00:00:00Z (two thirds of its " +
        "lifetime of 90 days); the present one ends at 2027-04-01T00:00:00.000Z",
    ]);
  });
});

describe("what belongs to a certificate's resource", () => {
  it("forgets at a refresh what the CA has not said again", () => {
    const window = { start: at(50), end: at(52) };
    const asked = { ...fresh(), renewalWindow: window, askAgainAt: at(2), askNotBefore: at(3) };
    const { renewalWindow, askAgainAt, askNotBefore } = refreshed(asked, {}, clock(1));
    assert.deepEqual([renewalWindow, askAgainAt, askNotBefore], [undefined, undefined, undefined]);
    assert.deepEqual(Object.keys(plain({ a: 1, b: undefined, c: null })), ["a", "c"], "and the state has no undefined");
  });

  it("is revoked with the reason codes of RFC 5280", () => {
    const codes = [...Object.values(Revocation), undefined].map((each) => revocationCode(each));
    assert.deepEqual(codes, [undefined, 0, 1, 4, 5, undefined]);
  });

  it("is named in messages by its first name", () => {
    assert.deepEqual(
      [[], ["a"], ["a", "b"], ["a", "b", "c"]].map((names) => subject(names)),
      ["certificate of no name", "certificate of a", "certificate of a and 1 more", "certificate of a and 2 more"],
    );
  });

  it("has the machine's clock, and tells the user what it prints on standard error", () => {
    const printed: unknown[] = [];
    const { error } = console;
    console.error = (...args: unknown[]) => printed.push(...args);
    try {
      standardRuntime.say("renewed");
    } finally {
      console.error = error;
    }
    assert.deepEqual(printed, ["renewed"]);
    assert.ok(Math.abs(standardRuntime.now().getTime() - Date.now()) < 60_000);
  });
});
