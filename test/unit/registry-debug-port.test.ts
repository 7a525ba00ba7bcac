import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { RegistryPodArgs } from "../../components/registry/pod-args";
import { pod, variables } from "../../rig/registry/pod";

const notifications = [{ name: "audit", url: "https://user:hunter2@audit.test/?token=hunter2" }];
const plain = [{ name: "audit", url: "http://audit.test" }];
const ENDPOINTS = "REGISTRY_NOTIFICATIONS_ENDPOINTS";
const ADDRESS = "REGISTRY_HTTP_DEBUG_ADDR";
const list = JSON.stringify(notifications);

describe("the registry's debug port", () => {
  const refused: [string, Partial<RegistryPodArgs>, RegExp][] = [
    ["metrics and notices", { metrics: {}, notifications }, /metrics must be left out beside notifications, got both/],
    ["metrics and notices without a secret", { metrics: {}, notifications: plain }, /metrics must be left out beside/],
    [
      "metrics, and notices by a variable",
      { metrics: {}, registry: { environment: { [ENDPOINTS]: list } } },
      /registry\.environment must be without REGISTRY_NOTIFICATIONS_ENDPOINTS beside metrics, got both/,
    ],
    [
      "metrics, and notices by a secret variable",
      { metrics: {}, registry: { secretEnvironment: { [ENDPOINTS]: pulumi.secret(list) } } },
      /must be without REGISTRY_NOTIFICATIONS_ENDPOINTS beside metrics, got/,
    ],
    [
      "metrics, and notices by a variable for one endpoint",
      { metrics: {}, registry: { secretEnvironment: { [`${ENDPOINTS}_0_URL`]: "https://u:hunter2@audit.test" } } },
      /must be without REGISTRY_NOTIFICATIONS_ENDPOINTS_0_URL beside metrics/,
    ],
    [
      "metrics, and notices by a variable for all of them",
      { metrics: {}, registry: { environment: pulumi.output({ REGISTRY_NOTIFICATIONS: `{endpoints: ${list}}` }) } },
      /must be without REGISTRY_NOTIFICATIONS beside metrics/,
    ],
    [
      "notices, and an address by a variable",
      { notifications, registry: { environment: { [ADDRESS]: ":5001" } } },
      /registry\.environment must be without REGISTRY_HTTP_DEBUG_ADDR beside notifications, got both/,
    ],
    [
      "both by variables",
      { registry: { environment: { [ADDRESS]: "0.0.0.0:6000" }, secretEnvironment: { [ENDPOINTS]: list } } },
      /must be without REGISTRY_HTTP_DEBUG_ADDR beside REGISTRY_NOTIFICATIONS_ENDPOINTS/,
    ],
  ];
  for (const [what, args, message] of refused) {
    it(`is refused for ${what}`, async () => {
      await assert.rejects(pod(args), (error: Error) => {
        assert.match(error.message, message);
        assert.match(error.message, /shows the URLs and headers of the notices .*: leave out one of the two/);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      });
    });
  }

  it("is open for metrics alone, and closed with notices", async () => {
    assert.equal((await variables("registry", { metrics: {} }))[ADDRESS], ":5001");
    assert.equal((await variables("registry", { notifications }))[ADDRESS], "");
    const others = { REGISTRY_NOTIFICATIONS_EVENTS_INCLUDEREFERENCES: "true" };
    assert.equal((await variables("registry", { metrics: {}, registry: { environment: others } }))[ADDRESS], ":5001");
  });

  it("may be on loopback beside notices", async () => {
    for (const address of ["127.0.0.1:5001", "localhost:5001", "[::1]:5001", ""]) {
      const found = await variables("registry", { notifications, registry: { environment: { [ADDRESS]: address } } });
      assert.equal(found[ADDRESS], address);
    }
  });

  it("leaves the pod's plain variables readable beside secret ones", async () => {
    const registry = { environment: { A: "b" }, secretEnvironment: { C: pulumi.secret("d") } };
    const run = await pod({ registry });
    assert.deepEqual(run.one("apps/v1:Deployment").secrets, []);
    assert.equal((await variables("registry", { registry }))["A"], "b");
  });
});
