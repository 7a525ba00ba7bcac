import assert from "node:assert/strict";
import fc from "fast-check";
import { changesBetween } from "../../lab/plugins/protocol/changes";
import { ChangeKind } from "../../lab/plugins/protocol/resource";
import {
  fromWire,
  hasSecret,
  hasUnknown,
  propertiesFromWire,
  reveal,
  same,
  Secret,
  toWire,
  Unknown,
  Value,
} from "../../lab/plugins/protocol/values";

describe("plugins: values of the protocol", () => {
  const { value } = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.string(),
      fc.constant(Unknown.value),
      tie("value").map((inner) => new Secret(inner)),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(
        fc.string().filter((key) => key !== "__proto__"),
        tie("value"),
        { maxKeys: 3 },
      ),
    ),
  }));

  it("come back from the wire as they were, secrets and unknowns included", () => {
    fc.assert(
      fc.property(value, (before) => {
        const after = fromWire(JSON.parse(JSON.stringify(toWire(before))));
        assert.ok(same(after, before), JSON.stringify(toWire(before)));
        assert.equal(hasSecret(after), hasSecret(before));
        assert.equal(hasUnknown(after), hasUnknown(before));
      }),
    );
  });

  it("lose every secret mark when they are revealed, and nothing else", () => {
    fc.assert(
      fc.property(value, (before) => {
        const revealed = reveal(before) as Value;
        assert.equal(hasSecret(revealed), false);
        assert.equal(hasUnknown(revealed), hasUnknown(before));
      }),
    );
  });

  it("read an output value of the engine as a secret or as unknown", () => {
    const output = { "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4" };
    assert.ok(fromWire(output) instanceof Unknown);
    assert.deepEqual(fromWire({ ...output, value: "a", secret: true }), new Secret("a"));
    assert.equal(fromWire({ ...output, value: "a" }), "a");
  });

  it("treat a property that is null as one that was left out", () => {
    assert.deepEqual(propertiesFromWire({ a: null, b: 1 }), { b: 1 });
  });

  it("differ when one of them is secret, but not by marks inside of a secret", () => {
    assert.equal(same("a", new Secret("a")), false);
    assert.equal(same(new Secret({ a: new Secret("b") }), new Secret({ a: "b" })), true);
  });
});

describe("plugins: changes between two sets of properties", () => {
  it("are named by their path, as deep as both sides have the same shape", () => {
    const old = { list: ["a", "b"], map: { x: 1, "odd.key": 1 }, gone: true, secret: new Secret({ a: 1 }) };
    const now = { list: ["a", "c", "d"], map: { x: 1, "odd.key": 2 }, come: true, secret: new Secret({ a: 2 }) };
    assert.deepEqual(changesBetween(old, now), {
      "list[1]": ChangeKind.Update,
      "list[2]": ChangeKind.Add,
      'map["odd.key"]': ChangeKind.Update,
      gone: ChangeKind.Delete,
      come: ChangeKind.Add,
      secret: ChangeKind.Update,
    });
  });

  it("are none for the same properties", () => {
    const properties = { list: [1, { a: "b" }], secret: new Secret("s"), unknown: Unknown.value };
    assert.deepEqual(changesBetween(properties, { ...properties }), {});
  });
});
