import * as assert from "node:assert/strict";
import { once } from "node:events";
import * as net from "node:net";
import { create } from "../../components/acme/lifecycle";
import { activationInput, makeRelease } from "../../components/hosts/release";
import { responderBlueprint } from "../../components/nginx/responder";
import { chainInputs, newAccountKey, TestRuntime } from "../../rig/acme/inputs";
import { needHost, NginxHost } from "../../rig/hosts/nginx-host";
import { type Pebble, startPebble } from "../../rig/acme/pebble";

const NAMES = ["registry.example.test", "www.example.test"];

describe("HTTP-01 over several gateways", function () {
  this.timeout(60_000);
  const account = newAccountKey();
  const gateways: NginxHost[] = [];
  const connections = [0, 0, 0];
  let pebble: Pebble;
  let front: net.Server;

  before(async function () {
    needHost(this);
    pebble = await startPebble({ env: { PEBBLE_AUTHZREUSE: "0" } });
    while (gateways.length < connections.length) gateways.push(await NginxHost.start());
    for (const gateway of gateways) {
      const { httpPort, httpsPort } = gateway;
      const site = { site: "main-responder", names: NAMES, thumbprint: account.thumbprint, httpPort, httpsPort };
      const done = await gateway.activate("create", activationInput(makeRelease(responderBlueprint(site)), "a test"));
      assert.equal(done.code, 0, done.stderr);
    }
    front = spread(gateways, connections);
    front.listen(pebble.httpPort, "127.0.0.1");
    await once(front, "listening");
  });
  after(async () => {
    front?.close();
    for (const gateway of gateways) await gateway.stop();
    await pebble?.stop();
  });

  it("needs nothing on any of them for an order: whichever the CA comes to answers", async () => {
    const before = await Promise.all(gateways.map((gateway) => gateway.files()));
    for (let round = 0; round < 3; round += 1) {
      const { outs } = await create(await chainInputs(pebble, account, { names: NAMES }), new TestRuntime());
      assert.deepEqual(outs.names, NAMES);
    }
    assert.ok(
      connections.every((count) => count > 0),
      `the CA came ${connections.join(", ")} times`,
    );
    assert.deepEqual(await Promise.all(gateways.map((gateway) => gateway.files())), before);
  });
});

/** What a name with an address for each gateway does: each connection goes to the next of them. */
function spread(gateways: readonly NginxHost[], connections: number[]): net.Server {
  let turn = 0;
  return net.createServer((socket) => {
    const next = turn++ % gateways.length;
    connections[next] = (connections[next] ?? 0) + 1;
    const target = net.connect({ host: "127.0.0.1", port: gateways[next]?.httpPort ?? 0 });
    socket.on("error", () => target.destroy());
    target.on("error", () => socket.destroy());
    socket.pipe(target).pipe(socket);
  });
}
