import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { restartGatewayNginx } from "../../lab/hosts";
import { login, makeImage, push, reference } from "../../rig/stack/images";
import { kubectl, labVariable, succeeded } from "../../rig/stack/lab";
import { refusedBy } from "../../rig/stack/node-port";
import { killNode, nodesBack, secondNode, theLab } from "../../rig/stack/nodes";
import { settle, up, withConfig } from "../../rig/stack/stack";
import { noneFailed, pushTarget, streamOfPulls, streamOfPushes } from "../../rig/stack/stream";

const TARGET = "nodes/target";

/** Pushes an image, and says how long that took: the gateway finds out anew, now and then, that a node is dead. */
async function pushed(repository: string): Promise<void> {
  const started = performance.now();
  succeeded(await push(await makeImage("one-node", 2, 64 << 10), reference(repository), await login("push")));
  console.log(`      a push with one node: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

const addresses = (): string[] => [labVariable("LAB_NODE_IP"), labVariable("LAB_NODE_2_IP")];

describe("6d. ports that are limited to the gateways", () => {
  before(async () => {
    await settle();
    await pushTarget(TARGET);
  });
  after(settle);

  it("are served by the nodes that have a pod, and the gateway finds those", async () => {
    const range = { "cluster.allowedCidrs[0]": `${labVariable("LAB_GATEWAY_HOST")}/32` };
    await withConfig(range, async () => {
      succeeded(await up());
      const policy = ["get", "service", "kube-registry", "-o", "jsonpath={.spec.externalTrafficPolicy}"];
      assert.equal(await kubectl("-n", "kube-system", ...policy), "Local");
      const [withPod = "", without = ""] = addresses();
      assert.equal(await refusedBy(withPod), "a registry");
      assert.match(await refusedBy(without), /^(28|7) /, "the node without a pod answers");
      const [pulls, pushes] = [streamOfPulls(TARGET), streamOfPushes("nodes/limited")];
      await sleep(4000);
      const seen = [await pulls.stop(), await pushes.stop()] as const;
      noneFailed("pulls", seen[0]);
      noneFailed("pushes", seen[1]);
    });
  });
});

describe("6d. a gateway whose first node is dead", () => {
  before(async () => {
    await settle();
    await pushTarget(TARGET);
  });
  after(async () => {
    await nodesBack();
    await settle();
  });

  it("asks the next one, without a failed pull or push once nginx has no connection to the dead one, and takes a release", async () => {
    const [first = "", second = ""] = addresses();
    await withConfig({ "nodeAddresses[0]": second, "nodeAddresses[1]": first }, async () => {
      await settle();
      await killNode(secondNode);
      await restartGatewayNginx(theLab());
      const pulls = streamOfPulls(TARGET, 1);
      await pushed("nodes/first-dead");
      noneFailed("pulls", await pulls.stop());
      await withConfig({ "nginx.hstsSeconds": 60 }, async () => succeeded(await up()));
    });
  });
});
