import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { RegistryPod } from "../../components/registry-pod";
import { UiKind } from "../../components/registry/ui-args";
import type { RegistryPodArgs } from "../../components/registry/pod-args";
import { underMocks } from "../../rig/pulumi/mocks";
import { container, deployment, onlyOn, pod, required, templateOf } from "../../rig/registry/pod";

const ui = { host: "ui.example.com" };

describe("RegistryPod", () => {
  it("makes the recipe's pod by default", async () => {
    const made = await deployment();
    const labels = { "k8s-app": "kube-registry", version: "v0" };
    const annotations = { "pulumi.com/waitFor": "jsonpath={.metadata.uid}" };
    const name = { name: "kube-registry-v0", namespace: "kube-system" };
    assert.deepEqual(made.inputs["metadata"], { ...name, labels, annotations });
    const spec = made.inputs["spec"] as Record<string, unknown>;
    assert.equal(spec["replicas"], 1);
    assert.deepEqual(spec["selector"], { matchLabels: labels });
    const template = templateOf(made);
    assert.deepEqual(template.metadata.labels, labels);
    assert.deepEqual(template.spec.volumes, [
      { name: "image-store", hostPath: { path: "/data/docker_registry", type: "DirectoryOrCreate" } },
      { name: "cert-dir", secret: { secretName: "registry-tls-secret" } },
      { name: "tmp", emptyDir: {} },
    ]);
    const registry = await container("registry");
    assert.equal(registry.image, "registry:3");
    const requests = { cpu: "100m", memory: "100Mi" };
    assert.deepEqual(registry.resources, { requests, limits: { memory: "1536Mi" } });
    assert.deepEqual(registry.ports, [{ name: "registry", containerPort: 5000, protocol: "TCP" }]);
    assert.deepEqual(registry.volumeMounts, [
      { name: "image-store", mountPath: "/var/lib/registry" },
      { name: "cert-dir", mountPath: "/certs", readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ]);
  });

  it("stays on the node that has the images", async () => {
    const { nodeSelector, affinity } = templateOf(await deployment()).spec;
    assert.deepEqual([nodeSelector, affinity], [{}, onlyOn("node-1")]);
    const nodeLabels = { "kubernetes.io/hostname": "node-1.example.com" };
    const labelled = templateOf(await deployment({ storage: { hostPath: { nodeLabels } } })).spec;
    assert.deepEqual([labelled["nodeSelector"], labelled["affinity"]], [nodeLabels, undefined]);
    await assert.rejects(
      pod({ storage: { hostPath: { path: "/srv/images" } } }),
      /storage\.hostPath\.nodeName must be the node that keeps the images, got nothing; give the node's name/,
    );
    await assert.rejects(
      pod({ storage: { hostPath: { nodeName: "" } } }),
      /storage\.hostPath\.nodeName must be a node's name .*, got ""; give the node's name/,
    );
  });

  it("replaces the pod without an unserved moment", async () => {
    const made = await deployment({ ui });
    const spec = made.inputs["spec"] as Record<string, unknown>;
    assert.deepEqual(spec["strategy"], { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
    assert.equal(templateOf(made).spec["terminationGracePeriodSeconds"], 315);
    assert.equal(templateOf(made).spec.containers.length, 2);
    for (const each of templateOf(made).spec.containers) {
      assert.deepEqual(each.lifecycle, { preStop: { sleep: { seconds: 5 } } });
    }
    const impatient = await deployment({ registry: { shutdown: { waitSeconds: 0, drainSeconds: 1 } } });
    assert.equal(templateOf(impatient).spec["terminationGracePeriodSeconds"], 11);
    assert.deepEqual(templateOf(impatient).spec.containers[0]?.lifecycle, {});
  });

  it("renews the pod when the certificate or a secret variable changes, and for nothing else", async () => {
    const annotations = async (args: Partial<RegistryPodArgs>) =>
      templateOf(await deployment(args)).metadata.annotations;
    const before = await annotations({});
    assert.equal(before["checksum/tls-secret"], "sum");
    assert.deepEqual(await annotations({}), before);
    const other = await annotations({ registry: { secretEnvironment: { REGISTRY_PROXY_PASSWORD: "x" } } });
    assert.notEqual(other["checksum/environment"], before["checksum/environment"]);
    const rotated = await annotations({ httpSecret: "another-secret-of-32-characters-00" });
    assert.notEqual(rotated["checksum/environment"], before["checksum/environment"]);
  });

  it("probes without password and client certificate", async () => {
    for (const name of ["registry", "registry-ui"]) {
      const found = await container(name, { ui });
      for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"]) {
        const store = name === "registry" && probe === "readinessProbe";
        assert.deepEqual((found[probe] as { tcpSocket: unknown }).tcpSocket, store ? undefined : { port: name });
      }
    }
  });

  it("has a UI only under a name for it", async () => {
    const names = async (args: Partial<RegistryPodArgs>) =>
      templateOf(await deployment(args)).spec.containers.map((each) => each.name);
    assert.deepEqual(await names({}), ["registry"]);
    assert.deepEqual(await names({ ui }), ["registry", "registry-ui"]);
    const nameless = pod({ ui: { kind: UiKind.Konradkleine } });
    await assert.rejects(nameless, /ui\.kind must be left out without ui\.host, got a setting; give the UI a name/);
  });

  it("gives the registry no right that it doesn't need", async () => {
    const { spec } = templateOf(await deployment());
    assert.equal(spec["automountServiceAccountToken"], false);
    assert.equal(spec["enableServiceLinks"], false);
    assert.deepEqual(spec["securityContext"], { seccompProfile: { type: "RuntimeDefault" } });
    assert.deepEqual(spec.containers[0]?.["securityContext"], {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("changes every name, port, path and size", async () => {
    const made = await deployment({
      name: "reg",
      namespace: "images",
      appLabel: "reg-app",
      versionLabel: "v9",
      certificateFile: "tls.crt",
      keyFile: "tls.key",
      storage: { hostPath: { nodeName: "node-2", path: "/srv/images" } },
      registry: {
        image: "registry:3.0.0",
        port: 5443,
        resources: { limits: { cpu: "1", memory: "1Gi" } },
      },
      ui: {
        ...ui,
        image: "example.com/ui:1",
        port: 8080,
        resources: { requests: { cpu: "50m", memory: "64Mi" } },
        title: "Images",
        environment: { THEME: "dark" },
      },
    });
    const text = JSON.stringify(made.inputs);
    for (const standard of ["kube-registry", "kube-system", "domain.", "/data", ":5000", "100m"]) {
      assert.ok(!text.includes(standard), `${standard} is still there: ${text}`);
    }
    for (const changed of [
      "reg-app",
      "v9",
      "/certs/tls.crt",
      "/certs/tls.key",
      "/srv/images",
      ":5443",
      "1Gi",
      "64Mi",
      "Images",
      "dark",
    ]) {
      assert.ok(text.includes(changed), `${changed} is missing: ${text}`);
    }
  });

  it("names all that is wrong at once", async () => {
    const wrong = pod({
      namespace: "Kube System",
      registry: {
        image: "registry",
        port: 70000,
        resources: { limits: { cpu: "much" } },
        shutdown: { drainSeconds: 0 },
      },
      ui: { ...ui, kind: "fancy" as UiKind },
    });
    await assert.rejects(wrong, (error: Error) => {
      for (const property of [
        "namespace",
        "registry.image",
        "registry.port",
        "registry.resources.limits.cpu",
        "ui.kind",
        "registry.shutdown.drainSeconds",
      ]) {
        assert.match(error.message, new RegExp(`- ${property.replaceAll(".", "\\.")} must be `));
      }
      assert.match(error.message, /^RegistryPod "main": 6 settings are not right\n/);
      assert.ok(error instanceof pulumi.RunError, "a program is shown no stack trace");
      return true;
    });
  });

  it("is known in a preview but for what other resources decide", async () => {
    const run = await underMocks(() => new RegistryPod("main", required), { preview: true });
    assert.deepEqual(run.one("apps/v1:Deployment").inputs, (await deployment()).inputs);
  });
});
