import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { hasLate, isGiven, isTable } from "../../components/checks/judge";
import { nearest } from "../../components/checks/nearest";
import { memberPath, report, sentence, shown } from "../../components/checks/problems";
import { bothOrNeither, givenOf } from "../../components/checks/relations";
import {
  flag,
  inputRows,
  list,
  map,
  optionalTable,
  plain,
  rows,
  table,
  text,
  type Value,
  wholeNumber,
} from "../../components/checks/value";
import { judged } from "../support/judged";

const never = { rule: () => ({ expected: "otherwise" }) };

describe("a member that nothing knows", () => {
  const ROOT: Value = {
    kind: "table",
    expected: "a table",
    members: {
      host: text({}),
      registry: table({ replicas: wholeNumber({ min: 1 }), size: wholeNumber({ min: 1 }) }),
      ui: table({ size: wholeNumber({ min: 1 }), inner: optionalTable({ title: text({}) }, {}) }),
      users: rows({ name: text({}), role: text({}) }, { of: "users" }),
      labels: map({ name: () => undefined, each: text({}) }),
    },
    moved: { gateway: "its members are in nginx now", toString: "it is gone" },
  };
  const said = (given: object): string => {
    const all = judged(ROOT, given, ROOT);
    assert.equal(all.length, 1, all.join("\n"));
    return (all[0] ?? "").replace(" must be a setting that exists, got an unknown one;", ":");
  };

  it("is told with the nearest name beside it, if one is near", () => {
    assert.equal(said({ hots: "a" }), "hots: did you mean host? Rename it, or remove it");
    assert.equal(said({ HOST: "a" }), "HOST: did you mean host? Rename it, or remove it");
    assert.equal(
      said({ registry: { replica: 2 } }),
      "registry.replica: did you mean registry.replicas? Rename it, or remove it",
    );
    assert.equal(
      said({ users: [{ name: "a" }, { nam: "b" }] }),
      "users[1].nam: did you mean users[1].name? Rename it, or remove it",
    );
  });

  it("is told with the one place where that name is, however deep", () => {
    assert.equal(said({ replicas: 2 }), "replicas: did you mean registry.replicas? Rename it, or remove it");
    assert.equal(said({ title: "a" }), "title: did you mean ui.inner.title? Rename it, or remove it");
    assert.equal(
      said({ registry: { title: "a" } }),
      "registry.title: did you mean ui.inner.title? Rename it, or remove it",
    );
  });

  it("is told without a place where there are two of that name, or none", () => {
    assert.equal(said({ size: 1 }), "size: remove it");
    assert.equal(said({ somethingElse: 1 }), "somethingElse: remove it");
    assert.equal(said({ ui: { somethingElse: { a: "b" } } }), "ui.somethingElse: remove it");
  });

  it("is told with where it went, if that is known, only at the place where it was", () => {
    assert.equal(said({ gateway: {} }), "gateway: its members are in nginx now");
    assert.equal(said({ registry: { gateway: {} } }), "registry.gateway: remove it");
    assert.equal(said({ constructor: 1 }), "constructor: remove it");
    assert.equal(said({ toString: 1 }), "toString: it is gone");
  });

  it("is told beside all else that is wrong, and is nothing where it is undefined", () => {
    assert.deepEqual(judged(ROOT, { nothing: undefined }, ROOT), []);
    assert.equal(judged(ROOT, { a1: 1, host: 1, ui: { b2: 2 }, users: [{ c3: 3 }] }, ROOT).length, 4);
  });

  it("is nearest by letters: a third of them may differ", () => {
    assert.equal(nearest("registryhost", ["registryHost", "uiHost"]), "registryHost");
    assert.equal(nearest("certifcate", ["certificate", "users"]), "certificate");
    assert.equal(nearest("kubernetes", ["certificate", "users"]), undefined);
    assert.equal(nearest("x", []), undefined);
  });
});

describe("a path", () => {
  it("is in the form that pulumi config set --path takes, with names of dots in quotes", () => {
    assert.equal(memberPath("", "users"), "users");
    assert.equal(memberPath("a.b[0]", "c"), "a.b[0].c");
    assert.equal(memberPath("labels", "a.b/c"), 'labels["a.b/c"]');
    assert.equal(memberPath("", "a.b"), '["a.b"]');
    assert.equal(memberPath("labels", 'say "x"'), 'labels["say \\"x\\""]');
    assert.equal(memberPath("labels", ""), 'labels[""]');
    assert.equal(memberPath("labels", "a-b"), "labels.a-b");
  });
});

