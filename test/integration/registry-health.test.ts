import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";
import { StoreCheck } from "../../components/registry/args";
import { pushImage } from "../../rig/registry/images";
import { RegistryProcess, version2, version3 } from "../../rig/registry/process";

/** The registry's store on a file system of 8 MiB of its own. */
async function onSmallDisk(registry: RegistryProcess): Promise<string> {
  const folder = registry.file("images");
  await execa("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", folder]);
  return folder;
}

for (const version of [version2, version3]) {
  describe(`the readiness of ${version.name}`, () => {
    const running: RegistryProcess[] = [];
    const mounted: string[] = [];
    after(async () => {
      await Promise.all(running.map((registry) => registry.stop()));
      for (const folder of mounted) await execa("umount", [folder]);
      await Promise.all(running.map((registry) => registry.remove()));
    });
    const start = async (storeCheck?: StoreCheck): Promise<{ registry: RegistryProcess; folder: string }> => {
      const registry = await RegistryProcess.prepare(version, { registry: storeCheck ? { storeCheck } : {} });
      running.push(registry);
      const folder = await onSmallDisk(registry);
      mounted.push(folder);
      await registry.start();
      await pushImage(registry, "some/image", "content", { tags: ["1"] });
      return { registry, folder };
    };

    it("notices a full store and one that is read-only, without password or certificate", async () => {
      const { registry, folder } = await start();
      assert.equal(await registry.isReady(), true);

      await execa("mount", ["-o", "remount,ro", folder]);
      assert.equal(await registry.isReady(), false, "read-only");
      await execa("mount", ["-o", "remount,rw", folder]);
      assert.equal(await registry.isReady(), true);

      const filler = path.join(folder, "filler");
      await execa("dd", ["if=/dev/zero", `of=${filler}`, "bs=1M"], { reject: false });
      assert.equal(await registry.isReady(), false, "full");
      assert.ok(
        await pushImage(registry, "some/image", "more").then(
          () => false,
          () => true,
        ),
        "a push into it fails",
      );
      fs.rmSync(filler);
      assert.equal(await registry.isReady(), true, "room again");
      assert.equal(fs.statSync(path.join(folder, ".room-for-more")).size, 0);
    });

    it("lets pulls go on from a full store when told to, and notices one that is gone", async () => {
      const { registry, folder } = await start(StoreCheck.Read);
      await execa("dd", ["if=/dev/zero", `of=${path.join(folder, "filler")}`, "bs=1M"], { reject: false });
      assert.equal(await registry.isReady(), true);
      assert.equal((await registry.ask("GET", "/v2/some/image/manifests/1")).status, 200);
      await execa("umount", ["--lazy", folder]);
      mounted.splice(mounted.indexOf(folder), 1);
      fs.rmSync(folder, { recursive: true });
      assert.equal(await registry.isReady(), false);
    });
  });
}
