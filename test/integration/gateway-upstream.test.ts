import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "../../rig/gateway/client";
import { UI } from "../../rig/gateway/fixture";
import { GatewayOnHost, WHO } from "../../rig/gateway/on-host";
import { needHost } from "../../rig/hosts/nginx-host";

describe("a gateway before pods that end, and pages that come slowly, at a real nginx", function () {
  this.timeout(60_000);
  let gateway: GatewayOnHost;

  before(async function () {
    needHost(this);
    gateway = await GatewayOnHost.start();
  });
  after(() => gateway?.stop());

  const PASSING = 500; // milliseconds
  const CONNECTIONS = 5; // over nginx's two workers: one of them has three at least

  /** Asks until every kept connection that the pod left was met, and once more. */
  async function meetAll(): Promise<number[]> {
    const codes: number[] = [];
    for (let asked = 0; asked < 200 && gateway.upstreams.dead.size > 0; asked++)
      codes.push(await gateway.code(WHO.pull));
    assert.equal(gateway.upstreams.dead.size, 0, "all of them were met");
    return [...codes, await gateway.code(WHO.pull)];
  }

  for (const nodeAddresses of [["127.0.0.1"], ["127.0.0.1", "127.0.0.2"]]) {
    it(`answers a pull by another connection, however many of the kept ones are dead: ${nodeAddresses.length} nodes`, async () => {
      await gateway.put({ nodeAddresses });
      await gateway.code(WHO.pull); // the password is compared
      await gateway.upstreams.closeKept(); // which the worker with the fewest requests might not take again
      await sleep(100); // nginx has seen it
      gateway.upstreams.hold(CONNECTIONS);
      await Promise.all(Array.from({ length: CONNECTIONS }, () => gateway.code(WHO.pull)));
      gateway.upstreams.endPod();
      assert.equal(gateway.upstreams.dead.size, CONNECTIONS);
      assert.deepEqual(new Set(await meetAll()), new Set([200]));
    });
  }

  // As much as nginx takes at once by its default, and as the gateway has it take.
  for (const first of [4 << 10, 64 << 10]) {
    it(`answers with a whole page that comes in two parts with a reload between them: ${first} bytes first`, async () => {
      await gateway.put({ realm: `${first}` });
      const { host, upstreams } = gateway;
      const endAfterReload = async (): Promise<void> => {
        const end = await upstreams.inParts(first);
        await sleep(PASSING); // the first part is at nginx
        assert.equal((await host.run("nginx -s reload")).code, 0);
        await sleep(PASSING); // a worker with nothing to do has ended
        end();
      };
      const asked = ask({ port: host.httpsPort, host: UI, path: "/", auth: WHO.pull });
      const [{ status, body }] = await Promise.all([asked, endAfterReload()]);
      assert.deepEqual([status, body.length], [200, first]);
    });
  }
});
