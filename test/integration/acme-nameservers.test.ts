import * as assert from "node:assert/strict";
import dns from "node:dns/promises";
import { once } from "node:events";
import * as net from "node:net";
import { create } from "../../components/acme/lifecycle";
import { chainInputs, newAccountKey, TestRuntime } from "../../rig/acme/inputs";
import { type Named, startNamed } from "../../rig/acme/dns-named";
import { type Pebble, startPebble } from "../../rig/acme/pebble";

const SECRET = "bDNrM2RyaXZlcnNlY3JldGZvcnRlc3RzMTIzNDU2Nzg=";
/** Where the zone's NS record leads to. */
const ADDRESS = "127.0.0.53";

describe("DNS-01 with the name servers that the zone's NS records name", function () {
  this.timeout(60_000);
  const resolvers = dns.getServers();
  let named: Named;
  let front: net.Server;
  let pebble: Pebble;
  let asked = 0;

  before(async () => {
    named = await startNamed([{ name: "own.test", updatedBy: ["updater"], server: ADDRESS }], { updater: SECRET });
    front = net.createServer((socket) => {
      asked += 1;
      const target = net.connect({ host: "127.0.0.1", port: named.port });
      socket.on("error", () => target.destroy());
      target.on("error", () => socket.destroy());
      socket.pipe(target).pipe(socket);
    });
    front.listen(53, ADDRESS);
    await once(front, "listening");
    pebble = await startPebble({ dnsServer: named.address });
    dns.setServers([named.address]);
  });
  after(async () => {
    dns.setServers(resolvers);
    await pebble?.stop();
    front?.close();
    await named?.stop();
  });

  const inputs = (names: string[]) => {
    const update = { server: named.address, keyName: "updater", keyAlgorithm: "hmac-sha256", ttlSeconds: 60 };
    const dns01 = { update, propagationTimeoutSeconds: 10, nameServers: [] };
    return chainInputs(pebble, newAccountKey(), { names, dns01, tsigSecret: SECRET });
  };

  it("looks there for the records before the CA is asked, for a wildcard and for a name deep in the zone", async () => {
    const { outs } = await create(await inputs(["*.own.test", "deep.in.own.test"]), new TestRuntime());
    assert.deepEqual(outs.names, ["*.own.test", "deep.in.own.test"]);
    assert.ok(asked >= 2, `asked ${asked} times`);
  });
});
