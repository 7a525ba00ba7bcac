import assert from "node:assert/strict";
import * as fc from "fast-check";
import { callsBack, planRenewal, type RenewalFacts, unkeptHours } from "../../components/chain/renewal";

const HOUR = 3_600_000;
const START = Date.UTC(2027, 0, 1);
const at = (hours: number): string => new Date(START + hours * HOUR).toISOString();

const hours = fc.integer({ min: -100, max: 3000 });
const span = fc.tuple(hours, hours).map(([start, end]) => ({ start: at(start), end: at(end) }));
const facts = fc.record({
  notBefore: fc.constant(at(0)),
  notAfter: fc.integer({ min: 1, max: 2200 }).map(at),
  fingerprintSha256: fc.string(),
  window: fc.option(span, { nil: undefined }),
  renewBeforeHours: fc.option(fc.integer({ min: 0, max: 3000 }), { nil: undefined }),
  recalled: fc.option(fc.constant(true), { nil: undefined }),
  recalls: fc.option(fc.nat(10), { nil: undefined }),
  issuedAt: fc.constant(at(0)),
});
const behind = fc.integer({ min: 0, max: 500 });
const seconds = (time: string): number => Date.parse(time) / 1000;

/** The same, seen by a clock that is behind the CA's. */
function seen(of: RenewalFacts, by: number): RenewalFacts {
  return { ...of, issuedAt: at(-by) };
}

describe("a clock that is behind the CA's", () => {
  it("has everything happen at the same moments, as it counts them", () => {
    fc.assert(
      fc.property(facts, span, hours, behind, (of, window, now, by) => {
        const [plan, shifted] = [planRenewal(of), planRenewal(seen(of, by))];
        assert.equal(seconds(shifted.renewAt), seconds(plan.renewAt) - by * 3600);
        assert.equal(shifted.renewReason, plan.renewReason);
        const clock = (moment: number): Date => new Date(START + moment * HOUR);
        assert.equal(callsBack(seen(of, by), window, clock(now - by)), callsBack(of, window, clock(now)));
        const advice = (text: string | undefined): string | undefined => text?.replace(/renewed from \S+ /, "");
        assert.equal(advice(unkeptHours(seen(of, by))), advice(unkeptHours(of)));
      }),
    );
  });
});
