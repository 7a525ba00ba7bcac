import assert from "node:assert/strict";
import {
  anything,
  flag,
  list,
  manyRows,
  map,
  oneOf,
  optionalTable,
  rows,
  table,
  text,
  type Value,
  wholeNumber,
} from "../../components/checks/value";
import { matches } from "../../components/checks/rules";
import { judged } from "../support/judged";

enum Speed {
  Slow = "slow",
  Fast = "fast",
}
enum Color {
  Red = "red",
  Green = "green",
  Blue = "blue",
}

/** The one thing that is said of a value. */
function said(value: Value, given: unknown): string {
  const all = judged(value, given);
  assert.equal(all.length, 1, all.join("\n"));
  return all[0] ?? "";
}

function fine(value: Value, ...all: unknown[]): void {
  for (const given of all) assert.deepEqual(judged(value, given), []);
}

describe("a value of the kind", () => {
  it("text has 1-256 characters on one line, or what its rule allows", () => {
    fine(text({}), "a", "é".repeat(256), "a b");
    for (const given of ["", "a".repeat(257), "a\nb", "\u0000", "\u007f"])
      assert.match(said(text({}), given), /^it must be a text of 1-256 characters without control characters, got /);
    assert.match(said(text({ max: 3 }), "abcd"), /a text of 1-3 characters without control characters, got "abcd"/);
    const digits = text({ rule: matches("digits", /^\d+$/) });
    fine(digits, "1".repeat(300));
    assert.equal(said(digits, "x"), 'it must be digits, got "x"; correct it, or leave it out');
  });

  it("text is no number and no boolean: those want quotes", () => {
    for (const given of [1, true])
      assert.equal(said(text({}), given), `it must be a text, got ${given}; write it in quotes, as a text`);
    assert.equal(said(text({}), ["a"]), 'it must be a text, got ["a"]; correct it, or leave it out');
    assert.match(said(text({}), { a: 1 }), /got \{"a":1\};/);
  });

  it("whole number is in its range, both ends of it too", () => {
    const port = wholeNumber({ min: 1, max: 9, default: 5 });
    fine(port, 1, 9);
    for (const given of [0, 10, 1.5, -1, Infinity, NaN, 2 ** 53])
      assert.equal(said(port, given), `it must be 1-9, got ${given}; leave it out to use 5`);
    assert.equal(said(port, "5"), 'it must be 1-9, got "5"; write it without quotes, as a number');
    assert.equal(said(port, "five"), 'it must be 1-9, got "five"; leave it out to use 5');
    fine(wholeNumber({ min: 3 }), 3, Number.MAX_SAFE_INTEGER);
    assert.match(said(wholeNumber({ min: 3 }), 2), /^it must be a whole number from 3 on, got 2;/);
  });

  it("boolean is true or false, and no word for it", () => {
    fine(flag({}), true, false);
    assert.match(
      said(flag({ default: false }), "true"),
      /^it must be true or false, got "true"; write it without quotes$/,
    );
    for (const given of ["yes", 1, 0])
      assert.match(
        said(flag({ default: false }), given),
        /^it must be true or false, got .*; leave it out to use false$/,
      );
  });

  it("choice is one of an enum's values, letter by letter", () => {
    fine(oneOf(Speed, {}), "slow", Speed.Fast);
    assert.match(said(oneOf(Speed, {}), "Slow"), /^it must be slow or fast, got "Slow";/);
    assert.match(said(oneOf(Color, {}), "pink"), /^it must be one of red, green, blue, got "pink";/);
    assert.match(said(oneOf(Color, {}), "toString"), /^it must be one of/);
  });

  it("list has elements of one kind, each under its place, as many as its bounds say", () => {
    const names = list(text({ max: 2 }), { of: "names", min: 1, max: 3 });
    fine(names, ["a"], ["a", "b", "cc"]);
    assert.match(said(names, []), /^it must be a list of names, 1-3, got an empty one;/);
    assert.match(said(names, ["a", "b", "c", "d"]), /^it must be a list of names, 1-3, got one of 4;/);
    assert.match(said(names, "a"), /^it must be a list of names, 1-3, got "a";/);
    assert.match(said(names, { a: 1 }), /^it must be a list of names, 1-3, got a table;/);
    assert.match(said(list(text({}), { of: "names" }), 1), /^it must be a list of names, got 1;/);
    assert.match(said(list(text({}), { of: "names", min: 1 }), []), /^it must be a list of names, at least one,/);
    assert.match(
      said(list(text({}), { of: "names", min: 2 }), ["a"]),
      /^it must be a list of names, at least 2, got one/,
    );
    assert.deepEqual(
      judged(names, ["abc", "", "b"]).map((each) => each.split(" ")[0]),
      ["it[0]", "it[1]"],
    );
    for (const nothing of [undefined, null])
      assert.match(said(names, ["a", nothing]), /^it\[1\] must be set, got nothing;/, "a list has no holes");
  });

  it("map has names by one rule and texts by another, each under its name", () => {
    const labels = map({ name: matches("a-z, dots and slashes", /^[a-z./]+$/), each: text({ max: 2 }) });
    fine(labels, {}, { a: "b", "a.b/c": "d" }, { a: undefined });
    assert.match(said(labels, { A: "b" }), /^it must be names of a-z, dots and slashes, got the name "A";/);
    assert.match(said(labels, { "a.b/c": "long" }), /^it\["a\.b\/c"\] must be a text of 1-2 characters/);
    assert.match(said(labels, { a: 1 }), /^it\.a must be a text, got 1; write it in quotes, as a text$/);
    assert.match(said(labels, { a: null }), /^it\.a must be set, got nothing;/);
    assert.match(
      said(labels, ["a"]),
      /^it must be a table of names with a text each, such as NAME: "text", got a list;/,
    );
    assert.match(said(labels, "a=b"), /got "a=b";/);
  });

  it("table has the members that it says, each under its name", () => {
    const point = table({ x: wholeNumber({ min: 0 }), y: wholeNumber({ min: 0 }) });
    fine(point, {}, { x: 1 }, { x: 1, y: 2 });
    assert.match(said(point, 5), /^it must be a table of x, y, got 5;/);
    assert.match(said(point, [1, 2]), /^it must be a table of x, y, got a list;/);
    assert.deepEqual(
      judged(point, { x: -1, y: "a" }).map((each) => each.split(" ")[0]),
      ["it.x", "it.y"],
    );
  });

  it("list of tables has tables, each under its place", () => {
    for (const value of [
      rows({ name: text({ required: true }) }, { of: "users", min: 1 }),
      manyRows<{ name: string }, { of: string; min: number }>(
        { name: text({ required: true }) },
        { of: "users", min: 1 },
      ),
    ]) {
      fine(value, [{ name: "a" }]);
      assert.match(said(value, []), /^it must be a list of users, at least one, got an empty one;/);
      assert.match(said(value, [{ name: "a" }, "b"]), /^it\[1\] must be a table of name, got "b";/);
      assert.match(said(value, [{ name: "" }]), /^it\[0\]\.name must be a text of/);
      assert.match(said(value, [{}]), /^it\[0\] must be set, got nothing;/);
      assert.match(said(value, [{ name: null }]), /^it\[0\]\.name must be set, got nothing;/);
    }
  });

  it("anything is not judged", () => {
    fine(anything({}), 1, "a", [{}], { a: { b: null } });
  });
});

