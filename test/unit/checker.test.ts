import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Checker, type Column } from "../../components/checks/checker";
import {
  flag,
  inputRows,
  list,
  manyRows,
  map,
  optionalTable,
  plain,
  rows,
  table,
  text,
  wholeNumber,
} from "../../components/checks/value";
import { isSecret, underMocks, UNKNOWN, valueOf } from "../../rig/pulumi/mocks";

const digit = wholeNumber({ min: 1, max: 9, advice: "give a digit" });
const MEMBERS = {
  host: text({ required: true }),
  size: wholeNumber({ min: 1, max: 9, default: 3 }),
  note: text({}),
  kind: plain(flag({ default: true })),
  names: list(text({ max: 3 }), { of: "names" }),
  labels: map({ name: () => undefined, each: text({ max: 3 }) }),
  ssh: table({ user: text({ default: "root" }), key: text({ max: 3, secret: true }) }),
  proxy: optionalTable({ url: text({ required: true }), hours: wholeNumber({ min: 1, default: 24 }) }, {}),
  gateways: rows({ address: text({ required: true }), port: wholeNumber({ min: 1, default: 22 }) }, { of: "hosts" }),
  users: manyRows<{ name: pulumi.Input<string> }, { of: string }>({ name: text({ required: true }) }, { of: "users" }),
  taints: inputRows<{ key?: pulumi.Input<string> }>({ key: text({ max: 3 }) }, { of: "taints" }),
};

/** What is said when everything is known; fails if nothing is. */
async function said(late: pulumi.Output<unknown> | undefined): Promise<string> {
  assert.ok(late);
  const error: unknown = await valueOf(late).then(
    () => assert.fail("nothing was wrong"),
    (reason: unknown) => reason,
  );
  assert.ok(pulumi.RunError.isInstance(error), String(error));
  return error.message;
}

const read = (args: object) => {
  const checker = new Checker('Thing "it"', args);
  return { checker, input: checker.read(MEMBERS, { host: "a", ...args }) };
};
const later = <T>(value: T): pulumi.Output<T> => pulumi.output<unknown>(value) as pulumi.Output<T>;

