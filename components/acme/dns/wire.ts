/** Record types (RFC 1035 section 3.2.2, RFC 8945 section 4.2). */
export const TYPE = { NS: 2, CNAME: 5, SOA: 6, TXT: 16, TSIG: 250 } as const;
/** Record classes (RFC 1035 section 3.2.4, RFC 2136 section 2.4). */
export const CLASS = { IN: 1, NONE: 254, ANY: 255 } as const;

/** A record as it stands in a message. */
export interface DnsRecord {
  /** Lower case, without the last dot. */
  name: string;
  type: number;
  class: number;
  ttl: number;
  data: Buffer;
  /** Where the record and its data begin in the message. */
  at: number;
  dataAt: number;
}

/** A message that was read. */
export interface DnsMessage {
  /** The message itself: names in it may point to places of it. */
  raw: Buffer;
  /** True if the server speaks for the zone itself. */
  authoritative: boolean;
  /** 0 for success (RFC 6895 section 2.3). */
  rcode: number;
  answers: DnsRecord[];
  authorities: DnsRecord[];
  additionals: DnsRecord[];
}

/** A name in wire form (RFC 1035 section 3.1), uncompressed and lower case. Throws if it can't be one. */
export function encodeName(name: string): Buffer {
  const labels = name.toLowerCase().split(".").filter(Boolean);
  const parts = labels.map((label) => {
    const bytes = Buffer.from(label, "latin1");
    if (bytes.length > 63) throw new Error(`DNS: the label "${label}" is longer than 63 characters`);
    return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  });
  const wire = Buffer.concat([...parts, Buffer.from([0])]);
  if (wire.length > 255) throw new Error(`DNS: the name "${name}" is longer than 255 characters`);
  return wire;
}

/** A record in wire form. */
export function encodeRecord(name: string, type: number, dnsClass: number, ttl: number, data: Buffer): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(dnsClass, 2);
  fixed.writeUInt32BE(ttl, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(name), fixed, data]);
}

/** The data of a TXT record: character strings of at most 255 bytes. */
export function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  const parts: Buffer[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += 255) {
    const part = bytes.subarray(at, at + 255);
    parts.push(Buffer.from([part.length]), part);
  }
  return Buffer.concat(parts);
}

/** The text of a TXT record, its character strings joined. */
export function decodeText(data: Buffer): string {
  let text = "";
  for (let at = 0; at < data.length; at += 1 + data.readUInt8(at)) {
    text += data.subarray(at + 1, at + 1 + data.readUInt8(at)).toString("utf8");
  }
  return text;
}

/** The head of a message. Opcode 0 is a query, 5 an update (RFC 2136 section 2.2). */
export function encodeHead(id: number, opcode: number, counts: [number, number, number, number]): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(opcode << 11, 2);
  counts.forEach((count, index) => head.writeUInt16BE(count, 4 + 2 * index));
  return head;
}

/** The one entry of a question or zone section. */
export function encodeQuestion(name: string, type: number): Buffer {
  const fixed = Buffer.alloc(4);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(CLASS.IN, 2);
  return Buffer.concat([encodeName(name), fixed]);
}

/** Reads a message. Throws if it is cut short or not one. */
export function decodeMessage(message: Buffer): DnsMessage {
  if (message.length < 12) throw new Error("DNS: an answer is cut short");
  const flags = message.readUInt16BE(2);
  let at = 12;
  for (let left = message.readUInt16BE(4); left > 0; left -= 1) at = decodeName(message, at).end + 4;
  const section = (count: number): DnsRecord[] =>
    Array.from({ length: count }, () => {
      const record = decodeRecord(message, at);
      at = record.dataAt + record.data.length;
      return record;
    });
  return {
    raw: message,
    authoritative: (flags & 0x0400) !== 0,
    rcode: flags & 0x000f,
    answers: section(message.readUInt16BE(6)),
    authorities: section(message.readUInt16BE(8)),
    additionals: section(message.readUInt16BE(10)),
  };
}

function decodeRecord(message: Buffer, at: number): DnsRecord {
  const { name, end } = decodeName(message, at);
  const length = message.readUInt16BE(end + 8);
  const dataAt = end + 10;
  if (dataAt + length > message.length) throw new Error("DNS: an answer is cut short");
  return {
    name,
    type: message.readUInt16BE(end),
    class: message.readUInt16BE(end + 2),
    ttl: message.readUInt32BE(end + 4),
    data: message.subarray(dataAt, dataAt + length),
    at,
    dataAt,
  };
}

/** A name at a place of a message, compressed or not (RFC 1035 section 4.1.4), and the place after it. */
export function decodeName(message: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = [];
  let end: number | undefined;
  let at = start;
  for (let steps = 0; steps < 128; steps += 1) {
    const length = message.readUInt8(at);
    if (length === 0) return { name: labels.join(".").toLowerCase(), end: end ?? at + 1 };
    if (length >= 0xc0) {
      end ??= at + 2;
      at = message.readUInt16BE(at) & 0x3fff;
    } else {
      labels.push(message.subarray(at + 1, at + 1 + length).toString("latin1"));
      at += 1 + length;
    }
  }
  throw new Error("DNS: a name in an answer has no end");
}