describe("what to do about a wrong value", () => {
  const rule = (): { expected: string } => ({ expected: "b" });

  it("is what the value or its rule says, or else to leave it out, where that is possible", () => {
    const advice = (value: Value): string => said(value, "a").split("; ")[1] ?? "";
    assert.equal(advice(text({ rule })), "correct it, or leave it out");
    assert.equal(advice(text({ rule, required: true })), "correct it");
    assert.equal(advice(text({ rule, default: "x" })), "leave it out to use x");
    assert.equal(advice(text({ rule, default: "" })), "leave it out to use none");
    assert.equal(advice(text({ rule, without: "the CA's own" })), "leave it out to use the CA's own");
    assert.equal(advice(text({ rule, default: "x", advice: "look there" })), "look there");
    assert.equal(advice(text({ rule: () => ({ expected: "b", advice: "look here" }), advice: "there" })), "look here");
    assert.equal(said(text({ rule: () => ({ expected: "b", got: "c" }) }), "a").includes("got c;"), true);
  });

  it("is to give it where it is missing and required; null is nothing, too", () => {
    for (const nothing of [undefined, null]) {
      assert.equal(
        said(text({ required: true, advice: "give one" }), nothing),
        "it must be set, got nothing; give one",
      );
      fine(text({}), nothing);
      fine(wholeNumber({ min: 1, default: 2 }), nothing);
      fine(list(text({}), { of: "names", min: 1 }), nothing);
    }
  });

  it("is so for tables: an empty one switches nothing on, and is missing where one is required", () => {
    const members = { key: text({ required: true }), size: wholeNumber({ min: 1, default: 3 }) };
    fine(optionalTable(members, {}), undefined, null, {});
    assert.match(said(optionalTable(members, {}), { size: 1 }), /^it\.key must be set, got nothing; correct it$/);
    for (const nothing of [undefined, null, {}])
      assert.equal(
        said(optionalTable(members, { required: true, advice: "give a key" }), nothing),
        "it must be set, got nothing; give a key",
      );
    assert.match(said(table(members), {}), /^it\.key must be set/, "a table that is always there is judged");
  });
});
