import assert from "node:assert/strict";
import * as path from "node:path";
import { execa } from "execa";
import { StoreCheck } from "../../components/registry/args";
import { pullImage, pushImage } from "../../rig/registry/images";
import { withCollection } from "../../rig/registry/pod";
import { RegistryProcess, version2, version3 } from "../../rig/registry/process";

/** The bytes that are free where the images are. */
async function freeIn(folder: string): Promise<number> {
  return Number((await execa("df", ["--output=avail", "-B1", folder])).stdout.split("\n")[1]);
}

for (const version of [version2, version3]) {
  describe(`docs/runbooks/disk-full.md with ${version.name}`, () => {
    let registry: RegistryProcess;
    before(async () => {
      registry = await RegistryProcess.prepare(version, {
        storage: withCollection({}),
        registry: { storeCheck: StoreCheck.Read, deleteEnabled: true, image: `registry:${version.name.slice(-1)}` },
      });
      await execa("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", registry.file("images")]);
      await registry.start();
    });
    after(async () => {
      await registry.stop();
      await execa("umount", ["--lazy", registry.file("images")]);
      await registry.remove();
    });

    it("pulls go on, an image is deleted on the full disk, and a collection makes room", async () => {
      const kept = await pushImage(registry, "team/app", "kept", { tags: ["1"] });
      const old = await pushImage(registry, "team/app", "old".repeat(300), { tags: ["0"] });
      const filler = path.join(registry.file("images"), "filler");
      await execa("dd", ["if=/dev/zero", `of=${filler}`, "bs=4k"], { reject: false });
      assert.equal(await freeIn(registry.file("images")), 0);
      assert.equal(await registry.isReady(), true);
      await assert.rejects(pushImage(registry, "team/app", "more".repeat(300)));
      assert.equal(await pullImage(registry, "team/app", "1"), kept);
      assert.equal((await registry.ask("DELETE", `/v2/team/app/manifests/${old}`)).status, 202);
      await registry.stop();
      const said = await registry.collect();
      assert.ok((await freeIn(registry.file("images"))) > 800_000, said);
      await registry.start();
      assert.equal(await pullImage(registry, "team/app", "1"), kept);
      await pushImage(registry, "team/app", "new");
    });
  });
}
