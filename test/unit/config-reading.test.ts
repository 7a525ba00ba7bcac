import assert from "node:assert/strict";
import { flag, list, map, table, text, type Value, wholeNumber } from "../../components/checks/value";
import { inTheOpen } from "../../config/in-the-open";
import { read, secretsIn, valueAt } from "../../config/read";
import { OWN } from "../../config/stack";
import { judged } from "../support/judged";

const number = wholeNumber({ min: -99 });
const ROOT = table({
  name: text({}),
  size: number,
  sizes: list(number, { of: "sizes" }),
  on: flag({}),
  labels: map({ name: () => undefined, each: text({ secret: true }) }),
  users: list(table({ password: text({ secret: true }) }), { of: "users" }),
});

describe("a value of a stack's file", () => {
  it("becomes what is meant, and stays as it is where that can't be told", () => {
    const rows: [Value, unknown, unknown][] = [
      [number, "12", 12],
      [number, "-5", -5],
      [number, "7", 7],
      [number, 5, 5],
      [number, "", undefined],
      [text({}), "", ""],
      [text({}), "12", "12"],
      [text({}), 12, "12"],
      [text({}), true, "true"],
      [text({}), ["a"], ["a"]],
      [text({}), null, null],
      [flag({}), "true", true],
      [flag({}), "yes", "yes"],
      [list(number, { of: "sizes" }), [1], [1]],
      [list(number, { of: "sizes" }), '["1", 2]', [1, 2]],
      [
        ROOT,
        { size: "5", name: 7, else: "8", labels: { a: 1 } },
        { size: 5, name: "7", else: "8", labels: { a: "1" } },
      ],
      [ROOT, '{"sizes":["5"]}', { sizes: [5] }],
      [ROOT, [{ size: "5" }], [{ size: "5" }]],
    ];
    for (const given of ["1e3", "x5", "5x", " 5", "1.5", "0x10", "-"]) rows.push([number, given, given]);
    for (const [value, given, expected] of rows) assert.deepEqual(read(value, given), expected, JSON.stringify(given));
  });

  it("is changed in a copy, and only where it has to be", () => {
    const given = Object.freeze({ size: "5", on: "true", labels: Object.freeze({ a: 1 }) });
    assert.deepEqual(read(ROOT, given), { size: 5, on: true, labels: { a: "1" } });
    assert.deepEqual(given, { size: "5", on: "true", labels: { a: 1 } });
    const right = { size: 5, labels: { a: "b" } };
    assert.equal(read(ROOT, right), right);
  });

  it("is a secret at every depth if its member is one, unless it is empty", () => {
    const given = { name: "open", labels: { a: "one", b: "" }, users: [{ password: "two" }, { password: 3 }, null] };
    assert.deepEqual(secretsIn(ROOT, { ...given, else: "x" }), [
      { way: ["labels", "a"], text: "one" },
      { way: ["users", 0, "password"], text: "two" },
    ]);
  });

  it("is found by its path, names with dots and quotes too", () => {
    const { labels, users } = ROOT.members ?? {};
    for (const path of ["labels.a", 'labels["a.b"]', 'labels["say \\"x\\""]', 'labels["]"]', 'labels["a[0]"]']) {
      assert.equal(valueAt(ROOT, path), labels?.each, path);
    }
    assert.equal(valueAt(ROOT, "users[1].password"), users?.each?.members?.["password"]);
    assert.deepEqual([valueAt(ROOT, ""), valueAt(ROOT, "no.such[0].path")], [ROOT, undefined]);
  });

  it("of the stack's own is what kubectl uses if it is left out", () => {
    assert.match(judged(OWN.kubeconfig, 5)[0] ?? "", /got a secret; write it in quotes, as a text$/);
    assert.match(judged(OWN.kubeContext, "")[0] ?? "", /; leave it out to use its current one$/);
    assert.equal(OWN.kubeconfig.without, "what kubectl uses");
  });
});

describe("a secret in the open", () => {
  const open = (lines: string, secret: string, encrypted = true, way: string[] = ["key"]): number =>
    inTheOpen([{ way, text: secret }], "p", { text: lines, encrypted: () => encrypted }).length;

  it("is found in a line that looks like an encrypted one, and behind one", () => {
    assert.equal(
      open("config:\n  p:key: my secure: word\n".replace("my secure: word", '"my secure: word"'), "my secure: word"),
      1,
    );
    assert.equal(open("config: {p:other: {\n  secure: v1:a}, p:key: word}\n", "word"), 1);
    assert.equal(open("config:\n  p:key:\n    secure: v1:word\n", "word"), 0);
  });

  it("is found as a number or truth that is written in a different way", () => {
    const numbers = {
      ...{ "0x10": "16", "1.50": "1.5", "12.250": "12.25", "1_000": "1000", "1e3": "1000", "-0x10": "-16" },
      ...{ "1e30": "1e+30", "0.1e-9": "1e-10", "1.5e30": "1.5E+30", True: "true", FALSE: "false" },
    };
    for (const [written, secret] of Object.entries(numbers))
      assert.equal(open(`config:\n  p:key: ${written}\n`, secret), 1, written);
  });

  it("is found with marks at its ends and in its middle, and over several lines", () => {
    for (const secret of [" word", "word:", "a,b", "{a}", "[a: b]", "it's", "two  words"]) {
      assert.equal(open(`config:\n  p:key: ${JSON.stringify(secret)}\n`, secret), 1, secret);
    }
    assert.equal(open("config:\n  p:key: |\n    one\n    two\n", "one\ntwo\n"), 1);
  });

  it("is told once, where the engine knows it too, and is none where the file has nothing at its place", () => {
    assert.equal(open("config:\n  p:key: word\n", "word", false), 1);
    for (const text of [
      "config:\n  p:key:\n# word\n",
      "config:\n  p:key: ~\n# word\n",
      "# word\nenvironment: [word]\n",
    ]) {
      assert.equal(open(text, "word"), 0, text);
    }
    assert.equal(open("# word\n", "word"), 0);
    assert.equal(open("config:\n  p:key:\n    a: ~ # word\n", "word", true, ["key", "a"]), 0);
    assert.equal(open("config:\n  key: word\n", "word"), 1, "without the project's name");
  });
});
