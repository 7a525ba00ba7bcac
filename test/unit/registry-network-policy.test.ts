import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { RegistryService } from "../../components/registry-service";
import { pod } from "../../rig/registry/pod";
import { underMocks } from "../../rig/pulumi/mocks";

const allowedCidrs = ["192.0.2.1/32", "2001:db8::/64"];

describe("who may connect to the pod", () => {
  it("is limited for both ports, as asked for", async () => {
    const run = await pod({ allowedCidrs, registry: { port: 5443 }, ui: { host: "ui.example.com", port: 8080 } });
    assert.deepEqual(run.one("NetworkPolicy").inputs, {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "kube-registry-v0", namespace: "kube-system" },
      spec: {
        podSelector: { matchLabels: { "k8s-app": "kube-registry", version: "v0" } },
        policyTypes: ["Ingress"],
        ingress: [
          {
            from: [{ ipBlock: { cidr: "192.0.2.1/32" } }, { ipBlock: { cidr: "2001:db8::/64" } }],
            ports: [
              { port: 5443, protocol: "TCP" },
              { port: 8080, protocol: "TCP" },
            ],
          },
        ],
      },
    });
    const bare = await pod({ allowedCidrs });
    assert.match(JSON.stringify(bare.one("NetworkPolicy").inputs), /"ports":\[\{"port":5000,"protocol":"TCP"\}\]/);
    assert.equal((await pod()).all("NetworkPolicy").length, 0);
  });

  it("is not widened by the policy of the metrics", async () => {
    const run = await pod({ allowedCidrs, monitoring: { metrics: true } });
    const { ingress } = run.one("NetworkPolicy", "main-metrics").inputs["spec"] as { ingress: { ports: unknown }[] };
    assert.deepEqual(
      ingress.map(({ ports }) => ports),
      [[{ port: 5001, protocol: "TCP" }]],
    );
  });

  it("is given as ranges", async () => {
    for (const wrong of [[], ["192.0.2.1"], ["192.0.2.1/33"], ["gw1.example.com/32"], ["2001:db8::/129"]]) {
      await assert.rejects(pod({ allowedCidrs: wrong }), /- allowedCidrs(\[0\])? must be a (list|range) of/);
    }
    const output = pod({ allowedCidrs: pulumi.output(["10.0.0.0"]) });
    const no = /allowedCidrs\[0\] must be a range of .*192\.0\.2\.10\/32, got "10\.0\.0\.0"; give the gateways'/;
    await assert.rejects(output, no);
  });

  it("sees the gateways' addresses, since each node then serves only its own pods", async () => {
    const spec = async (localTraffic?: boolean) =>
      (await underMocks(() => new RegistryService("main", localTraffic === undefined ? {} : { localTraffic }))).one(
        "Service",
      ).inputs["spec"] as Record<string, unknown>;
    assert.equal((await spec(true))["externalTrafficPolicy"], "Local");
    assert.equal("externalTrafficPolicy" in (await spec()), false);
  });
});
