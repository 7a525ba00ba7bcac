import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import type { RegistryPodArgs } from "../../components/registry/pod-args";
import { layerOf, pullImage, pushImage, pushIndex } from "../../rig/registry/images";
import { withCollection } from "../../rig/registry/pod";
import {
  answerOf,
  digestOf,
  RegistryProcess,
  type RegistryVersion,
  version2,
  version3,
} from "../../rig/registry/process";

interface Pushed {
  repository: string;
  digest: string;
}

/** What is in a store before it is collected. */
interface Store {
  /** Tagged, or part of what is tagged. */
  kept: Pushed[];
  /** Without a tag, and in nothing that has one. */
  untagged: Pushed[];
  /** Deleted by the user. */
  deleted: Pushed[];
}

const REPOSITORIES = ["one", "team/two", "team/deep/three"];

/**
 * Many images in three repositories: single ones with shared layers, some for several platforms, a list of lists, a
 * list of referrers.
 */
async function fill(registry: RegistryProcess): Promise<Store> {
  const store: Store = { kept: [], untagged: [], deleted: [] };
  await Promise.all(REPOSITORIES.map((repository) => fillRepository(registry, repository, store)));
  for (const { repository, digest } of store.deleted) {
    assert.equal((await registry.ask("DELETE", `/v2/${repository}/manifests/${digest}`)).status, 202);
  }
  return store;
}

async function fillRepository(registry: RegistryProcess, repository: string, store: Store): Promise<void> {
  const image = (name: string, tag?: string): Promise<string> =>
    pushImage(registry, repository, `${repository} ${name}`, {
      base: ["base", `${repository} base`],
      tags: tag ? [tag] : [],
    });
  const put = (list: Pushed[], digest: string): string => (list.push({ repository, digest }), digest);
  for (let index = 0; index < 6; index++) put(store.kept, await image(`single ${index}`, `v${index}`));
  for (let index = 0; index < 3; index++) {
    const platforms = [await image(`amd64 ${index}`), await image(`arm64 ${index}`), await image(`s390x ${index}`)];
    put(store.kept, await pushIndex(registry, repository, platforms, [`multi${index}`]));
  }
  const inner = await pushIndex(registry, repository, [await image("inner amd64"), await image("inner arm64")]);
  const outer = await pushIndex(registry, repository, [inner, await image("outer")], ["nested"]);
  put(store.kept, outer);
  const signed = put(store.kept, await image("signed", "signed"));
  const referrers = await pushIndex(registry, repository, [await image("signature")], [signed.replace(":", "-")]);
  put(store.kept, referrers);
  put(store.untagged, await image("untagged"));
  put(store.untagged, await pushIndex(registry, repository, [await image("untagged platform")]));
  put(store.untagged, await image("overwritten", "moving"));
  put(store.kept, await image("moved", "moving"));
  put(store.deleted, await image("deleted", "old"));
  put(store.deleted, await pushIndex(registry, repository, [await image("deleted platform")], ["old-multi"]));
}

async function status(registry: RegistryProcess, { repository, digest }: Pushed): Promise<number> {
  return (await registry.ask("GET", `/v2/${repository}/manifests/${digest}`)).status;
}

const cases: { version: RegistryVersion; deleteUntagged: boolean; image: string }[] = [
  { version: version2, deleteUntagged: false, image: "registry:2" },
  { version: version3, deleteUntagged: false, image: "registry:3" },
  { version: version3, deleteUntagged: true, image: "registry:3" },
];

describe("a collection, as the pod does it", () => {
  const running: RegistryProcess[] = [];
  after(() => Promise.all(running.map((registry) => registry.remove())));
  const prepare = async (version: RegistryVersion, args: Partial<RegistryPodArgs>): Promise<RegistryProcess> => {
    const registry = await RegistryProcess.prepare(version, args);
    running.push(registry);
    return registry;
  };

  for (const { version, deleteUntagged, image } of cases) {
    const what = deleteUntagged ? "takes what has no tag, and keeps" : "keeps what has no tag, and";
    it(`of ${version.name} ${what} every other image, those of several platforms too`, async function () {
      this.timeout(60_000);
      const registry = await prepare(version, {
        storage: withCollection({ deleteUntagged }),
        registry: { image, deleteEnabled: true },
      });
      await registry.start();
      const store = await fill(registry);
      await registry.stop();

      assert.match(await registry.collect(), /eligible for deletion/);

      await registry.start();
      const left = deleteUntagged ? store.kept : [...store.kept, ...store.untagged];
      for (const { repository, digest } of left) await pullImage(registry, repository, digest);
      console.log(`      ${left.length} images and lists of images pulled by digest`);
      const gone = deleteUntagged ? [...store.untagged, ...store.deleted] : store.deleted;
      for (const each of gone) assert.equal(await status(registry, each), 404);
      for (const repository of REPOSITORIES) {
        const layer = digestOf(layerOf(`${repository} deleted`));
        assert.equal((await registry.ask("GET", `/v2/${repository}/blobs/${layer}`)).status, 404);
      }
      await pushImage(registry, "one", "one deleted", { tags: ["again"] });
    });

    it(`of ${version.name} waits for a push that the last pod still finishes${deleteUntagged ? ", untagged or not" : ""}`, async () => {
      const args = { storage: withCollection({ deleteUntagged }), registry: { image, shutdown: { drainSeconds: 20 } } };
      const registry = await prepare(version, args);
      await registry.start();
      await pushImage(registry, "first", "first", { tags: ["1"] });
      const upload = await slowUpload(registry, "first", layerOf("slow"));
      const ended = registry.stop();
      let collected = false;
      const collection = registry.collect().then((said) => ((collected = true), said));
      await wait(1500);
      assert.equal(collected, false, "it collects while a push runs");
      assert.equal(await upload.finish(), 201);
      await ended;
      assert.match(await collection, /eligible for deletion/);
    });
  }

  it("does nothing to an empty store, and the registry starts", async () => {
    const registry = await prepare(version2, { storage: withCollection() });
    assert.match(await registry.collect(), /nothing was collected; the registry starts all the same/);
    await registry.start();
    assert.equal((await registry.ask("GET", "/v2/")).status, 200);
  });

  it("does nothing where the image has no flock", async () => {
    const registry = await prepare(version2, { storage: withCollection() });
    const said = await registry.collect({ PATH: registry.file("bin") });
    assert.match(said, /flock: not found[^]*nothing was collected/);
  });
});

/** An upload of which the last byte is still to come. */
async function slowUpload(
  registry: RegistryProcess,
  repository: string,
  body: Buffer,
): Promise<{ finish(): Promise<number> }> {
  const started = await registry.ask("POST", `/v2/${repository}/blobs/uploads/`);
  const location = new URL(String(started.headers["location"]));
  location.searchParams.set("digest", digestOf(body));
  const upload = registry.open("PUT", location.pathname + location.search, { type: "application/octet-stream" });
  upload.setHeader("content-length", body.length);
  upload.write(body.subarray(0, -1));
  await wait(300);
  return {
    finish: async () => {
      upload.end(body.subarray(-1));
      return (await answerOf(upload)).status;
    },
  };
}
