import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Checker } from "../../components/checks/checker";
import { cronFault } from "../../components/checks/cron";
import { nearest } from "../../components/checks/nearest";
import { omitUndefined } from "../../components/checks/omit-undefined";
import { from } from "../../components/checks/origin";
import { hidden } from "../../components/checks/problems";
import { bothOrNeither, withoutEffect } from "../../components/checks/relations";
import { asciiName, hostName } from "../../components/checks/rules";
import * as shared from "../../components/checks/shared";
import {
  anything,
  defaultsOf,
  flag,
  formerly,
  list,
  map,
  plain,
  rows,
  table,
  text,
  wholeNumber,
} from "../../components/checks/value";
import { judged } from "../support/judged";

describe("a name's ASCII form", () => {
  it("is lower case, and empty for a text that Node would make a name of", () => {
    const names = ["Registry.Example.com", "bücher.example", "a", "faß.example", "xn--bcher-kva.example"];
    assert.deepEqual(names.map(asciiName), [
      ...["registry.example.com", "xn--bcher-kva.example", "a", "xn--fa-hia.example", "xn--bcher-kva.example"],
    ]);
    const others = ["a b", "a\n", "a%2e", "a/b", "a\\b", "a?b", "a#b", "a@b", "a:1", "[a", "a]", "a\u0085", 7, null];
    for (const other of [...others, undefined, ["a"]]) assert.equal(asciiName(other), "", String(other));
  });
});

describe("a host name under which others reach something", () => {
  const longest = `${`${"a".repeat(49)}.`.repeat(5)}abc`;

  it("has two labels or more, and nothing else", () => {
    for (const name of ["registry.example.com", "REGISTRY.example.com", "a.b", "bücher.example", longest]) {
      assert.equal(hostName(name), undefined, name);
    }
    const expected = "a host name such as registry.example.com, without scheme, port or path";
    const wrong = [
      "",
      "registry",
      "a.b.",
      "a..b",
      ".a.b",
      "-a.b",
      "192.0.2.1",
      "2001:db8::1",
      "https://a.b",
      "a.b:5000",
    ];
    const more = ["a.b/c", "a b.c", "a.b\n", "a%2eb.c", "a@b.c", "a.b?c", "a.b#c", "a\\b.c", "[a.b]", `${longest}d`];
    for (const name of [...wrong, ...more]) assert.deepEqual(hostName(name), { expected }, name);
  });
});

describe("a schedule's names and days", () => {
  it("are the twelve months and the seven days, in their order", () => {
    const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    const never = ["feb", "apr", "jun", "sep", "nov"];
    for (const month of months) {
      const fault = never.includes(month) ? "that day never comes" : undefined;
      assert.equal(cronFault(`0 0 31 ${month} *`), fault, month);
    }
    const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    days.forEach((day, number) => {
      assert.equal(cronFault(`0 0 * * ${day}-${number},${number}-${day}`), undefined, day);
    });
  });

  it("are not looked at where a day of the week is enough", () => {
    for (const week of ["0,*", "*/2", "*,1", "?/3"]) assert.equal(cronFault(`0 0 30 2 ${week}`), undefined, week);
    for (const week of ["*", "?", "*/1", "?/1"]) assert.match(cronFault(`0 0 30 2 ${week}`) ?? "", /never comes/, week);
  });
});

describe("the nearest word", () => {
  it("is the one with the fewest letters that differ, wherever it stands, up to a third of them or two", () => {
    for (const known of [
      ["abcdxy", "abcdeg", "bbcdxy"],
      ["abcdeg", "abcdxy"],
      ["abcdxy", "abcdeg"],
    ]) {
      assert.equal(nearest("abcdef", known), "abcdeg");
    }
    assert.deepEqual(
      [nearest("abcdefghi", ["abcdefxyz"]), nearest("abcdefghi", ["abcdewxyz"])],
      ["abcdefxyz", undefined],
    );
    assert.deepEqual([nearest("abc", ["abcde"]), nearest("abc", ["abcdef"])], ["abcde", undefined]);
    assert.deepEqual([nearest("abcde", ["abc"]), nearest("abcdefgh", ["abcd"])], ["abc", undefined]);
    assert.deepEqual([nearest("ab", ["cd"]), nearest("ab", ["cde"])], ["cd", undefined]);
  });
});

describe("two settings", () => {
  it("that go together are told by the one that is missing", () => {
    const problem = (name: string, other: string) => ({
      ...{ property: `proxy.${name}`, expected: `set, since ${other} is`, got: "nothing" },
      advice: "give both, or neither",
    });
    const pair = ["user", "password"] as const;
    assert.deepEqual(bothOrNeither("proxy", { user: "a" }, pair), problem("password", "user"));
    assert.deepEqual(bothOrNeither("proxy", { password: "a" }, pair), problem("user", "password"));
  });

  it("of which one does nothing without the other are told, unless it says no", () => {
    const what = { missing: "metrics", advice: "set metrics" };
    const given = { rules: true, board: false, labels: {}, hours: 0 };
    const problem = { expected: "left out without metrics", got: "a setting", advice: "set metrics" };
    assert.deepEqual(withoutEffect("monitoring", given, ["rules", "board", "labels", "hours", "else"], what), [
      { ...problem, property: "monitoring.rules" },
      { ...problem, property: "monitoring.hours" },
    ]);
    assert.deepEqual(withoutEffect("monitoring", undefined, ["rules"], what), []);
  });
});

