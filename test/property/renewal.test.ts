import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { decide } from "../../components/acme/diff";
import type { ChainState } from "../../components/acme/data";
import { isDue, planRenewal, type RenewalFacts } from "../../components/chain/renewal";
import { plainInputs as inputs } from "../support/simulated-ca";

const HOUR = 3_600_000;
const TEN_YEARS = 10 * 365 * 24;

const moment = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2060, 0) });
const lifetime = fc.integer({ min: 3600, max: TEN_YEARS * 3600 }).map((seconds) => seconds * 1000);
const fingerprint = fc.string({ minLength: 64, maxLength: 64, unit: fc.constantFrom(..."0123456789abcdef") });
const seconds = (time: number): number => Math.floor(time / 1000) * 1000;
const iso = (time: number): string => new Date(time).toISOString();

const facts = fc
  .record({ start: moment, life: lifetime, fingerprint })
  .map(({ start, life, fingerprint: fingerprintSha256 }): RenewalFacts => ({
    notBefore: iso(seconds(start)),
    notAfter: iso(seconds(start) + life),
    fingerprintSha256,
  }));

function span(of: RenewalFacts): { start: number; end: number; life: number } {
  const start = Date.parse(of.notBefore);
  const end = Date.parse(of.notAfter);
  return { start, end, life: end - start };
}

describe("the time of renewal, for any lifetime from 1 hour to 10 years", () => {
  it("is at two thirds of the lifetime, to the second, where nothing else is said", () => {
    fc.assert(
      fc.property(facts, (of) => {
        const { start, end, life } = span(of);
        const at = Date.parse(planRenewal(of).renewAt);
        assert.ok(Math.abs(at - (start + (life * 2) / 3)) <= 1000);
        assert.ok(at > start && at < end);
      }),
    );
  });

  it("lies in the CA's window as far as that is past a third of the lifetime, and always at the same moment of it for the same certificate", () => {
    fc.assert(
      fc.property(
        facts,
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        fc.integer({ min: 2, max: 1000 }),
        (of, at, hours) => {
          const { start, end, life } = span(of);
          const from = start + Math.floor(life * at);
          const window = { start: iso(from), end: iso(from + hours * HOUR) };
          const { renewAt } = planRenewal({ ...of, window });
          const third = start + Math.floor(life / 3);
          assert.ok(Date.parse(renewAt) >= Math.max(from, third) - 1000);
          assert.ok(Date.parse(renewAt) <= Math.max(third, Math.min(end, from + hours * HOUR)));
          assert.ok(Date.parse(renewAt) < end);
          assert.equal(planRenewal({ ...of, window }).renewAt, renewAt);
        },
      ),
    );
  });

  it("is spread over the window for different certificates", () => {
    const window = { start: "2026-01-01T00:00:00Z", end: "2026-01-11T00:00:00Z" };
    const days = Array.from({ length: 1000 }, (_, index) => {
      const of = { notBefore: "2025-11-01T00:00:00Z", notAfter: "2026-02-01T00:00:00Z", fingerprintSha256: `${index}` };
      return new Date(planRenewal({ ...of, window }).renewAt).getUTCDate();
    });
    for (let day = 1; day <= 10; day += 1) {
      const count = days.filter((each) => each === day).length;
      assert.ok(count > 60 && count < 140, `${count} of 1000 on day ${day}`);
    }
  });

  it("is two thirds again when the window is upside down or past the end", () => {
    fc.assert(
      fc.property(facts, fc.integer({ min: 0, max: 1000 }), (of, hours) => {
        const { end } = span(of);
        const plain = planRenewal(of);
        const upsideDown = { start: iso(end), end: iso(end - hours * HOUR) };
        const late = { start: iso(end), end: iso(end + hours * HOUR) };
        assert.deepEqual(planRenewal({ ...of, window: upsideDown }), plain);
        assert.deepEqual(planRenewal({ ...of, window: late }), plain);
      }),
    );
  });

  it("is the set number of hours before the end, whatever the CA says, but not before a third of the lifetime", () => {
    fc.assert(
      fc.property(facts, fc.integer({ min: 1, max: TEN_YEARS }), (of, renewBeforeHours) => {
        const { start, end, life } = span(of);
        const window = { start: iso(start), end: iso(start + HOUR) };
        const { renewAt } = planRenewal({ ...of, window, renewBeforeHours });
        const third = seconds(start + Math.floor(life / 3));
        assert.equal(Date.parse(renewAt), Math.max(end - renewBeforeHours * HOUR, third));
      }),
    );
  });

  it("once come stays come, and before it nothing is due, on any clock", () => {
    fc.assert(
      fc.property(facts, moment, (of, now) => {
        const { renewAt } = planRenewal(of);
        assert.equal(isDue(renewAt, new Date(now)), now >= Date.parse(renewAt));
      }),
    );
  });
});

describe("the decision, on any clock", () => {
  it("is no change before the time of renewal and a renewal in place after it", () => {
    fc.assert(
      fc.property(facts, moment, (of, now) => {
        const state = { ...inputs(), ...of, ...planRenewal(of) } as ChainState;
        const { changes, replaces, reissue } = decide(state, inputs(), new Date(now));
        const due = now >= Date.parse(state.renewAt);
        assert.deepEqual([changes, replaces, reissue !== undefined], [due, [], due]);
      }),
    );
  });

  it("after a renewal is no change", () => {
    fc.assert(
      fc.property(facts, fc.double({ min: 0, max: 0.6, noNaN: true }), (of, passed) => {
        const { start, life } = span(of);
        const state = { ...inputs(), ...of, ...planRenewal(of) } as ChainState;
        assert.equal(decide(state, inputs(), new Date(start + life * passed)).changes, false);
      }),
    );
  });
});