describe("what is known only later", () => {
  const later = (): pulumi.Output<never> => pulumi.output("bad") as never;

  it("is passed over, and all around it is judged", () => {
    const value = table({ a: text(never), b: text(never), c: list(text(never), { of: "texts" }) });
    assert.deepEqual(judged(value, { a: later(), b: Promise.resolve("bad"), c: later() }), []);
    assert.deepEqual(
      judged(value, { a: later(), b: "bad", c: [later(), "bad"] }).map((each) => each.split(" ")[0]),
      ["it.b", "it.c[1]"],
    );
    assert.deepEqual(judged(inputRows({ a: text({ required: true }) }, { of: "tables" }), [later()]), []);
  });

  it("is refused where it has to be known at once", () => {
    assert.deepEqual(judged(plain(flag({ default: true })), later()), [
      "it must be true or false, not an output, got an output; leave it out to use true",
    ]);
    for (const value of [
      table({ a: text({}) }),
      optionalTable({ a: text({}) }, {}),
      rows({ a: text({}) }, { of: "x" }),
    ])
      assert.match(judged(value, later()).join(), /^it must be a .*, not an output, got an output;/);
    assert.match(judged(rows({ a: text({}) }, { of: "x" }), [later()]).join(), /^it\[0\] must be .* not an output/);
  });

  it("is found in all parts of a value", () => {
    for (const value of [later(), Promise.resolve(1), [1, later()], { a: { b: [later()] } }]) assert.ok(hasLate(value));
    for (const value of [undefined, null, 1, "a", [], {}, { a: [1, null] }]) assert.ok(!hasLate(value));
    assert.ok(!isTable(later()) && !isTable([]) && !isTable(null) && isTable({}));
    assert.ok(isGiven(later()) && isGiven(0) && isGiven("") && isGiven([]) && isGiven({ a: 1 }));
    assert.ok(!isGiven(undefined) && !isGiven(null) && !isGiven({}));
  });
});

describe("a secret", () => {
  const password = text({ ...never, secret: true });
  const none = (value: Value, given: unknown): string => {
    const all = judged(value, given).join("\n");
    assert.notEqual(all, "");
    assert.ok(!all.includes("hunter2"), all);
    return all;
  };

  it("is never shown, of whatever kind it is", () => {
    assert.equal(none(password, "hunter2"), "it must be otherwise, got a secret; correct it, or leave it out");
    assert.match(none(text({ secret: true }), 42), /got a secret; write it in quotes/);
    assert.match(none(text({ secret: true }), ["hunter2"]), /got a secret;/);
    assert.match(
      none(map({ name: () => undefined, each: text(never), secret: true }), { a: "hunter2" }),
      /^it\.a .*a secret/,
    );
    assert.match(none(map({ name: () => undefined, each: text({}), secret: true }), "hunter2"), /got a secret;/);
    assert.match(none(list(text(never), { of: "keys", secret: true }), ["hunter2"]), /^it\[0\] .* got a secret;/);
  });

  it("is not shown either where a text stands in the place of what holds it", () => {
    const users = rows({ name: text({}), password }, { of: "users" });
    assert.match(none(users, "hunter2"), /^it must be a list of users, got a text;/);
    assert.match(none(users, ["ci:hunter2"]), /^it\[0\] must be a table of name, password, got a text;/);
    assert.match(none(table({ inner: optionalTable({ password }, {}) }), "hunter2"), /got a text;/);
    assert.match(
      none(table({ keys: map({ name: () => undefined, each: password }) }), { keys: "hunter2" }),
      /got a text;/,
    );
    assert.match(
      none({ ...table({ inner: table({ a: text(never) }) }), secret: true }, { inner: { a: "hunter2" } }),
      /secret/,
    );
  });
});

describe("a problem", () => {
  it("shows a value as JSON, cut at 80 characters, and names what can't be JSON", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    for (const [value, text] of [
      ["a\nb", '"a\\nb"'],
      [[1, { a: true }], '[1,{"a":true}]'],
      [undefined, "nothing"],
      [null, "nothing"],
      [NaN, "NaN"],
      [5n, "5"],
      [() => 1, "a function"],
      [circle, "an object in a circle"],
      ["x".repeat(78), `"${"x".repeat(78)}"`],
      ["x".repeat(79), `"${"x".repeat(76)}...`],
    ] as const)
      assert.equal(shown(value), text);
  });

  it("is a line, and several are counted", () => {
    const problem = { property: "a.b", expected: "1-9", got: "0", advice: "leave it out" };
    assert.equal(sentence(problem), "a.b must be 1-9, got 0; leave it out");
    assert.equal(report("It", [problem]), "It: 1 setting is not right\n  - a.b must be 1-9, got 0; leave it out");
    assert.match(report("It", [problem, problem]), /^It: 2 settings are not right(\n {2}- [^\n]+){2}$/);
  });

  it("of two that go together is with the one that is missing", () => {
    const pair = ["user", "password"] as const;
    for (const both of [{}, null, undefined, { user: "a", password: "b" }, { user: null }])
      assert.equal(bothOrNeither("proxy", both, pair), undefined);
    const { property, expected } = bothOrNeither("proxy", { user: "a" }, pair) ?? {};
    assert.deepEqual([property, expected], ["proxy.password", "set, since user is"]);
    assert.equal(bothOrNeither("proxy", { password: "a", user: null }, pair)?.property, "proxy.user");
    assert.deepEqual(givenOf({ s3: {}, gcs: { bucket: "b" }, azure: null }, ["s3", "gcs", "azure"]), ["gcs"]);
    assert.deepEqual(givenOf(undefined, ["s3"]), []);
  });
});
