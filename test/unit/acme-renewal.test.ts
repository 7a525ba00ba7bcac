import assert from "node:assert/strict";
import type { ChainState } from "../../components/acme/data";
import { decide } from "../../components/acme/diff";
import { clockFault, planRenewal, type RenewalFacts, unkeptHours } from "../../components/chain/renewal";
import { issued, kept, refreshed } from "../../components/acme/state";
import { plainInputs } from "../support/simulated-ca";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2027, 0, 1);
const at = (days: number): string => new Date(START + days * DAY).toISOString();
const clock = (days: number): Date => new Date(START + days * DAY);
const facts = (days: number, more: Partial<RenewalFacts> = {}): RenewalFacts => ({
  notBefore: at(0),
  notAfter: at(days),
  fingerprintSha256: "f",
  ...more,
});
const PAST = { start: at(-2), end: at(-1) };
const USUAL = { start: at(59), end: at(61) };

/** The state after the issuance of a certificate of 90 days. */
function fresh(window = USUAL, renewBeforeHours?: number, replaced?: ChainState): ChainState {
  const parts = { chainPem: "", leafPem: "", issuerPem: "", serialNumber: "", accountUrl: "" };
  const validity = { notBefore: at(0), notAfter: at(90), fingerprintSha256: "f" };
  const known = { ...plainInputs(renewBeforeHours), ...parts, ...validity };
  return issued(known, { renewalWindow: window }, clock(0), replaced);
}

const isDue = (state: ChainState, days: number): boolean =>
  decide(state, plainInputs(state.renewBeforeHours), clock(days)).reissue !== undefined;

describe("the time of renewal", () => {
  it("is said with its reason", () => {
    const plans: [RenewalFacts, string, string][] = [
      [facts(90), at(60), "two thirds of its lifetime of 90 days"],
      [facts(90, { renewBeforeHours: 24 }), at(89), "24 hours before its end, as set"],
      [
        facts(90, { renewBeforeHours: 3000 }),
        at(30),
        "a third of its lifetime of 90 days, the earliest, instead of 3000 hours before its end, as set",
      ],
      [
        facts(90, { window: { ...PAST, explanationUrl: "https://ca.example.test/why" } }),
        at(30),
        "a third of its lifetime of 90 days, the earliest, instead of within the CA's window from 2026-12-30T00:00:00Z to " +
          "2026-12-31T00:00:00Z; see https://ca.example.test/why",
      ],
      [
        facts(90, { issuedAt: at(60) }),
        at(70),
        "a third of the 30 days that it had left when it came, the earliest, instead of two thirds of its lifetime of " +
          "90 days",
      ],
    ];
    for (const [of, moment, reason] of plans) {
      assert.deepEqual(planRenewal(of), { renewAt: moment.replace(".000", ""), renewReason: reason });
    }
  });

  it("is told where what is set can't be kept, with what can", () => {
    assert.equal(unkeptHours(facts(90)), undefined);
    assert.equal(unkeptHours(facts(90, { renewBeforeHours: 60 * 24 })), undefined);
    assert.equal(
      unkeptHours(facts(90, { renewBeforeHours: 60 * 24 + 1 })),
      "renewBeforeHours 1441 is too long for a certificate of 90 days: it is renewed from 2027-01-31T00:00:00Z on, not " +
        "before; set 1440 at most, or leave it out",
    );
    assert.match(
      unkeptHours(facts(1 / 288, { renewBeforeHours: 1 })) ?? "",
      /of 5 minutes: .*, not before; leave it out$/,
    );
  });

  it("is told with the clock of a machine on which the certificate is not valid", () => {
    const clockAt = (days: number): string | undefined => clockFault(facts(90, { issuedAt: at(days) }));
    assert.deepEqual([clockAt(0), clockAt(0.05), clockAt(89), clockAt(-0.003)], Array(4).fill(undefined));
    assert.match(
      clockAt(-1) ?? "",
      /clock said 2026-12-31T00:00:00Z when .* is good from 2027-01-01\S+ on only; set the/,
    );
    assert.match(clockAt(91) ?? "", /is good until 2027-04-01\S+ only; set the clock$/);
  });

  it("goes by the certificate's own times once a clock that was ahead has been set back", () => {
    const state = { ...fresh(), issuedAt: at(80) };
    assert.equal(isDue(state, 79), true);
    assert.equal(isDue(state, 81), false);
  });
});

describe("a certificate that the CA has called back", () => {
  const revoked = (now: number) => ({ renewalWindow: { start: at(now - 1 / 24), end: at(now - 1 / 48) } });
  const calledBack = (state: ChainState, now: number): ChainState => refreshed(state, revoked(now), clock(now));

  it("is due at once, whatever is set", () => {
    for (const hours of [undefined, 24, 87_600]) {
      for (const day of [0.01, 1, 20]) {
        const before = fresh(USUAL, hours);
        assert.equal(isDue(before, day), false);
        const state = calledBack(before, day);
        assert.equal(isDue(state, day), true, `${hours} hours, day ${day}`);
        assert.match(state.renewReason, /^the CA has called it back, with a window from /);
        assert.equal(isDue(kept(state, plainInputs(hours)), day), true, "it stays so after a run that could not renew");
      }
    }
  });

  it("is due at the time that the CA names, where that is to come", () => {
    const window = { start: at(10), end: at(11) };
    const state = refreshed(fresh(), { renewalWindow: window }, clock(5));
    assert.deepEqual([isDue(state, 9), isDue(state, 11)], [false, true]);
  });

  it("is not due any more when the CA takes its word back", () => {
    const state = refreshed(calledBack(fresh(), 1), { renewalWindow: USUAL }, clock(2));
    assert.deepEqual([state.recalled, isDue(state, 2)], [undefined, false]);
  });

  it("is none where the CA has said the same from the start, or nothing of use", () => {
    const windows = [PAST, { start: at(0), end: at(0) }, { start: "soon", end: "later" }, { start: at(2), end: at(1) }];
    for (const renewalWindow of windows) {
      const state = refreshed(fresh(renewalWindow), { renewalWindow }, clock(1));
      assert.equal(isDue(state, 1), false, JSON.stringify(renewalWindow));
    }
  });

  it("is replaced at once twice in a row, then after a day, then after two", () => {
    let state = fresh();
    const waits: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      const next = calledBack(state, 0.01);
      waits.push([0.01, 1, 2, 4, 8, 16, 29.9, 30].findIndex((day) => isDue(next, day)));
      state = fresh(USUAL, undefined, next);
    }
    assert.deepEqual(waits, [0, 0, 1, 2, 3, 4, 5, 7]);
    assert.equal(
      fresh(USUAL, undefined, fresh()).recalls,
      undefined,
      "the count ends with one that is not called back",
    );
  });
});
