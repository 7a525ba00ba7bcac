import { randomInt } from "node:crypto";
import * as net from "node:net";
import { sign, TsigKey, verify } from "./tsig";
import { CLASS, decodeMessage, DnsMessage, encodeHead, encodeQuestion, encodeRecord, encodeText, TYPE } from "./wire";

/** A name server: host name or address, and port. */
export interface NameServer {
  host: string;
  port: number;
}

/** One TXT record. */
export interface TextRecord {
  /** Without the last dot. */
  name: string;
  value: string;
}

/** How a dynamic update is done. */
export interface UpdateSettings {
  server: NameServer;
  zone: string;
  key: TsigKey;
  ttlSeconds: number;
}

const SECONDS = 10;

/** What a server can say to an update (RFC 2136 section 2.2, RFC 8945 section 3). */
const RCODES: Record<number, string> = {
  1: "it can't read the update (FORMERR)",
  2: "it failed (SERVFAIL)",
  4: "it takes no updates (NOTIMP)",
  5: "it does not allow the update: check what the key may change there (REFUSED)",
  9: "it is not the server of the zone, or does not know the key (NOTAUTH)",
  10: "the name is outside of the zone (NOTZONE)",
};

/** Asks one name server a question, over TCP. Throws if it can't be asked. */
export async function query(server: NameServer, name: string, type: number): Promise<DnsMessage> {
  const message = Buffer.concat([encodeHead(randomInt(65_536), 0, [1, 0, 0, 0]), encodeQuestion(name, type)]);
  return decodeMessage(await exchange(server, message));
}

/** Adds a TXT record by a dynamic update (RFC 2136) signed with TSIG; others of the name stay. */
export function addText(settings: UpdateSettings, { name, value }: TextRecord): Promise<void> {
  return update(settings, encodeRecord(name, TYPE.TXT, CLASS.IN, settings.ttlSeconds, encodeText(value)));
}

/** Takes exactly this TXT record away; it is fine if it isn't there. */
export function removeText(settings: UpdateSettings, { name, value }: TextRecord): Promise<void> {
  return update(settings, encodeRecord(name, TYPE.TXT, CLASS.NONE, 0, encodeText(value)));
}

async function update({ server, zone, key }: UpdateSettings, change: Buffer): Promise<void> {
  const head = encodeHead(randomInt(65_536), 5, [1, 0, 1, 0]);
  const request = sign(Buffer.concat([head, encodeQuestion(zone, TYPE.SOA), change]), key, new Date());
  const where = `the dynamic update of ${zone} at ${server.host}:${server.port}`;
  const answer = await exchange(server, request.message);
  const { rcode } = decodeMessage(answer);
  try {
    verify(answer, request, key);
  } catch (error) {
    const said = rcode === 0 ? "" : `; it says: ${RCODES[rcode] ?? `code ${rcode}`}`;
    throw new Error(`${where} failed: ${(error as Error).message}${said}`, { cause: error });
  }
  if (rcode !== 0) throw new Error(`${where} failed: ${RCODES[rcode] ?? `code ${rcode}`}`);
}

/** One message over TCP and the answer to it (RFC 1035 section 4.2.2). */
function exchange({ host, port }: NameServer, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`can't ask the name server ${host}:${port}: ${why}`));
    const socket = net.connect({ host, port });
    const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${SECONDS} s`)), SECONDS * 1000);
    let received = Buffer.alloc(0);
    socket.on("data", (part) => {
      received = Buffer.concat([received, part]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const answer = received.subarray(2, 2 + received.readUInt16BE(0));
      if (answer.length >= 2 && answer.readUInt16BE(0) === message.readUInt16BE(0)) resolve(Buffer.from(answer));
      else fail("it answered another question");
      socket.end();
    });
    socket.on("error", (error) => fail(error.message));
    socket.on("close", () => {
      clearTimeout(timer);
      fail("it closed the connection without an answer");
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length);
    socket.write(Buffer.concat([length, message]));
  });
}
