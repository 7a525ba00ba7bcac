import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KubectlError, withKubectl } from "../../components/cluster/kubectl";
import { logOf, look } from "../../components/cluster/look";
import { container, deployment, ended, event, pod, SERVING, snapshot } from "../support/rollout";
import { FakeKubectl } from "../support/kubectl";

const NAME = { name: "kube-registry-v0", namespace: "kube-system" };
const CONTENT = "apiVersion: v1\nkind: Config\nusers: [{name: a, user: {token: very-secret-token}}]";

describe("kubectl", () => {
  let fake: FakeKubectl;
  beforeEach(() => (fake = new FakeKubectl()));
  afterEach(() => fake.end());

  const looked = (access = {}) => withKubectl(access, (kubectl) => look(kubectl, NAME));

  it("is asked one question where the rollout is done", async () => {
    fake.answer("deployment", deployment(SERVING));
    await looked();
    assert.deepEqual(fake.calls(), [
      "get deployment kube-registry-v0 --namespace kube-system --show-managed-fields -o json --request-timeout=15s",
    ]);
  });

  it("is asked for versions and pods by the deployment's labels, and for events of pods that do not serve", async () => {
    const { replicaSets } = snapshot();
    const waits = pod({ containerStatuses: [container(ended(1))] });
    const items = [
      ...replicaSets.map((each) => ({ kind: "ReplicaSet", ...each })),
      { kind: "Pod", ...waits },
      { kind: "Pod", ...pod({}, { former: true, leaving: true }) },
    ];
    fake.answer("deployment", deployment()).answer("replicasets,pods", { items });
    fake.answer("events", { items: [event("BackOff", "it waits")] });
    const found = await looked();
    assert.deepEqual([found.replicaSets.length, found.pods.length, found.events.length], [2, 2, 1]);
    const [, list, ...events] = fake.calls();
    assert.match(list ?? "", /^get replicasets,pods --namespace kube-system -l k8s-app=kube-registry,version=v0 /);
    assert.equal(events.length, 1);
    assert.match(events[0] ?? "", /^get events .*--field-selector involvedObject\.uid=kube-registry-v0-new-uid /);
  });

  it("may not be allowed to read events and logs", async () => {
    fake.answer("deployment", deployment()).answer("replicasets,pods", { items: [{ kind: "Pod", ...pod() }] });
    fake.answer("events", "Error from server (Forbidden): events is forbidden", true);
    fake.answer("logs", "Error from server (Forbidden): pods/log is forbidden", true);
    assert.deepEqual((await looked()).events, []);
    const reason = { key: "", word: "", message: "", fault: "crash" as const, tellAfterSeconds: 0 };
    const of = { ...reason, pod: "p", container: "registry", log: "previous" as const };
    assert.equal(await withKubectl({}, (kubectl) => logOf(kubectl, "kube-system", of)), "");
    fake.end();
    fake = new FakeKubectl().answer("logs", "the last words\n");
    assert.equal(await withKubectl({}, (kubectl) => logOf(kubectl, "kube-system", of)), "the last words\n");
    assert.match(fake.calls()[0] ?? "", /^logs p --namespace kube-system --container registry --tail 40 --previous /);
    assert.equal(await withKubectl({}, (kubectl) => logOf(kubectl, "kube-system", reason)), "", "none is named");
  });

  it("is asked again for a log whose container the kubelet is just replacing", async () => {
    fake.answer("logs", "unable to retrieve container logs for containerd://e79cce9dd5ec");
    const of = { key: "", word: "", message: "", fault: "crash" as const, tellAfterSeconds: 0 };
    const reason = { ...of, pod: "p", container: "registry", log: "previous" as const };
    const asked = withKubectl({}, (kubectl) => logOf(kubectl, "kube-system", reason));
    setTimeout(() => fake.answer("logs", "the last words\n"), 700);
    assert.equal(await asked, "the last words\n");
    const previous = fake.calls().filter((call) => call.includes("--previous")).length;
    assert.ok(previous > 1 && fake.calls().length > previous, "the former container and the one that is there now");
  });

  it("reads a kubeconfig from a file that only this user may read, and that is gone afterwards", async () => {
    fake.answer("deployment", deployment(SERVING));
    await looked({ kubeconfig: CONTENT, context: "lab", cluster: "one" });
    const { path, mode, content } = fake.kubeconfig();
    assert.deepEqual([mode, content], ["600", CONTENT]);
    assert.equal(existsSync(path), false);
    const [call = ""] = fake.calls();
    assert.match(call, /^--kubeconfig \S+ --context lab --cluster one get /);
    assert.doesNotMatch(call, /very-secret-token/);
  });

  it("reads the user's own kubeconfig where it is", async () => {
    const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
    const file = join(folder, "config");
    writeFileSync(file, CONTENT);
    fake.answer("deployment", deployment(SERVING));
    await looked({ kubeconfig: file });
    assert.equal(fake.kubeconfig().path, file);
    assert.ok(existsSync(file));
    rmSync(folder, { recursive: true });
  });

  it("says why it gave no answer, and nothing else", async () => {
    const rejected = async (text: string): Promise<KubectlError> => {
      fake.answer("deployment", text, true);
      return looked({ kubeconfig: CONTENT }).then(
        () => assert.fail("it should have failed"),
        (error: unknown) => error as KubectlError,
      );
    };
    const missing = await rejected('Error from server (NotFound): deployments.apps "kube-registry-v0" not found');
    assert.deepEqual([missing.kind, missing.message.includes('"kube-registry-v0" not found')], ["not-found", true]);
    for (const text of [
      'Error from server (Forbidden): deployments.apps "x" is forbidden',
      "error: You must be logged in to the server (Unauthorized)",
      "Error in configuration: context was not found for specified context: x",
    ]) {
      assert.equal((await rejected(text)).kind, "refused", text);
    }
    const down = await rejected("E1129 memcache.go\nThe connection to the server 10.0.0.1:6443 was refused");
    assert.deepEqual([down.kind, down.message], ["failed", "The connection to the server 10.0.0.1:6443 was refused"]);
    const bad = await rejected(`error: error loading config file "${"x"}"`);
    assert.doesNotMatch(bad.message, /very-secret-token/);
  });

  it("may not be there", async () => {
    fake.end();
    fake = new FakeKubectl(false);
    const error = await looked().catch((caught: unknown) => caught as KubectlError);
    assert.ok(error instanceof Error);
    assert.deepEqual([error.kind, error.message], ["missing", "there is no program kubectl here"]);
  });
});
