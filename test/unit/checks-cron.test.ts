import assert from "node:assert/strict";
import { cronFault } from "../../components/checks/cron";
import { cronSchedule } from "../../components/checks/kubernetes";

function right(...all: string[]): void {
  for (const schedule of all) assert.equal(cronSchedule(schedule), undefined, schedule);
}

/** Schedules with a fault in the field of this name. */
function wrong(field: string, ...all: string[]): void {
  for (const schedule of all)
    assert.match(cronFault(schedule) ?? "nothing", new RegExp(`^the ${field} is \\d`), schedule);
}

describe("a schedule", () => {
  it("has five fields", () => {
    right("0 4 * * 0", "* * * * *", "? ? ? ? ?", "  0  4 * *\t0 ");
    for (const schedule of ["", "0 4 * *", "0 0 4 * * 0", "@daily", "TZ=UTC 0 4 * * 0"]) {
      assert.equal(cronFault(schedule), "", schedule);
      assert.equal(cronSchedule(schedule)?.expected, "five fields of cron, such as 0 4 * * 0");
    }
  });

  it("has each field in its range, both ends of it too", () => {
    right("0 0 1 1 0", "59 23 31 12 6", "05 04 03 02 01");
    wrong("minute", "60 4 * * 0", "-1 4 * * 0", "1.5 4 * * 0", "1e1 4 * * 0", " x 4 * * 0", "005 4 * * 0");
    wrong("hour", "0 24 * * 0", "0 4h * * 0", "0 04:00 * * 0");
    wrong("day of the month", "0 4 0 * *", "0 4 32 * *", "0 4 sun * *", "0 4 L * *");
    wrong("month", "0 4 * 0 *", "0 4 * 13 *", "0 4 * sun *");
    wrong("day of the week", "0 4 * * 7", "0 4 * * jan", "0 4 * * sunday", "0 4 * * 1#2");
    assert.equal(cronSchedule("0 24 * * 0")?.expected, "five fields of cron, such as 0 4 * * 0 (the hour is 0-23)");
    assert.match(cronFault("60 24 * * 0") ?? "", /^the minute is 0-59$/, "the first fault is told");
  });

  it("takes names of months and days, in any case", () => {
    right("0 4 * jan *", "0 4 * JAN-Dec *", "0 4 * * sun", "0 4 * * Mon-Fri", "0 4 * * sun,wed,6");
    wrong("day of the week", "0 4 * * fri-mon");
    wrong("month", "0 4 * dec-jan *");
  });

  it("takes ranges and lists", () => {
    right("0-59 0-23 1-31 1-12 0-6", "5-5 * * * *", "0,15,30-45 1,2 * * *", "1,1 * * * *");
    wrong("minute", "5-4 * * * *", "5- * * * *", "-5 * * * *", "1-2-3 * * * *", "50-60 * * * *", "*-5 * * * *");
    wrong("minute", "1,,2 * * * *", ",1 * * * *", "1, * * * *", "1;2 * * * *");
  });

  it("takes steps from 1 on, of a range and of all from a number on", () => {
    right("*/5 * * * *", "0-30/10 * * * *", "5/15 * * * *", "?/2 * * * *", "*/1 */2 */3 */4 */5", "*/90 * * * *");
    right("0 4 * jan/3 *", "0,*/20 * * * *");
    wrong("minute", "*/0 * * * *", "*/ * * * *", "*/-1 * * * *", "*/x * * * *", "/5 * * * *", "*/5/2 * * * *");
    wrong("minute", "*/1.5 * * * *", "*/1.0 * * * *", "*/1e1 * * * *", "*/0x5 * * * *", "*/+5 * * * *");
  });

  it("has a day that comes", () => {
    for (const schedule of ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 31 apr ?", "0 0 30-31 feb *"])
      assert.equal(cronFault(schedule), "that day never comes", schedule);
    right("0 0 29 2 *", "0 0 31 1,2 *", "0 0 31 4/3 *", "0 0 1-31 2 *", "0 0 */30 2 *", "0 0 31 * *");
    right("0 0 31 2 1", "0 0 30 2 0-6");
    assert.match(cronSchedule("0 0 30 2 *")?.expected ?? "", /\(that day never comes\)$/);
  });
});