describe("a checker", () => {
  it("hands arguments back with defaults, as outputs where they may be", async () => {
    const { input, checker } = read({ proxy: { url: "u" }, gateways: [{ address: "b" }], users: [{ name: "c" }] });
    checker.done();
    assert.deepEqual([await valueOf(input.host), await valueOf(input.size)], ["a", 3]);
    assert.deepEqual([input.kind, input.note, input.names], [true, undefined, undefined]);
    assert.deepEqual(await valueOf(input.labels), {});
    assert.deepEqual([await valueOf(input.ssh.user), input.ssh.key], ["root", undefined]);
    assert.ok(input.proxy);
    assert.deepEqual([await valueOf(input.proxy.url), await valueOf(input.proxy.hours)], ["u", 24]);
    assert.equal(await valueOf(input.gateways[0]?.port as pulumi.Output<number>), 22);
    assert.deepEqual(input.users, [{ name: "c" }], "a long list is handed on as it is");
  });

  it("takes null and an empty table for nothing", async () => {
    const { input, checker } = read({ size: null, ssh: {}, proxy: {}, labels: null, gateways: null, kind: null });
    checker.done();
    assert.equal(await valueOf(input.size), 3);
    assert.equal(await valueOf(input.ssh.user), "root");
    assert.deepEqual([input.proxy, input.gateways, input.kind], [undefined, [], true]);
    assert.deepEqual(await valueOf(input.labels), {});
  });

  it("marks what is secret, whether it was marked or not, and nothing else", async () => {
    const { input } = read({ ssh: { key: "abc" }, size: pulumi.secret(2), note: "x" });
    const all = [input.ssh.key, input.size, input.note, input.ssh.user] as pulumi.Output<unknown>[];
    assert.deepEqual(await Promise.all(all.map(isSecret)), [true, true, false, false]);
  });

  it("throws all that is known to be wrong together, as an error without a stack trace", () => {
    const { checker } = read({ host: "", size: 0, gateways: [{}, { address: "b", port: 0 }], nam: 1 });
    checker.add(undefined);
    checker.add({ property: "both", expected: "one", got: "two", advice: "leave one out" });
    assert.throws(
      () => checker.done(),
      (error: Error) => {
        assert.ok(pulumi.RunError.isInstance(error));
        const [first, ...lines] = error.message.split("\n");
        assert.equal(first, 'Thing "it": 6 settings are not right');
        assert.deepEqual(
          lines.map((line) => line.split(" ")[3]),
          ["nam", "host", "size", "gateways[0]", "gateways[1].port", "both"],
        );
        return true;
      },
    );
  });

  it("names what is missing even where there is nothing at all", () => {
    for (const args of [{}, undefined]) {
      const checker = new Checker("Thing", {});
      checker.read({ host: MEMBERS.host }, args);
      assert.throws(() => checker.done(), /(host|the arguments) must be set, got nothing/);
    }
  });

  it("judges in a preview what is known there", async () => {
    const preview = (size: unknown) =>
      underMocks(() => read({ size: later(size) }).input.size, { preview: true }).then(({ result }) => valueOf(result));
    assert.equal(await preview(pulumi.unknown), UNKNOWN);
    await assert.rejects(preview(10), /- size must be 1-9, got 10/);
  });

  it("judges what is late when it is known, under its path", async () => {
    const { checker, input } = read({
      size: later(10),
      names: ["abc", later("long")],
      labels: later({ "a.b": "long" }),
      gateways: [{ address: later("") }],
      proxy: { url: "u", hours: Promise.resolve(0) },
      taints: [{ key: later("long") }],
      note: later(5),
    });
    checker.done();
    const line = (rest: string): string => `Thing "it": 1 setting is not right\n  - ${rest}`;
    const long = 'a text of 1-3 characters without control characters, got "long"';
    assert.equal(await said(input.size), line("size must be 1-9, got 10; leave it out to use 3"));
    assert.equal(await said(input.names), line(`names[1] must be ${long}; correct it`));
    assert.match(await said(input.labels), /- labels\["a\.b"\] must be a text of 1-3 characters/);
    assert.match(await said(input.gateways[0]?.address), /- gateways\[0\]\.address must be a text of/);
    assert.match(await said(input.proxy?.hours), /- proxy\.hours must be a whole number from 1 on, got 0; .* use 24/);
    assert.match(await said(input.taints), /- taints\[0\]\.key must be a text of 1-3/);
    assert.match(await said(input.note), /- note must be a text, got 5; write it in quotes/);
  });

  it("says all that is wrong with one late value, and lets a right one through", async () => {
    assert.match(await said(read({ names: later(["long", "abc", ""]) }).input.names), /2 settings[^]*\[0\][^]*\[2\]/);
    assert.equal(await valueOf(read({ size: later(4) }).input.size), 4);
  });

  it("shows no secret that comes late, whoever marked it", async () => {
    for (const late of [
      read({ ssh: { key: later("hunter2") } }).input.ssh.key,
      read({ note: pulumi.secret("hunter2\n") }).input.note,
      read({ names: [pulumi.secret("hunter2")] }).input.names,
      read({ labels: { a: pulumi.secret("hunter2") } }).input.labels,
      read({ taints: pulumi.secret([{ key: "hunter2" }]) }).input.taints,
    ]) {
      const message = await said(late);
      assert.match(message, /got a secret;/);
      assert.ok(!message.includes("hunter2"), message);
    }
  });

  it("finds what concerns several late values, and is told whether one is a secret", async () => {
    const find = (sum: number, secret: boolean) => [
      undefined,
      sum > 9
        ? { property: "sum", expected: "1-9", got: secret ? "a secret" : String(sum), advice: "less" }
        : undefined,
    ];
    const checker = new Checker("Thing", {});
    assert.equal(await valueOf(checker.late(later(9), find)), 9);
    assert.match(await said(checker.late(later(10), find)), /- sum must be 1-9, got 10; less$/);
    assert.match(await said(checker.late(pulumi.secret(10), find)), /got a secret;/);
    assert.match(await said(checker.late(later(10), find, { secret: true })), /got a secret;/);
    assert.ok(await isSecret(checker.late(later(1), find, { secret: true })));
  });
});

describe("many values checked together", () => {
  const column = (values: pulumi.Input<number>[]): Column<number>[] =>
    values.map((given, index) => ({ property: `list[${index}]`, given, value: digit }));
  const checker = new Checker("A test", {});

  it("come back as one output in their order, a secret if one is or that is asked", async () => {
    const all = [
      checker.column(column([3, pulumi.output(1), 2])),
      checker.column(column([3, pulumi.secret(1)])),
      checker.column(column([3, 1]), true),
      checker.column(column([])),
    ];
    assert.deepEqual(await Promise.all(all.map(valueOf)), [[3, 1, 2], [3, 1], [3, 1], []]);
    assert.deepEqual(await Promise.all(all.map(isSecret)), [false, true, true, false]);
  });

  it("that are late are judged when they are known, with all that is wrong; plain ones have been by then", async () => {
    const message = await said(checker.column(column([0, pulumi.output(10), 5, pulumi.output(11)])));
    assert.match(
      message,
      /2 settings are not right\n {2}- list\[1\] .* got 10; give a digit\n {2}- list\[3\] .* got 11;/,
    );
    assert.doesNotMatch(message, /list\[0\]/);
  });

  it("are not shown where they are secret", async () => {
    assert.match(await said(checker.column(column([pulumi.output(77)]), true)), /list\[0\] must be 1-9, got a secret/);
    assert.match(await said(checker.column(column([pulumi.secret(77)]))), /got a secret/);
  });
});
