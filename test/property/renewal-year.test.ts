import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { RenewalWindow } from "../../components/chain/renewal";
import { type Asked, DAY, HOUR, simulateYear, type Year } from "../support/simulated-ca";

const iso = (time: number): string => new Date(time).toISOString();
const between = (start: number, end: number): RenewalWindow => ({ start: iso(start), end: iso(end) });
const share = ({ start, end }: Asked, part: number): number => start + (end - start) * part;

const LIFETIMES: Record<string, number> = {
  "5 minutes": 5 * 60_000,
  "24 hours": DAY,
  "160 hours": 160 * HOUR,
  "45 days": 45 * DAY,
  "64 days": 64 * DAY,
  "90 days": 90 * DAY,
  "1 year": 365 * DAY,
  "10 years": 3650 * DAY,
};

const WINDOWS: Record<string, Year["window"]> = {
  none: () => undefined,
  "as Let's Encrypt's": (asked) => between(share(asked, 0.66), share(asked, 0.68)),
  "half, as for short ones": (asked) => between(share(asked, 0.49), share(asked, 0.51)),
  "past at each question": ({ now }) => between(now - 2 * DAY, now - DAY),
  "past by an hour": ({ now }) => between(now - HOUR, now - HOUR / 2),
  "of 2020": () => between(Date.UTC(2020, 0, 1), Date.UTC(2020, 0, 2)),
  "up to its start": ({ start }) => between(start - DAY, start),
  "from its start": ({ start }) => between(start, start + HOUR),
  "now to the end": ({ now, end }) => between(now, end),
  "without a length": ({ now }) => between(now - HOUR, now - HOUR),
  "upside down": ({ now }) => between(now, now - HOUR),
  "no dates": () => ({ start: "soon", end: "later" }),
  empty: () => ({}) as RenewalWindow,
  "after the end": ({ end }) => between(end + DAY, end + 2 * DAY),
  "over the end": (asked) => between(share(asked, 0.7), share(asked, 2)),
};

const HOURS: Record<string, (lifetime: number) => number | undefined> = {
  unset: () => undefined,
  "30": () => 30,
  "just below": (lifetime) => lifetime / HOUR - 1,
  equal: (lifetime) => lifetime / HOUR,
  "87600": () => 87_600,
};

/**
 * The stated bound for an `up` a day: one, and one for each third of the time that a certificate has left when it
 * comes.
 */
function most(lifetime: number, { backdated = HOUR } = {}): number {
  const left = lifetime > backdated ? lifetime - backdated : lifetime;
  return 1 + Math.min(366, Math.floor(365 / Math.ceil(left / 3 / DAY)));
}

