import assert from "node:assert/strict";
import { RegistryService, type RegistryServiceArgs } from "../../components/registry-service";
import { underMocks, valueOf } from "../../rig/pulumi/mocks";

const service = (args?: RegistryServiceArgs) => underMocks(() => new RegistryService("main", args));

describe("RegistryService", () => {
  it("makes the recipe's service by default", async () => {
    const run = await service();
    assert.deepEqual(run.one("Service").inputs, {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: "kube-registry",
        namespace: "kube-system",
        labels: { "k8s-app": "kube-registry", "kubernetes.io/name": "KubeRegistry" },
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        type: "NodePort",
        selector: { "k8s-app": "kube-registry" },
        ports: [
          { name: "registry", port: 5000, targetPort: 5000, protocol: "TCP", nodePort: 30299 },
          { name: "registry-ui", port: 80, targetPort: 80, protocol: "TCP", nodePort: 30949 },
        ],
      },
    });
    assert.equal(await valueOf(run.result.registryNodePort), 30299);
    assert.equal(await valueOf(run.result.uiNodePort), 30949);
    assert.equal(await valueOf(run.result.serviceName), "kube-registry");
  });

  it("changes every name and port", async () => {
    const run = await service({
      name: "reg",
      namespace: "images",
      appLabel: "reg-app",
      registryPort: 5443,
      uiPort: 8080,
      registryNodePort: 30001,
      uiNodePort: 30002,
    });
    const { metadata, spec } = run.one("Service").inputs as { metadata: object; spec: object };
    assert.deepEqual(spec, {
      type: "NodePort",
      selector: { "k8s-app": "reg-app" },
      ports: [
        { name: "registry", port: 5443, targetPort: 5443, protocol: "TCP", nodePort: 30001 },
        { name: "registry-ui", port: 8080, targetPort: 8080, protocol: "TCP", nodePort: 30002 },
      ],
    });
    assert.match(JSON.stringify(metadata), /"name":"reg","namespace":"images"/);
  });

  it("has one port without a UI", async () => {
    const run = await service({ withUi: false });
    assert.equal((run.one("Service").inputs["spec"] as { ports: unknown[] }).ports.length, 1);
    assert.equal(await valueOf(run.result.uiNodePort), 0);
  });

  it("refuses ports out of range, and the same port twice", async () => {
    await assert.rejects(service({ registryNodePort: 65536, uiPort: 0 }), (error: Error) => {
      assert.match(error.message, /registryNodePort must be 1-65535, got 65536; leave it out to use 30299/);
      assert.match(error.message, /uiPort must be 1-65535, got 0; leave it out to use 80/);
      return true;
    });
    await assert.rejects(
      service({ registryNodePort: 30949 }),
      /uiNodePort must be a port other than registryNodePort, got the same/,
    );
  });
});
