import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { RegistryPodArgs } from "../../components/registry/pod-args";
import { pod, variables } from "../../rig/registry/pod";

const notifications = [{ name: "audit", url: "https://user:hunter2@audit.test/?token=hunter2" }];
const plain = [{ name: "audit", url: "http://audit.test" }];
const ENDPOINTS = "REGISTRY_NOTIFICATIONS_ENDPOINTS";
const ADDRESS = "REGISTRY_HTTP_DEBUG_ADDR";
const monitoring = { metrics: true };
const list = JSON.stringify(notifications);

describe("the registry's debug port", () => {
  const refused: [string, Partial<RegistryPodArgs>, RegExp][] = [
    [
      "metrics and notices",
      { monitoring, registry: { notifications } },
      /monitoring\.metrics must be false beside registry\.notifications, got both/,
    ],
    [
      "metrics and notices without a secret",
      { monitoring, registry: { notifications: plain } },
      /monitoring\.metrics must be false beside/,
    ],
    [
      "metrics, and notices by a variable",
      { monitoring, registry: { environment: { [ENDPOINTS]: list } } },
      /registry\.environment must be without REGISTRY_NOTIFICATIONS_ENDPOINTS beside monitoring\.metrics, got both/,
    ],
    [
      "metrics, and notices by a secret variable",
      { monitoring, registry: { secretEnvironment: { [ENDPOINTS]: pulumi.secret(list) } } },
      /must be without REGISTRY_NOTIFICATIONS_ENDPOINTS beside monitoring\.metrics, got/,
    ],
    [
      "metrics, and notices by a variable for one endpoint",
      { monitoring, registry: { secretEnvironment: { [`${ENDPOINTS}_0_URL`]: "https://u:hunter2@audit.test" } } },
      /must be without REGISTRY_NOTIFICATIONS_ENDPOINTS_0_URL beside monitoring\.metrics/,
    ],
    [
      "metrics, and notices by a variable for all of them",
      { monitoring, registry: { environment: pulumi.output({ REGISTRY_NOTIFICATIONS: `{endpoints: ${list}}` }) } },
      /must be without REGISTRY_NOTIFICATIONS beside monitoring\.metrics/,
    ],
    [
      "notices, and an address by a variable",
      { registry: { notifications, environment: { [ADDRESS]: ":5001" } } },
      /registry\.environment must be without REGISTRY_HTTP_DEBUG_ADDR beside registry\.notifications, got both/,
    ],
    [
      "both by variables",
      { registry: { environment: { [ADDRESS]: "0.0.0.0:6000" }, secretEnvironment: { [ENDPOINTS]: list } } },
      /must be without REGISTRY_HTTP_DEBUG_ADDR beside REGISTRY_NOTIFICATIONS_ENDPOINTS/,
    ],
    [
      "both by variables that are known only later",
      {
        registry: {
          environment: { [ADDRESS]: pulumi.output("0.0.0.0:6000") },
          secretEnvironment: pulumi.secret({ [ENDPOINTS]: list }),
        },
      },
      /registry\.environment must be without REGISTRY_HTTP_DEBUG_ADDR beside REGISTRY_NOTIFICATIONS_ENDPOINTS/,
    ],
    [
      "both by secret variables",
      { registry: { secretEnvironment: { [ADDRESS]: pulumi.secret(":6000"), [ENDPOINTS]: list } } },
      /registry\.secretEnvironment must be without REGISTRY_HTTP_DEBUG_ADDR beside REGISTRY_NOTIFICATIONS_ENDPOINTS/,
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

  it("is open only for metrics, and closed with notices", async () => {
    assert.equal((await variables("registry", { monitoring }))[ADDRESS], '":5001"');
    assert.equal((await variables("registry", { registry: { notifications } }))[ADDRESS], '""');
    const others = { REGISTRY_NOTIFICATIONS_EVENTS_INCLUDEREFERENCES: "true" };
    assert.equal((await variables("registry", { monitoring, registry: { environment: others } }))[ADDRESS], '":5001"');
  });

  it("may be on loopback beside notices", async () => {
    for (const address of ["127.0.0.1:5001", "localhost:5001", '"[::1]:5001"', ""]) {
      const found = await variables("registry", { registry: { notifications, environment: { [ADDRESS]: address } } });
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
