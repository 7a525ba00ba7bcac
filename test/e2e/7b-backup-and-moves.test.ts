import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { login, makeImage, pulledDigest, push, reference, type ImageFile } from "../support/images";
import { kubectl, labVariable, run, succeeded } from "../support/lab";
import { follow, runbookBlock } from "../support/runbook";
import { settle, withConfig } from "../support/stack";

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

describe("7b. images are moved, by a snapshot", () => {
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

  it("images move from a node's directory into a claim, by docs/runbooks/moves.md", async () => {
    await makeVolume("images");
    try {
      await withConfig({}, async () => {
        const push = await login("push");
        await follow(runbookBlock("moves.md", "claim 1", inLab));
        await follow(runbookBlock("moves.md", "claim 2", { "sizeGiB 100": "sizeGiB 1" }));
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