describe("the orders of a year with an up a day", function () {
  this.timeout(60_000);

  for (const [life, lifetime] of Object.entries(LIFETIMES)) {
    it(`with certificates of ${life} are ${most(lifetime)} at most, whatever is set and said, and none ends between`, () => {
      const counts = new Map<string, number>();
      for (const [kind, window] of Object.entries(WINDOWS)) {
        for (const [set, hours] of Object.entries(HOURS)) {
          for (const refresh of [false, true]) {
            const year = { lifetime, window, refresh, renewBeforeHours: hours(lifetime) };
            const { orders, ended, days } = simulateYear(year as Year);
            const what = `window ${kind}, renewBeforeHours ${set}, ${refresh ? "refreshed" : "not refreshed"}`;
            assert.ok(orders <= most(lifetime), `${what}: ${orders} orders, on the days ${days.join(" ")}`);
            if (lifetime >= 2 * DAY) assert.deepEqual(ended, [], what);
            if (lifetime >= 2 * DAY) assert.ok((days[1] ?? 400) > 0, `${what}: due right after the first`);
            counts.set(set, Math.max(counts.get(set) ?? 0, orders));
          }
        }
      }
      const found = [...counts].map(([set, orders]) => `${set}: ${orders}`).join(", ");
      console.log(`      ${life}: ${most(lifetime)} at most; the most by renewBeforeHours ${found}`);
    });
  }

  it("are those that the runbook names", () => {
    const page = readFileSync(join(__dirname, "../../docs/runbooks/renewal-fails.md"), "utf8");
    const rows = [...page.matchAll(/^\| (\d+) (days|hours) +\| (\d+) +\| (\d+) +\|$/gm)];
    assert.equal(rows.length, 5);
    for (const [row, count, unit, alone, bound] of rows) {
      const lifetime = Number(count) * (unit === "days" ? DAY : HOUR);
      const { orders } = simulateYear({ lifetime, window: () => undefined, refresh: false });
      assert.deepEqual([orders, most(lifetime)], [Number(alone), Number(bound)], row);
    }
  });

  it("stay below five in any week, Let's Encrypt's limit for the same names, for lifetimes from six days on", () => {
    for (const lifetime of Object.values(LIFETIMES).filter((each) => each > 6 * DAY)) {
      for (const window of Object.values(WINDOWS)) {
        const { days } = simulateYear({ lifetime, window, refresh: true, renewBeforeHours: 87_600 });
        const busiest = Math.max(...days.map((day) => days.filter((other) => other >= day && other < day + 7).length));
        assert.ok(busiest < 5, `${busiest} in a week`);
      }
    }
  });

  it("are few more from a CA that calls back each certificate once it is out", () => {
    for (const [life, lifetime] of Object.entries(LIFETIMES).slice(2)) {
      const window = (asked: Asked): RenewalWindow =>
        asked.first ? between(share(asked, 0.6), share(asked, 0.7)) : between(asked.now - HOUR, asked.now - HOUR / 2);
      for (const renewBeforeHours of [undefined, 24]) {
        const year = { lifetime, window, refresh: true, ...(renewBeforeHours ? { renewBeforeHours } : {}) };
        const { orders, days } = simulateYear(year);
        assert.ok(orders <= most(lifetime) + 10, `${life}: ${orders} orders, on the days ${days.join(" ")}`);
        const busiest = Math.max(...days.map((day) => days.filter((other) => other >= day && other < day + 7).length));
        assert.ok(busiest <= 5, `${life}: ${busiest} in a week`);
        console.log(`      ${life}: ${orders} if each is called back`);
      }
    }
  });

  it("are bounded, and none ends, on a clock that is days before or after the CA's", () => {
    for (const lifetime of [160 * HOUR, 45 * DAY, 90 * DAY]) {
      for (const part of [-2, -0.9, -0.5, -0.1, 0.1, 0.4, 1, 1.5, 4]) {
        // A window that moves on at each question is overtaken at its last moment, which a wrong clock misses.
        for (const [kind, window] of Object.entries(WINDOWS).filter(([each]) => each !== "now to the end")) {
          const ahead = part * lifetime;
          const { orders, ended } = simulateYear({ lifetime, window, refresh: true, ahead });
          const what = `${lifetime / DAY} days, clock ahead by ${ahead / DAY} days, window ${kind}`;
          const left = ahead > 0 && ahead < lifetime ? lifetime - ahead : lifetime;
          assert.ok(orders <= most(left), `${what}: ${orders} orders`);
          assert.deepEqual(ended, [], what);
        }
      }
    }
  });

  it("are bounded for certificates that are old when they come", () => {
    const [lifetime, backdated] = [90 * DAY, 70 * DAY];
    const { orders, ended } = simulateYear({ lifetime, backdated, window: () => undefined, refresh: false });
    assert.ok(orders <= most(lifetime, { backdated }), `${orders} orders`);
    assert.deepEqual(ended, []);
  });

  it("are bounded for any lifetime, window and setting", () => {
    const window = fc.record({
      from: fc.double({ min: -3, max: 3, noNaN: true }),
      length: fc.double({ min: -0.5, max: 2, noNaN: true }),
      moving: fc.boolean(),
    });
    const hours = fc.option(fc.double({ min: 24, max: 100_000, noNaN: true }), { nil: undefined });
    fc.assert(
      fc.property(fc.integer({ min: 49, max: 20_000 }), window, hours, fc.boolean(), (life, said, set, refresh) => {
        const lifetime = life * HOUR;
        const { orders, days } = simulateYear({
          lifetime,
          refresh,
          window: ({ start, now }) => {
            const from = (said.moving ? now : start) + said.from * lifetime;
            return between(from, from + said.length * lifetime);
          },
          ...(set === undefined ? {} : { renewBeforeHours: set }),
        });
        assert.ok(orders <= most(lifetime), `${orders} orders, on the days ${days.join(" ")}`);
      }),
      { numRuns: 200 },
    );
  });
});
