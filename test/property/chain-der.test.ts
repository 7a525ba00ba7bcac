import assert from "node:assert/strict";
import * as fc from "fast-check";
import { derAt, derElements } from "../../components/chain/der";

/** An element as DER writes it; `octets` is the number of the length's own bytes, 0 for the short form. */
function written(tag: number, contents: Buffer, octets: number): Buffer {
  if (octets === 0) return Buffer.concat([Buffer.from([tag, contents.length]), contents]);
  const head = Buffer.alloc(2 + octets);
  head.writeUInt8(tag, 0);
  head.writeUInt8(0x80 + octets, 1);
  head.writeUIntBE(contents.length, 2, octets);
  return Buffer.concat([head, contents]);
}

const size = fc.constantFrom(0, 1, 2, 127, 128, 255, 256, 70_000);
const element = fc.record({ tag: fc.nat(255), size, octets: fc.integer({ min: 0, max: 4 }) }).map((parts) => {
  const least = parts.size < 128 ? 0 : parts.size < 256 ? 1 : parts.size < 65_536 ? 2 : 3;
  const contents = Buffer.alloc(parts.size, parts.tag);
  return { tag: parts.tag, contents, bytes: written(parts.tag, contents, Math.max(least, parts.octets)) };
});
const SHORT = written(0x02, Buffer.from([7]), 0);

describe("DER", () => {
  it("is read as it was written, whatever the form of a length, one element after the other and one in the other", () => {
    fc.assert(
      fc.property(fc.array(element, { maxLength: 4 }), (elements) => {
        const bytes = Buffer.concat(elements.map((each) => each.bytes));
        const expected = elements.map(({ tag, contents }) => ({ tag, contents }));
        assert.deepEqual(derElements(bytes), expected);
        const nested = written(0x30, Buffer.concat([SHORT, written(0x30, bytes, 4)]), 4);
        expected.forEach((each, index) => assert.deepEqual(derAt(nested, [0, 1, index]), each));
      }),
    );
  });

  it("that is cut short or has a length that can't be is refused, with what is wrong", () => {
    const refused: [number[], string][] = [
      [[0x30], "DER: cut short"],
      [[0x30, 0x02, 0x01], "DER: an element is longer than what holds it"],
      [[0x30, 0x80, 0x01, 0x01], "DER: a length can't be read"],
      [[0x30, 0x85, 0, 0, 0, 0, 1, 1], "DER: a length can't be read"],
      [[0x30, 0x81], "DER: a length can't be read"],
      [[0x30, 0x82, 0x01], "DER: a length can't be read"],
    ];
    for (const [bytes, message] of refused) {
      for (const before of [[], [...SHORT]]) {
        assert.throws(() => derElements(Buffer.from([...before, ...bytes])), { message }, String(bytes));
      }
    }
  });

  it("has no element behind its end, and none at the end of no path", () => {
    assert.throws(() => derAt(SHORT, [1]), { message: "DER: an expected element is missing" });
    assert.throws(() => derAt(written(0x30, SHORT, 0), [0, 1]), { message: "DER: an expected element is missing" });
    assert.throws(() => derAt(SHORT, []), { message: "DER: an empty path" });
  });
});
