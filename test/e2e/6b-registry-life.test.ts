import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeArchive } from "../../lab/images";
import { runOn } from "../../lab/hosts";
import { labOf, nodes } from "../../lab/lab";
import { importImage } from "../../lab/cluster/runtime";
import { ensurePrograms } from "../../lab/programs";
import { ask } from "../../rig/stack/https";
import { login, makeImage, pulledDigest, push, reference } from "../../rig/stack/images";
import { env, kubectl, labVariable, onClient, run, succeeded } from "../../rig/stack/lab";
import { slowUpload } from "../../rig/stack/slow-upload";
import { oldPodsGone, type Pod, registryPods, settle, up, withConfig } from "../../rig/stack/stack";
import { noneFailed, pushTarget, streamOfPulls, streamOfPushes } from "../../rig/stack/stream";

const lab = () => labOf({ ...process.env, ...env });
const inSystem = (...args: string[]): Promise<string> => kubectl("-n", "kube-system", ...args);

/** The pods of the registry that are not on their way out; with `ready` those that serve. */
async function pods(ready = false): Promise<string[]> {
  const serves = ({ status }: Pod): boolean =>
    (status.conditions ?? []).some((each) => each.type === "Ready" && each.status === "True");
  const staying = (await registryPods()).filter((pod) => !pod.metadata.deletionTimestamp && (!ready || serves(pod)));
  return staying.map(({ metadata }) => metadata.name);
}

/** Waits until a pod that is deleted has others in its place that serve. */
async function replaced(pod: string, count: number): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    const serving = await pods(true);
    if (serving.length === count && !serving.includes(pod)) return;
    await sleep(500);
  }
  throw new Error(`${pod} was not replaced within a minute`);
}

describe("6b. one pod with images on a node", () => {
  before(async () => {
    await settle();
    await pushTarget("life/target");
  });

  it("is rolled without a failed pull or push", async () => {
    const [before] = await pods();
    await withConfig({ "registry.environment.REGISTRY_LOG_FIELDS_ROLL": "1" }, async () => {
      const [pulls, pushes] = [streamOfPulls("life/target"), streamOfPushes("life/stream")];
      const rolled = await up();
      const seen = [await pulls.stop(), await pushes.stop()] as const;
      succeeded(rolled);
      console.log(`      up with a roll: ${rolled.seconds.toFixed(1)} s`);
      assert.notEqual((await pods())[0], before);
      noneFailed("pulls", seen[0]);
      noneFailed("pushes", seen[1]);
    });
  });

  it("finishes an upload that runs while it is deleted", async () => {
    const [pod = ""] = await pods();
    const upload = slowUpload("life/slow", 20);
    await sleep(2000);
    const deleted = inSystem("delete", "pod", pod, "--wait=true");
    const { status, seconds } = await upload;
    await deleted;
    console.log(`      an upload of ${seconds.toFixed(1)} s over a deleted pod: ${status}`);
    assert.equal(status, 201);
    await inSystem("rollout", "status", "deployment/kube-registry-v0", "--timeout=120s");
  });

  it("shows its metrics on no port of the node, and keeps its debug port shut", async () => {
    await withConfig({ "monitoring.metrics": true }, async () => {
      succeeded(await up());
      const node = labVariable("LAB_NODE_IP");
      for (const url of [
        `http://${node}:30299/metrics`,
        `https://${node}:30299/metrics`,
        `http://${node}:30949/metrics`,
        `http://${node}:5001/metrics`,
      ]) {
        const answer = await onClient("curl", ["-sSk", "--max-time", "5", url]);
        assert.doesNotMatch(answer.stdout, /registry_http/, url);
      }
      const gateway = await ask(labVariable("LAB_REGISTRY_HOST"), "/metrics");
      assert.equal(gateway.status, 401);
      const [pod = ""] = await pods();
      const ip = await inSystem("get", "pod", pod, "-o", "jsonpath={.status.podIP}");
      const inside = await runOn(lab(), "node", ["curl", "-sS", "--max-time", "5", `http://${ip}:5001/metrics`]);
      assert.match(inside.stdout, /^registry_http_in_flight_requests/m);
    });
    await settle();
  });
});

