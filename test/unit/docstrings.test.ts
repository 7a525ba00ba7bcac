import assert from "node:assert/strict";
import { join } from "node:path";
import type { Value } from "../../components/checks/value";
import { type Declared, declarations } from "../../generate/docstrings";
import { STACK } from "../../config/stack";

const root = join(__dirname, "../..");
const all = declarations(join(root, "components"), join(root, "config/stack.ts"));

/** Every setting, by its path, with its docstring and its value. */
function settings(declared: Declared, value: Value, at: string): [path: string, text: string, value: Value][] {
  return declared.members.flatMap(({ name, type, text }) => {
    const member = (value.members ?? value.each?.members)?.[name];
    const below = all.get(type.replace(/\[\]$/, ""));
    assert.ok(member, `${at}${name} has no value`);
    const inner = member.members ?? member.each?.members;
    return inner && below ? settings(below, member, `${at}${name}.`) : [[`${at}${name}`, text, member] as const];
  });
}

describe("the docstring of a setting", () => {
  const found = settings(all.get("StackArgs") as Declared, STACK, "");

  it("says the default that holds", () => {
    assert.ok(found.length > 130, `${found.length} settings`);
    const wrong = found.filter(([, text, { default: standard }]) => {
      if (!["string", "number", "boolean"].includes(typeof standard) || standard === "") return false;
      return !/default/i.test(text) || !text.replace(/(\d) (?=\d{3})/g, "$1").includes(String(standard));
    });
    assert.deepEqual(
      wrong.map(([path, , { default: standard }]) => `${path}: ${String(standard)}`),
      [],
    );
  });

  it("says the range that holds", () => {
    const wrong = found.filter(([, text, { kind, expected }]) => {
      const [, min = "", max = ""] = /^(\d+)-(\d+)$/.exec(expected) ?? [];
      if (kind !== "number" || min === "" || max === "2147483647") return false;
      return !new RegExp(`\\b${min}(-| to )${max}\\b`).test(text);
    });
    assert.deepEqual(
      wrong.map(([path, , { expected }]) => `${path}: ${expected}`),
      [],
    );
  });

  it("says of what is a secret, and of nothing else, that it is one, by its last word: the package's schema has it so", () => {
    const wrong = found.filter(([, text, { secret = false }]) => secret !== /(^|\s)(A secret|Secret)\.$/.test(text));
    assert.deepEqual(
      wrong.map(([path]) => path),
      [],
    );
  });
});
