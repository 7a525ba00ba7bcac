import { createHmac, timingSafeEqual } from "node:crypto";
import { CLASS, decodeMessage, decodeName, DnsMessage, encodeName, encodeRecord, TYPE } from "./wire";

/** Hash of a TSIG key (RFC 8945 section 6). */
export const TsigAlgorithm = {
  HmacSha256: "hmac-sha256",
  HmacSha384: "hmac-sha384",
  HmacSha512: "hmac-sha512",
} as const;
export type TsigAlgorithm = (typeof TsigAlgorithm)[keyof typeof TsigAlgorithm];

/** A key that is shared with a name server. */
export interface TsigKey {
  name: string;
  /** One of `TsigAlgorithm`. */
  algorithm: string;
  /** Base64. Secret. */
  secret: string;
}

/** A message that goes out, and its MAC, which the answer's is bound to. */
export interface Signed {
  message: Buffer;
  mac: Buffer;
}

const FUDGE_SECONDS = 300;

/** Errors that a TSIG record can name (RFC 8945 section 3). */
const ERRORS: Record<number, string> = {
  16: "the key's secret is another one there (BADSIG)",
  17: "no key of this name and algorithm is known there (BADKEY)",
  18: "the clocks are too far apart (BADTIME)",
};

/** Signs a message that has no additional records. */
export function sign(message: Buffer, key: TsigKey, now: Date): Signed {
  const time = timeOf(Math.floor(now.getTime() / 1000));
  const mac = macOf(key, [message, variables(key, time, 0, Buffer.alloc(0))]);
  const tail = Buffer.concat([message.subarray(0, 2), uint16(0), uint16(0)]);
  const data = Buffer.concat([encodeName(key.algorithm), time, uint16(FUDGE_SECONDS), uint16(mac.length), mac, tail]);
  const signed = Buffer.concat([message, encodeRecord(key.name, TYPE.TSIG, CLASS.ANY, 0, data)]);
  signed.writeUInt16BE(1, 10);
  return { message: signed, mac };
}

/** Checks that an answer is signed by the key and belongs to the request. Throws, in plain words, if not. */
export function verify(answer: Buffer, request: Signed, key: TsigKey): DnsMessage {
  const message = decodeMessage(answer);
  const record = message.additionals.at(-1);
  if (record?.type !== TYPE.TSIG) throw new Error("the answer is not signed");
  const { time, mac, error, other } = readTsig(answer, record.dataAt);
  if (error !== 0) throw new Error(`the server does not take the signature: ${ERRORS[error] ?? `error ${error}`}`);
  const bare = Buffer.from(answer.subarray(0, record.at));
  bare.writeUInt16BE(message.additionals.length - 1, 10);
  const wanted = macOf(key, [uint16(request.mac.length), request.mac, bare, variables(key, time, error, other)]);
  if (mac.length !== wanted.length || !timingSafeEqual(mac, wanted)) {
    throw new Error("the answer's signature is wrong");
  }
  return message;
}

interface Tsig {
  time: Buffer;
  mac: Buffer;
  error: number;
  other: Buffer;
}

function readTsig(message: Buffer, dataAt: number): Tsig {
  const at = decodeName(message, dataAt).end;
  const macAt = at + 10;
  const afterMac = macAt + message.readUInt16BE(at + 8);
  const otherAt = afterMac + 6;
  return {
    time: message.subarray(at, at + 6),
    mac: message.subarray(macAt, afterMac),
    error: message.readUInt16BE(afterMac + 2),
    other: message.subarray(otherAt, otherAt + message.readUInt16BE(afterMac + 4)),
  };
}

/** What is hashed beside the message (RFC 8945 section 4.3.3). */
function variables(key: TsigKey, time: Buffer, error: number, other: Buffer): Buffer {
  const fixed = Buffer.concat([uint16(CLASS.ANY), Buffer.alloc(4)]);
  const rest = [time, uint16(FUDGE_SECONDS), uint16(error), uint16(other.length), other];
  return Buffer.concat([encodeName(key.name), fixed, encodeName(key.algorithm), ...rest]);
}

function macOf(key: TsigKey, parts: readonly Buffer[]): Buffer {
  const hash = key.algorithm.replace(/^hmac-/, "");
  return createHmac(hash, Buffer.from(key.secret, "base64")).update(Buffer.concat(parts)).digest();
}

function timeOf(seconds: number): Buffer {
  const time = Buffer.alloc(6);
  time.writeUIntBE(seconds, 0, 6);
  return time;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
