import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { login, makeImage, pulledDigest, push, reference, type ImageFile } from "../../rig/stack/images";
import { kubectl, labVariable, run, succeeded } from "../../rig/stack/lab";
import { follow, runbookBlock } from "../support/runbook";
import { settle, up, withConfig } from "../../rig/stack/stack";

/** A folder of the node's own, from the machine. */
const onNode = (folder: string): string => path.join(labVariable("LAB_DIR"), "hosts/node/own/data", folder);

/** A volume of the node for a claim: the lab has nothing that makes volumes. */
async function makeVolume(name: string): Promise<void> {
  fs.mkdirSync(onNode(name), { recursive: true });
  const node = (await kubectl("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}")).trim();
  const terms = [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] }];
  const volume = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      local: { path: `/data/${name}` },
      nodeAffinity: { required: { nodeSelectorTerms: terms } },
    },
  };
  succeeded(await run("kubectl", ["apply", "-f", "-"], { input: JSON.stringify(volume) }));
}

async function removeVolume(name: string, claim: string): Promise<void> {
  await kubectl("-n", "kube-system", "delete", "pvc", claim, "--ignore-not-found");
  await kubectl("delete", "pv", name, "--ignore-not-found");
  fs.rmSync(onNode(name), { recursive: true, force: true });
}

describe("7b. images are backed up, restored and moved", () => {
  let image: ImageFile;
  const inLab = { "/mnt/backup": "/data/backup", "node-1": "lab-node" };

  before(async () => {
    await settle();
    image = await makeImage("moved", 3, 1 << 20);
    succeeded(await push(image, reference("moves/image"), await login("push")));
  });
  after(async () => {
    await settle();
    fs.rmSync(onNode("backup"), { recursive: true, force: true });
  });

  it("a snapshot restores an empty store, by docs/runbooks/backup.md, and the image is pulled by its digest", async () => {
    const there = { "storage.backup.hostPath": "/data/backup" };
    await withConfig(there, async () => {
      succeeded(await up());
      const made = await follow(runbookBlock("backup.md", "snapshot"));
      assert.match(made.all, /snapshot \d{8}T\d{6}Z: [1-9]\d* tags, [1-9]\d* blobs, [1-9]\d* of them new/);
    });
    await withConfig({ ...there, "storage.hostPath.path": "/data/restored" }, async () => {
      await settle();
      const pull = await login("pull");
      await assert.rejects(pulledDigest(reference("moves/image"), pull), /NAME_UNKNOWN|MANIFEST_UNKNOWN|404/);
      assert.match((await follow(runbookBlock("backup.md", "restore"))).all, /restored/);
      const byDigest = reference("moves/image").replace(/:1$/, `@${image.digest}`);
      assert.equal(await pulledDigest(byDigest, pull), image.digest);
      assert.equal(await pulledDigest(reference("moves/image"), pull), image.digest);
    });
    await settle(); // the registry of that store still writes to it
    fs.rmSync(onNode("restored"), { recursive: true, force: true });
  });

  it("images move from a node's directory into a claim, by docs/runbooks/moves.md", async () => {
    await makeVolume("images");
    try {
      await withConfig({}, async () => {
        const push = await login("push");
        await follow(runbookBlock("moves.md", "claim 1", inLab));
        await follow(runbookBlock("moves.md", "claim 2", { "sizeGiB' 100": "sizeGiB' 1" }));
        await follow(runbookBlock("moves.md", "claim 3"));
        assert.equal(await pulledDigest(reference("moves/image"), push), image.digest);
        const claim = await kubectl("-n", "kube-system", "get", "pvc", "kube-registry-images", "-o", "name");
        assert.match(claim, /kube-registry-images/);
      });
      await settle();
      const left = await kubectl("-n", "kube-system", "get", "pvc", "-o", "jsonpath={.items[*].metadata.name}");
      assert.equal(left, "kube-registry-images", "the claim that the stack no longer wants is still there");
      assert.ok(fs.existsSync(path.join(onNode("images"), "docker/registry/v2/repositories/moves/image")));
    } finally {
      await settle();
      await removeVolume("images", "kube-registry-images");
    }
  });
});