describe("what to do about a value", () => {
  it("of the wrong kind is to write it otherwise only where that makes it right", () => {
    const [number, yes, numbers] = [
      wholeNumber({ min: -9 }),
      flag({}),
      list(wholeNumber({ min: 1 }), { of: "numbers" }),
    ];
    const advice = (value: Parameters<typeof judged>[0], given: unknown): string =>
      (judged(value, given)[0] ?? "").split("; ")[1] ?? "nothing";
    for (const given of ["5", "-5", "15"]) assert.equal(advice(number, given), "write it without quotes, as a number");
    for (const given of ["x5", "5x", "", "1.5", ["5"], true]) assert.match(advice(number, given), /^correct it/);
    for (const given of ["true", "false"]) assert.equal(advice(yes, given), "write it without quotes");
    for (const given of ["not true", "falsey", 1, ["true"]]) assert.match(advice(yes, given), /^correct it/);
    for (const given of ["5", "true"]) assert.match(advice(numbers, given), /^correct it/);
    assert.equal(judged(text({}), {})[0], "it must be a text, got {}; correct it, or leave it out");
    const users = rows({ password: text({ secret: true }) }, { of: "users" });
    assert.match(judged(users, 42)[0] ?? "", /^it must be a list of users, got 42;/);
  });

  it("is said for a size, for anything and for former members", () => {
    const sized = (options: { min?: number; max?: number }, given: number): string =>
      judged(list(text({}), { of: "texts", ...options }), Array<string>(given).fill("a"))[0] ?? "fine";
    assert.equal(
      sized({ max: 2 }, 3),
      "it must be a list of texts, 2 at most, got one of 3; correct it, or leave it out",
    );
    assert.match(sized({ min: 1, max: 2 }, 3), /^it must be a list of texts, 1-2, got one of 3;/);
    assert.match(sized({ min: 1 }, 0), /^it must be a list of texts, at least one, got an empty one;/);
    assert.match(sized({ min: 2 }, 1), /^it must be a list of texts, at least 2, got one of 1;/);
    const late = pulumi.output(1);
    assert.match(judged(plain(anything({})), late)[0] ?? "", /^it must be a value, not an output, got an output;/);
    const old = formerly({ gone: "it is in b now" }, table({ a: text({}) }));
    const both: [Parameters<typeof judged>[0], unknown][] = [
      [old, { gone: 1 }],
      [formerly({ gone: "it is in b now" }, rows({ a: text({}) }, { of: "rows" })), [{ gone: 1 }]],
    ];
    for (const [value, given] of both) assert.match(judged(value, given)[0] ?? "", /gone must .*; it is in b now$/);
    assert.deepEqual(judged(old, { a: "b" }), []);
    assert.deepEqual(defaultsOf({ a: text({ default: "b" }), c: flag({}) }), { a: "b", c: undefined });
  });

  it("is the same for the settings that several components have", () => {
    const said = (value: Parameters<typeof judged>[0], given: unknown): string => judged(value, given)[0] ?? "fine";
    assert.equal(said(shared.REGISTRY_NODE_PORT, 0), "it must be 1-65535, got 0; leave it out to use 30299");
    assert.equal(said(shared.UI_NODE_PORT, 65536), "it must be 1-65535, got 65536; leave it out to use 30949");
    assert.match(said(shared.UI_HOST, "ui"), /^it must be a host name such as .*; leave it out to use no UI$/);
    assert.match(said(shared.UI_PATH, "ui"), /^it must be a path such as .*; leave it out to use \/$/);
    const labels = map(shared.LABELS);
    assert.match(said(labels, { "-": "b" }), /^it must be names of 63 letters/);
    assert.match(said(labels, { a: "-" }), /^it\.a must be 63 letters.*; correct the label$/);
  });
});

describe("a checker's small print", () => {
  it("tells of arguments that are no table, and goes on past a list that is none", () => {
    const checker = new Checker("Thing", {});
    assert.deepEqual(checker.read({ a: text({}) }, 5), { a: undefined });
    assert.deepEqual(checker.read({ all: rows({ a: text({}) }, { of: "rows" }) }, { all: "x" }), { all: [] });
    assert.throws(() => checker.done(), {
      message:
        "Thing: 2 settings are not right\n  - the arguments must be a table, got 5; correct it\n" +
        '  - all must be a list of rows, got "x"; correct it, or leave it out',
    });
  });

  it("believes what another component hands over, which has been judged there", () => {
    const args = { size: 0 };
    const members = { size: wholeNumber({ min: 1 }) };
    const checked = (given: object): Checker => {
      const checker = new Checker("Thing", given);
      checker.read(members, given);
      return checker;
    };
    assert.throws(() => checked({ ...args }).done(), /size must be a whole number from 1 on, got 0/);
    checked(from({ subject: "Whole", places: { size: "thing.size" } }, args)).done();
  });

  it("shows no secret, and leaves out what is undefined", () => {
    const problem = { property: "a", expected: "b", got: "hunter2", advice: "c" };
    assert.deepEqual([hidden(problem, true), hidden(problem, false)], [{ ...problem, got: "a secret" }, problem]);
    assert.deepEqual([hidden(undefined, true), hidden(undefined, false)], [undefined, undefined]);
    assert.deepEqual(Object.keys(omitUndefined({ a: 1, b: undefined, c: null, d: false })), ["a", "c", "d"]);
  });
});
