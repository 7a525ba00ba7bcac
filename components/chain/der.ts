/** One element of DER (ITU-T X.690): its tag and its contents. */
export interface Der {
  tag: number;
  contents: Buffer;
}

/** The elements that stand one after the other in these bytes. Throws if they are not DER. */
export function derElements(bytes: Buffer): Der[] {
  const elements: Der[] = [];
  for (let at = 0; at < bytes.length;) {
    const { header, length } = derLength(bytes, at);
    const end = at + header + length;
    if (end > bytes.length) throw new Error("DER: an element is longer than what holds it");
    elements.push({ tag: bytes.readUInt8(at), contents: bytes.subarray(at + header, end) });
    at = end;
  }
  return elements;
}

function derLength(bytes: Buffer, at: number): { header: number; length: number } {
  const first = bytes[at + 1];
  if (first === undefined) throw new Error("DER: cut short");
  if (first < 0x80) return { header: 2, length: first };
  const octets = first & 0x7f;
  if (octets === 0 || octets > 4 || at + 2 + octets > bytes.length) throw new Error("DER: a length can't be read");
  return { header: 2 + octets, length: bytes.readUIntBE(at + 2, octets) };
}

/** The contents of the element at a path of positions: `[0, 1]` is the second child of the first element. */
export function derAt(bytes: Buffer, path: readonly number[]): Der {
  let inside = bytes;
  let found: Der | undefined;
  for (const position of path) {
    found = derElements(inside)[position];
    if (!found) throw new Error("DER: an expected element is missing");
    inside = found.contents;
  }
  if (!found) throw new Error("DER: an empty path");
  return found;
}
