import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { NODE_NAME } from "../../lab/cluster/places";
import { login, makeImage, pulledDigest, push, reference, type ImageFile } from "../../rig/stack/images";
import { kubectl, labVariable, run, succeeded } from "../../rig/stack/lab";
import { follow, runbookBlock } from "../support/runbook";
import { settle, up, withConfig } from "../../rig/stack/stack";

/** A folder of the first node's own, from the machine. */
const onNode = (folder: string): string => path.join(labVariable("LAB_DIR"), "hosts/node/own/data", folder);

/** A volume of the node for a claim: the lab has nothing that makes volumes. */
async function makeVolume(name: string): Promise<void> {
  fs.mkdirSync(onNode(name), { recursive: true });
  const terms = [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [NODE_NAME] }] }];
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

/** Changes one bit in the middle of a file; twice is as it was. */
function flipByte(file: string): void {
  const bytes = fs.readFileSync(file);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  fs.writeFileSync(file, bytes);
}

/** When the drill last ended well, as the cluster has it; that comes a moment after the job's end. */
async function lastGoodDrill(): Promise<number> {
  const at = "jsonpath={.status.lastSuccessfulTime}";
  for (let tries = 0; tries < 30; tries++) {
    const said = await kubectl("-n", "kube-system", "get", "cronjob", "kube-registry-v0-drill", "-o", at);
    if (said !== "") return Date.parse(said);
    await new Promise((next) => setTimeout(next, 1000));
  }
  return 0;
}

describe("7b. images are backed up, restored and moved", () => {
  let image: ImageFile;
  const inLab = { "/mnt/backup": "/data/backup", "node-1": NODE_NAME };

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

  it("a drill restores the newest snapshot, by docs/runbooks/drill.md, and names a layer in which a byte was flipped", async () => {
    await withConfig({ "storage.backup.hostPath": "/data/backup" }, async () => {
      succeeded(await up());
      await follow(runbookBlock("backup.md", "snapshot"));
      const stack = labVariable("LAB_STACK");
      const before = Date.now();
      const good = await follow(runbookBlock("drill.md", "drill", { "--stack prod": `--stack ${stack}` }));
      const counts = / repositories, ([1-9]\d*) tags, ([1-9]\d*) manifests, ([1-9]\d*) configs, ([1-9]\d*) layers\n/;
      assert.match(good.all, counts);
      assert.match(
        good.all,
        /(the newest image is \S+:\S+, built .* ago|no image says when)[^]*the drill was good, in \d+ (s|min): snapshot /,
      );
      assert.ok(
        (await lastGoodDrill()) >= before - 1000,
        "the cluster does not know of a drill that was started by hand",
      );

      const newest = fs.readdirSync(onNode("backup")).sort().at(-1) ?? "";
      const blob = (digest: string): string =>
        path.join("docker/registry/v2/blobs/sha256", digest.slice(7, 9), digest.slice(7), "data");
      const file = (digest: string): string => path.join(onNode("backup"), newest, blob(digest));
      const { layers } = JSON.parse(fs.readFileSync(file(image.digest), "utf8")) as { layers: { digest: string }[] };
      const layer = layers[0]?.digest ?? "";
      flipByte(file(layer));
      try {
        const drilled = await run("npm", ["run", "--silent", "drill", "--", "--stack", stack]);
        assert.equal(drilled.exitCode, 1, drilled.all);
        const said = `moves/image:1: blob ${layer}: expected ${layer}, has sha256:`;
        assert.ok(drilled.all.includes(said) && drilled.all.includes(path.join(newest, blob(layer))), drilled.all);
        assert.equal(await pulledDigest(reference("moves/image"), await login("pull")), image.digest);
      } finally {
        flipByte(file(layer));
      }
    });
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
