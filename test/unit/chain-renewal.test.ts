import assert from "node:assert/strict";
import { callsBack, clockFault, planRenewal, type RenewalFacts, unkeptHours } from "../../components/chain/renewal";
import { duration, iso } from "../../components/chain/time";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2027, 0, 1);
const at = (days: number): string => iso(START + days * DAY);
const facts = (days: number, more: Partial<RenewalFacts> = {}): RenewalFacts => ({
  notBefore: at(0),
  notAfter: at(days),
  fingerprintSha256: "f",
  ...more,
});
const window = (start: number, end: number) => ({ start: at(start), end: at(end) });

/** The first and the last moment, in days, that certificates of different fingerprints get. */
function range(of: RenewalFacts): [first: number, last: number] {
  const days = Array.from({ length: 2000 }, (_, index) => {
    const { renewAt } = planRenewal({ ...of, fingerprintSha256: String(index) });
    return (Date.parse(renewAt) - START) / DAY;
  });
  return [Math.min(...days), Math.max(...days)];
}

describe("the time of renewal, at its bounds", () => {
  it("is what is set or suggested up to the very floor, and from there on the floor", () => {
    const reasons: [RenewalFacts, string, string][] = [
      [facts(90, { renewBeforeHours: 60 * 24 }), at(30), "1440 hours before its end, as set"],
      [facts(90, { renewBeforeHours: 0 }), at(60), "two thirds of its lifetime of 90 days"],
      [facts(90, { window: window(50, 50) }), at(60), "two thirds of its lifetime of 90 days"],
      [facts(90, { window: window(85.5, 86) }), at(60), "two thirds of its lifetime of 90 days"],
    ];
    for (const [of, renewAt, renewReason] of reasons) assert.deepEqual(planRenewal(of), { renewAt, renewReason });
  });

  it("is a third of what was left, or of the lifetime where hardly anything had passed or the clock is wrong", () => {
    const reason = (issuedAt: number): [string, string] => {
      const { renewAt, renewReason } = planRenewal(facts(100, { issuedAt: at(issuedAt), renewBeforeHours: 3000 }));
      return [renewAt, renewReason.split(", the earliest")[0] ?? ""];
    };
    assert.deepEqual(reason(4), [at(36), "a third of its lifetime of 100 days"]);
    assert.deepEqual(reason(5), [
      iso(START + 5 * DAY + (95 * DAY) / 3),
      "a third of the 95 days that it had left when it came",
    ]);
    for (const after of [100, 101]) {
      assert.deepEqual(reason(after), [
        iso(START + after * DAY + (100 * DAY) / 3),
        "a third of its lifetime of 100 days",
      ]);
    }
  });

  it("keeps off the last hours of a window that reaches to the end, and off the last quarter of a short life", () => {
    const [first, last] = range(facts(90, { window: window(80, 100) }));
    assert.ok(first >= 80 && first < 80.1 && last < 88.75 && last > 88.65, `${first} to ${last}`);
    const [, early] = range(facts(1, { window: window(0.4, 1) }));
    assert.ok(early < 0.75 && early > 0.74, `${early}`);
  });

  it("of a certificate that was called back is in that window, unless it is due before anyway", () => {
    const [first, last] = range(facts(90, { recalled: true, window: window(5, 7) }));
    assert.ok(first >= 5 && first < 5.1 && last < 7 && last > 6.9, `${first} to ${last}`);
    const { renewReason } = planRenewal(facts(90, { recalled: true, window: window(59, 61) }));
    assert.match(renewReason, /^within the CA's window from 2027-03-01T00:00:00Z to 2027-03-03T00:00:00Z$/);
    const set = { renewBeforeHours: 50 * 24, recalled: true, window: window(70, 71) };
    assert.deepEqual(planRenewal(facts(90, set)), {
      renewAt: at(40),
      renewReason: "1200 hours before its end, as set",
    });
  });

  it("of one of many that were called back in a row waits for the floor at most", () => {
    const called = { renewBeforeHours: 24, recalled: true, window: window(-2, -1) };
    const after = [1, 2, 5, 6, 7, 8, 20].map((recalls) => planRenewal(facts(90, { ...called, recalls })).renewAt);
    assert.deepEqual(after, [at(0), at(1), at(8), at(16), at(30), at(30), at(30)]);
  });

  it("that can't be kept is told with the most that can", () => {
    const text = unkeptHours(facts(1.5 / 24, { renewBeforeHours: 2 }));
    assert.match(text ?? "", /; set 1 at most, or leave it out$/);
    assert.equal(unkeptHours(facts(90, { renewBeforeHours: 0 })), undefined);
  });

  it("goes by a clock that is five minutes behind without a word, and by none on which the certificate has ended", () => {
    const clockAt = (moment: number): string | undefined => clockFault(facts(90, { issuedAt: iso(START + moment) }));
    assert.equal(clockAt(-5 * 60_000), undefined);
    assert.match(clockAt(-5 * 60_000 - 1000) ?? "", / is good from 2027-01-01T00:00:00Z on only; set the clock$/);
    assert.equal(clockAt(90 * DAY - 1000), undefined);
    assert.match(clockAt(90 * DAY) ?? "", / is good until 2027-04-01T00:00:00Z only; set the clock$/);
  });
});

describe("a call back", () => {
  const asked = (before: Partial<RenewalFacts>, told: ReturnType<typeof window> | undefined): boolean =>
    callsBack(facts(90, before), told, new Date(START + 40 * DAY));

  it("is a window before the floor that was not there from the start", () => {
    const answers: [Partial<RenewalFacts>, ReturnType<typeof window> | undefined, boolean][] = [
      [{}, undefined, false],
      [{}, window(29, 31), true],
      [{}, window(30, 31), false],
      [{ window: window(59, 61) }, window(1, 2), true],
      [{ window: window(1, 2) }, window(1, 2), false],
      [{ window: window(1, 2) }, window(0, 1), false],
      [{ window: window(1, 2) }, window(-1, 0.9), true],
    ];
    for (const [before, told, is] of answers) assert.equal(asked(before, told), is, JSON.stringify([before, told]));
  });

  it("stands until the CA names a time to come", () => {
    const told = [window(1, 2), window(39, 50), window(40, 50), window(40.1, 50), undefined];
    const before = { recalled: true, window: window(1, 2) };
    assert.deepEqual(
      told.map((each) => asked(before, each)),
      [true, true, true, false, false],
    );
    const early = callsBack(facts(90, before), window(20, 21), new Date(START + 10 * DAY));
    assert.equal(early, true, "a time before the floor is a call, though it is to come");
  });
});

describe("a span of time", () => {
  it("is told in minutes below 2 hours, in hours below 14 days, and in days", () => {
    const minutes = [0, 0.4, 1, 2, 119, 119.6, 120, 150, 335 * 60, 336 * 60, 90 * 1440];
    assert.deepEqual(
      minutes.map((each) => duration(each * 60_000)),
      ["0 minutes", "0 minutes", "1 minute", "2 minutes", "119 minutes"].concat([
        "2 hours",
        "2 hours",
        "3 hours",
        "335 hours",
        "14 days",
        "90 days",
      ]),
    );
  });
});