describe("6b. cleaning", () => {
  const KUBECTL = "registry.k8s.io/kubectl:v1.35.0";
  const SCHEDULE = "storage.garbageCollection.schedule";

  before("the image with kubectl, and a way from pods to the API server", async () => {
    const { kubectl: from } = await ensurePrograms(["kubernetes"], () => undefined);
    const work = fs.mkdtempSync(path.join(os.tmpdir(), "kubectl-image-"));
    const archive = path.join(work, "kubectl.tar");
    const program = fs.realpathSync(from);
    const spec = { names: [KUBECTL], files: { "/bin/kubectl": { from: program } }, entrypoint: ["/bin/kubectl"] };
    await writeArchive(spec, archive, work);
    for (const node of nodes) await importImage(lab(), node, archive);
    fs.rmSync(work, { recursive: true });
    const slice = {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: "kubernetes", namespace: "default", labels: { "kubernetes.io/service-name": "kubernetes" } },
      addressType: "IPv4",
      ports: [{ name: "https", port: 6443, protocol: "TCP" }],
      endpoints: [{ addresses: [labVariable("LAB_NODE_IP")], conditions: { ready: true } }],
    };
    succeeded(await run("kubectl", ["apply", "-f", "-"], { input: JSON.stringify(slice) }));
  });
  after(settle);

  it("comes with an up that ends when the next pod serves, and not while only the last one does", async () => {
    for (const roll of ["1", "2", "3"]) {
      const settings = { [SCHEDULE]: "0 4 * * 0", "registry.environment.REGISTRY_LOG_FIELDS_ROLL": roll };
      await withConfig(settings, async () => {
        const before = await pods();
        succeeded(await up());
        const [serving, all] = [await pods(true), await pods()];
        assert.equal(serving.length, 1, `no pod serves after up ${roll}`);
        assert.deepEqual(all, serving);
        assert.ok(!before.includes(serving[0] ?? ""), `after up ${roll} the last pod is the only one`);
      });
    }
  });

  it("by its schedule takes what was deleted, and nothing else", async () => {
    const image = async (name: string) => {
      const made = await makeImage(name, 2, 512 << 10);
      succeeded(await push(made, reference("clean/image", name), await login("push")));
      return made;
    };
    const kept = await image("kept");
    const gone = await image("gone");
    const settings = { [SCHEDULE]: "0 4 * * 0", "registry.deleteEnabled": true };
    await withConfig(settings, async () => {
      await settle();
      const host = labVariable("LAB_REGISTRY_HOST");
      const auth = `${labVariable("LAB_USER")}:${labVariable("LAB_PASSWORD")}`;
      const path = `/v2/clean/image/manifests/${gone.digest}`;
      assert.equal((await ask(host, path, { method: "DELETE", auth })).status, 202);
      const blobs = async () =>
        (
          await runOn(lab(), "node", ["find", "/data/docker_registry", "-path", "*/blobs/sha256/*", "-name", "data"])
        ).stdout
          .split("\n")
          .filter(Boolean).length;
      const before = await blobs();
      const [pod] = await pods();

      await inSystem("create", "job", "--from=cronjob/kube-registry-v0-cleaning", "clean-now");
      await inSystem("wait", "--for=condition=complete", "job/clean-now", "--timeout=120s");
      await inSystem("rollout", "status", "deployment/kube-registry-v0", "--timeout=120s");

      assert.notEqual((await pods())[0], pod, "the pod was restarted");
      const after = await blobs();
      console.log(`      blobs before ${before}, after ${after}`);
      assert.equal(after, before - 4, "manifest, config and two layers");
      assert.equal(await pulledDigest(reference("clean/image", "kept"), await login("pull")), kept.digest);
      assert.equal((await ask(host, path, { auth })).status, 404);
      assert.equal((await up("--expect-no-changes")).exitCode, 0, "the restart is no drift");
    });
  });
});

describe("6b. two pods on one volume", () => {
  const VOLUME = "e2e-images";

  /** Both nodes see the lab's folder: what a network file system is elsewhere. */
  const shared = (): string => path.join(labVariable("LAB_DIR"), "e2e-shared-images");

  before(async () => {
    fs.mkdirSync(shared(), { recursive: true });
    fs.chownSync(shared(), 1000, 1000);
    const volume = {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: VOLUME },
      spec: {
        capacity: { storage: "1Gi" },
        accessModes: ["ReadWriteMany"],
        storageClassName: VOLUME,
        hostPath: { path: shared() },
      },
    };
    succeeded(await run("kubectl", ["apply", "-f", "-"], { input: JSON.stringify(volume) }));
  });
  after(async () => {
    await settle();
    await inSystem("delete", "pvc", "kube-registry-images", "--wait=false");
    await kubectl("delete", "pv", VOLUME, "--wait=false");
    fs.rmSync(shared(), { recursive: true });
  });

  it("are rolled without a failed pull or push, and keep an upload through the loss of both, one after the other", async () => {
    const settings = {
      "storage.hostPath": undefined,
      "storage.claim.sizeGiB": 1,
      "storage.claim.storageClass": VOLUME,
      "storage.claim.accessMode": "ReadWriteMany",
      "registry.replicas": 2,
    };
    await withConfig(settings, async () => {
      succeeded(await up());
      await oldPodsGone(2); // the earlier one has another store
      await pushTarget("shared/target");
      assert.equal((await pods()).length, 2);
      await withConfig({ "registry.environment.REGISTRY_LOG_FIELDS_ROLL": "2" }, async () => {
        const [pulls, pushes] = [streamOfPulls("shared/target"), streamOfPushes("shared/stream")];
        const rolled = await up();
        const seen = [await pulls.stop(), await pushes.stop()] as const;
        succeeded(rolled);
        console.log(`      up with a roll of two: ${rolled.seconds.toFixed(1)} s`);
        noneFailed("pulls", seen[0]);
        noneFailed("pushes", seen[1]);
      });
      const pulls = streamOfPulls("shared/target");
      const upload = slowUpload("shared/slow", 25);
      await sleep(2000);
      // One after the other, as the disruption budget has it: the upload is on one of them.
      for (const pod of await pods()) {
        await inSystem("delete", "pod", pod, "--wait=false");
        await replaced(pod, 2);
      }
      assert.equal((await upload).status, 201);
      noneFailed("pulls while one pod after the other is replaced", await pulls.stop());
    });
  });
});
