import assert from "node:assert/strict";
import { inspect } from "node:util";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { RegistryPod } from "../../components/registry-pod";
import type { RegistryPodArgs } from "../../components/registry/pod-args";
import { isSecret, type MockOptions, type Registered, type Run, underMocks, valueOf } from "../../rig/pulumi/mocks";
import { required, waitFor } from "../../rig/registry/pod";
import { FakeKubectl, withEngine } from "../support/kubectl";
import { cameUp, deployment, pod, SERVING, snapshot, unscheduled } from "../support/rollout";

const OURS = "jsonpath={.metadata.uid}";
const PAUSED = deployment({}, { paused: true });
const KUBECONFIG = "apiVersion: v1\nkind: Config\nusers: [{name: a, user: {token: very-secret-token}}]";

interface Made {
  run: Run<RegistryPod>;
  said: { info: string[]; warnings: string[] };
}

type Given = Partial<RegistryPodArgs> & {
  opts?: () => pulumi.ComponentResourceOptions;
  then?: (made: RegistryPod) => void;
};

/** The component in an `up`, as it takes itself to be. */
async function up({ opts, then, ...args }: Given = {}, options: MockOptions = {}): Promise<Made> {
  let said: Made["said"] = { info: [], warnings: [] };
  const run = await underMocks(() => {
    said = withEngine();
    const made = new RegistryPod("main", { ...required, ...args }, opts?.());
    then?.(made);
    return made;
  }, options);
  return { run, said };
}

describe("RegistryPod, in an up", () => {
  let fake: FakeKubectl;
  beforeEach(() => (fake = new FakeKubectl().answer("deployment", deployment(SERVING))));
  afterEach(() => fake.end());

  it("lets Pulumi wait until the deployment exists, and asks by itself whether it serves", async () => {
    const { run, said } = await up();
    assert.equal(waitFor(run.one("apps/v1:Deployment")), OURS);
    assert.equal(await valueOf(run.result.deploymentName), "kube-registry-v0");
    assert.equal(fake.calls().length, 1);
    assert.deepEqual(said, { info: [], warnings: [] });
  });

  it("fails with the reason, and so does what depends on it, which is never made", async () => {
    fake.answer("deployment", PAUSED).answer("replicasets,pods", { items: [] });
    const registered: string[] = [];
    const answer = (type: string): undefined => void registered.push(type);
    const dependent = (made: RegistryPod): void => {
      new ConfigMap("after", {}, { dependsOn: [made] });
    };
    await assert.rejects(up({ then: dependent }, { answer }), (error: pulumi.ResourceError) => {
      assert.match(error.message, /^the deployment kube-registry-v0 in the namespace kube-system did not come up/);
      assert.match(error.message, /DeploymentPaused/);
      assert.ok(error.hideStack);
      assert.equal(inspect(error), error.message, "printed whole, it would take a minute");
      return true;
    });
    assert.ok(registered.includes("kubernetes:apps/v1:Deployment"));
    assert.ok(!registered.includes("kubernetes:core/v1:ConfigMap"));
  });

  it("is done before what depends on it is made", async () => {
    let asked = 0;
    const answer = (type: string): undefined => {
      if (type === "kubernetes:core/v1:ConfigMap") asked = fake.calls().length;
    };
    const dependent = (made: RegistryPod): void => {
      new ConfigMap("after", {}, { dependsOn: [made] });
    };
    await up({ then: dependent }, { answer });
    assert.equal(asked, 1);
  });

  it("warns of what came up and broke later, and goes on", async () => {
    const { replicaSets } = snapshot();
    const lost = pod(unscheduled("0/1 nodes are available: 1 node(s) were unschedulable."));
    const items = [...replicaSets.map((each) => ({ kind: "ReplicaSet", ...each })), { kind: "Pod", ...lost }];
    fake.answer("deployment", deployment({ conditions: [cameUp("2026-11-29T12:00:09Z")] }));
    fake.answer("replicasets,pods", { items }).answer("events", { items: [] });
    const { said } = await up();
    assert.equal(said.warnings.length, 1);
    assert.match(said.warnings[0] ?? "", /came up once, and does not serve now: Unschedulable .*were unschedulable/);
  });

  it("asks by the provider's own kubeconfig and context, and keeps them secret", async () => {
    const opts = () => ({
      providers: [new Provider("own", { kubeconfig: pulumi.secret(KUBECONFIG), context: "lab" })],
    });
    const { run } = await up({ opts });
    assert.equal(fake.kubeconfig().content, KUBECONFIG);
    assert.match(fake.calls()[0] ?? "", / --context lab get deployment /);
    assert.equal(await isSecret(run.result.deploymentName), false);
  });

  it("asks by the stack's config where there is no provider", async () => {
    const config = { "kubernetes:kubeconfig": KUBECONFIG, "kubernetes:context": "other" };
    await up({}, { config, secretKeys: ["kubernetes:kubeconfig"] });
    assert.equal(fake.kubeconfig().content, KUBECONFIG);
    assert.match(fake.calls()[0] ?? "", / --context other get deployment /);
  });

  it("asks nobody where the provider only writes files", async () => {
    await up({ opts: () => ({ providers: [new Provider("files", { renderYamlToDirectory: "out" })] }) });
    assert.deepEqual(fake.calls(), []);
  });

  it("leaves the wait to Pulumi where that is the choice, or the provider is known by its name only", async () => {
    const own = await up({ waitWithKubectl: false });
    assert.equal(waitFor(own.run.one("apps/v1:Deployment")), undefined);
    const urn = "urn:pulumi:test::private-registry::pulumi:providers:kubernetes::cluster::id";
    const { DependencyProviderResource } = pulumi as unknown as {
      DependencyProviderResource: new (ref: string) => pulumi.ProviderResource;
    };
    const opts = () => ({ providers: [new DependencyProviderResource(urn)] });
    const foreign = await up({ opts });
    assert.equal(waitFor(foreign.run.one("apps/v1:Deployment")), undefined);
    assert.deepEqual(fake.calls(), []);
  });

  it("without kubectl fails before a pod is changed, and names the setting", async () => {
    fake.end();
    fake = new FakeKubectl(false);
    const registered: Registered[] = [];
    const answer = (type: string): undefined => void registered.push({ type } as Registered);
    await assert.rejects(
      up({}, { answer }),
      /^Error: RegistryPod "main" waits for its pods with kubectl, .*install kubectl, or set waitWithKubectl to false/,
    );
    assert.ok(!registered.some(({ type }) => type.endsWith("Deployment")));
    await up({ waitWithKubectl: false });
  });

  it("says what to do where the cluster does not answer or has no such deployment", async () => {
    fake.answer("deployment", 'Error from server (NotFound): deployments.apps "x" not found', true);
    await assert.rejects(up(), /is not in the namespace kube-system, although.*Run pulumi up --refresh/);
    fake.answer("deployment", 'Error from server (Forbidden): deployments.apps "x" is forbidden', true);
    await assert.rejects(up(), /kubectl can't say whether .*is forbidden\. .*with waitWithKubectl set to false/);
  });
});

describe("RegistryPod, in a preview and in a test", () => {
  it("asks nobody, and needs no kubectl", async () => {
    const fake = new FakeKubectl(false);
    try {
      const preview = await up({}, { preview: true });
      assert.equal(waitFor(preview.run.one("apps/v1:Deployment")), OURS);
      assert.equal(await valueOf(preview.run.result.deploymentName), "kube-registry-v0");
      const tested = await underMocks(() => new RegistryPod("main", required));
      assert.equal(await valueOf(tested.result.namespace), "kube-system");
    } finally {
      fake.end();
    }
  });
});
