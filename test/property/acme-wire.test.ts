import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { linkOf } from "../../components/acme/client/earlier-order";
import { derElements } from "../../components/chain/der";
import { sign, verify } from "../../components/acme/dns/tsig";
import * as wire from "../../components/acme/dns/wire";
import { parseServer } from "../../components/acme/dns/zone";
import { describeProblem, type ProblemDocument, retryAfter } from "../../components/acme/client/problem";

const label = fc.string({
  minLength: 1,
  maxLength: 20,
  unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789-_"),
});
const name = fc.array(label, { minLength: 1, maxLength: 8 }).map((labels) => labels.join("."));
const bytes = fc.uint8Array({ maxLength: 600 }).map((array) => Buffer.from(array));
const secret = fc.uint8Array({ minLength: 16, maxLength: 64 }).map((array) => Buffer.from(array).toString("base64"));

/** What may come from outside is read, or refused with an Error, and never makes the program hang or crash. */
function readOrRefused(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof Error);
  }
}

describe("what goes over the wire", () => {
  it("keeps DNS names and texts", () => {
    fc.assert(
      fc.property(name, fc.string({ maxLength: 700 }), (host, text) => {
        const encoded = wire.encodeName(host);
        assert.deepEqual(wire.decodeName(encoded, 0), { name: host, end: encoded.length });
        assert.equal(wire.decodeText(wire.encodeText(text)), Buffer.from(text).toString());
      }),
    );
  });

  it("keeps the records of a message, with compressed names too", () => {
    fc.assert(
      fc.property(name, name, fc.integer({ min: 0, max: 2 ** 31 }), (host, text, ttl) => {
        const head = wire.encodeHead(7, 0, [1, 1, 0, 0]);
        const question = wire.encodeQuestion(host, wire.TYPE.TXT);
        const record = wire.encodeRecord("", wire.TYPE.TXT, wire.CLASS.IN, ttl, wire.encodeText(text)).subarray(1);
        const message = Buffer.concat([head, question, Buffer.from([0xc0, 12]), record]);
        const [answer] = wire.decodeMessage(message).answers;
        assert.ok(answer);
        assert.deepEqual([answer.name, answer.ttl, wire.decodeText(answer.data)], [host, ttl, text]);
      }),
    );
  });

  it("is read or refused, whatever bytes come", () => {
    fc.assert(
      fc.property(bytes, (any) => {
        readOrRefused(() => wire.decodeMessage(any));
        readOrRefused(() => wire.decodeName(any, 0));
        readOrRefused(() => wire.decodeText(any));
        readOrRefused(() => derElements(any));
        const key = { name: "key", algorithm: "hmac-sha256", secret: "AAAA" };
        assert.throws(() => verify(any, { message: any, mac: any }, key));
      }),
      { numRuns: 500 },
    );
  });

  it("does not follow a compressed name round and round", () => {
    assert.throws(() => wire.decodeName(Buffer.from([0xc0, 0x00]), 0), /has no end/);
  });

  it("is signed so that no changed byte and no other key goes through", () => {
    fc.assert(
      fc.property(name, secret, fc.nat(), (host, key, where) => {
        const tsig = { name: "updater", algorithm: "hmac-sha512", secret: key };
        const now = new Date("2026-11-24T03:00:00Z");
        const request = Buffer.concat([wire.encodeHead(1, 5, [1, 0, 0, 0]), wire.encodeQuestion(host, wire.TYPE.SOA)]);
        const signed = sign(request, tsig, now);
        const changed = Buffer.from(signed.message);
        const at = where % changed.length;
        changed.writeUInt8(changed.readUInt8(at) ^ 0x01, at);
        assert.throws(() => verify(changed, signed, tsig));
        assert.throws(() => verify(signed.message, signed, { ...tsig, secret: "AAAAAAAAAAAAAAAAAAAAAA==" }));
      }),
    );
  });

  it("names servers with and without port, of both families", () => {
    assert.deepEqual(parseServer("ns1.example.com"), { host: "ns1.example.com", port: 53 });
    assert.deepEqual(parseServer("192.0.2.1:5353"), { host: "192.0.2.1", port: 5353 });
    assert.deepEqual(parseServer("2001:db8::1"), { host: "2001:db8::1", port: 53 });
    assert.deepEqual(parseServer("[2001:db8::1]:5353"), { host: "2001:db8::1", port: 5353 });
  });

  it("gives problem documents of any depth and text as printable lines", () => {
    const { problem } = fc.letrec<{ problem: ProblemDocument }>((tie) => ({
      problem: fc.record(
        {
          type: fc.string(),
          detail: fc.string(),
          status: fc.nat(999),
          subproblems: fc.array(tie("problem"), { maxLength: 2 }),
        },
        { requiredKeys: [] },
      ),
    }));
    fc.assert(
      fc.property(problem, (document) => {
        const text = describeProblem(document).replaceAll("\n", "");
        assert.ok(text.length > 0 && !/\p{Cc}/u.test(text));
      }),
    );
  });

  it("gives Retry-After as a moment or as nothing, whatever the header says", () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const moment = retryAfter(header, new Date(0));
        assert.ok(moment === undefined || moment instanceof Date);
      }),
    );
  });

  it("finds the links of one kind in a Link header", () => {
    const header =
      '<https://ca.test/dir>;rel="index", <https://ca.test/1>;rel="alternate", <https://ca.test/2> ; rel=alternate';
    const base = "https://ca.test/orders/1";
    assert.deepEqual(linkOf(header, "alternate", base), ["https://ca.test/1", "https://ca.test/2"]);
    assert.deepEqual(linkOf('</orders/1?page=2>;rel="next"', "next", base), ["https://ca.test/orders/1?page=2"]);
    assert.deepEqual(linkOf('<http://[>;rel="next"', "next", base), []);
    assert.deepEqual(linkOf(header, "next", base), []);
    assert.deepEqual(linkOf(undefined, "next", base), []);
  });
});
