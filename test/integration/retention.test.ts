import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { type RepositoryReport } from "../../cli/retention/report";
import { retain } from "../../cli/retention";
import type { RetentionRule } from "../../cli/retention/policy";
import { type RegistryAccess, RegistryApi } from "../../cli/retention/registry-api";
import { pullImage, pushImage, pushIndex, tagsOf } from "../../rig/registry/images";
import { withCollection } from "../../rig/registry/pod";
import { RegistryProcess, version2, version3 } from "../../rig/registry/process";

const NOW = Date.UTC(2026, 6, 31);

function accessTo(registry: RegistryProcess): RegistryAccess {
  const pem = (file: string): Buffer => fs.readFileSync(path.join(registry.folder, file));
  const certificate = { cert: pem("domain.crt"), key: pem("domain.key") };
  return { url: `https://localhost:${registry.port}`, ca: pem("domain.crt"), certificate };
}

async function run(
  registry: RegistryProcess,
  rules: RetentionRule[],
  more = {},
  Api = RegistryApi,
): Promise<RepositoryReport[]> {
  const api = new Api(accessTo(registry));
  try {
    const reports: RepositoryReport[] = [];
    for await (const report of retain(api, rules, { delete: true, now: NOW, ...more })) reports.push(report);
    return reports;
  } finally {
    api.close();
  }
}

const day = (number: number): string => new Date(Date.UTC(2026, 6, number)).toISOString();
const tagsToGo = (report: RepositoryReport | undefined): string[] =>
  (report?.deletions ?? []).flatMap(({ tags }) => tags).sort();

for (const version of [version2, version3]) {
  describe(`retention on ${version.name}`, () => {
    const running: RegistryProcess[] = [];
    const start = async (deleteEnabled = true): Promise<RegistryProcess> => {
      const registry = await RegistryProcess.prepare(version, {
        storage: withCollection(),
        registry: { deleteEnabled },
      });
      running.push(registry);
      await registry.start();
      return registry;
    };
    afterEach(() => Promise.all(running.splice(0).map((registry) => registry.remove())));

    it("deletes what no rule keeps, and no part of what one keeps, through a collection too", async () => {
      const registry = await start();
      const push = (content: string, tags: string[], created?: string) =>
        pushImage(registry, "team/app", content, { tags, ...(created ? { created } : {}) });
      await push("one", ["1"], day(1));
      const two = await push("two", ["2", "two"], day(2));
      await push("three", ["3", "latest"], day(3));
      await push("undated", ["undated"]);
      await push("epoch", ["reproducible"], "1970-01-01T00:00:00Z");
      // The oldest image of all is a platform of the newest index, and has a tag of its own.
      const shared = await push("shared", ["shared-amd64"], "2026-06-01T00:00:00Z");
      const newer = await push("newer", [], day(20));
      const kept = await pushIndex(registry, "team/app", [shared, newer], ["multi-2"]);
      const lonely = await push("lonely", [], "2026-06-02T00:00:00Z");
      const old = await pushIndex(registry, "team/app", [shared, lonely], ["multi-1"]);
      const signature = (of: string) => `${of.replace(":", "-")}.sig`;
      await push("about two", [signature(two)]);
      await push("about multi-2", [signature(kept)]);
      await push("about nothing", [signature(`sha256:${"0".repeat(64)}`)]);
      await pushImage(registry, "other/app", "left alone", { tags: ["1"], created: "2020-01-01T00:00:00Z" });
      const before = await tagsOf(registry, "team/app");
      const rules: RetentionRule[] = [{ repositories: "team/*", keepLast: 2, keepTags: ["v*"] }];

      const dry = await run(registry, rules, { delete: false });
      assert.deepEqual(await tagsOf(registry, "team/app"), before, "a dry run deletes nothing");
      const [other, report] = await run(registry, rules);
      assert.deepEqual(dry[1], report, "the dry run says what the real one does");
      assert.equal(other?.rule, undefined);

      const gone = ["1", "2", "multi-1", signature(two), signature(`sha256:${"0".repeat(64)}`), "two"].sort();
      assert.deepEqual(tagsToGo(report), gone);
      const left = before.filter((tag) => !gone.includes(tag));
      assert.deepEqual(
        left,
        ["3", "latest", "multi-2", "reproducible", signature(kept), "shared-amd64", "undated"].sort(),
      );
      assert.deepEqual(await tagsOf(registry, "team/app"), left);
      await registry.stop();
      await registry.collect();
      await registry.start();
      for (const tag of left) await pullImage(registry, "team/app", tag);
      await pullImage(registry, "other/app", "1");
      for (const digest of [two, old, lonely]) {
        assert.equal((await registry.ask("GET", `/v2/team/app/manifests/${digest}`)).status, 404, digest);
      }
    });

    it("keeps what is about a kept image by its own word, and judges it by itself once the image goes", async () => {
      const registry = await start();
      const push = (content: string, tag: string, more: object) =>
        pushImage(registry, "app", content, { tags: [tag], ...more });
      const old = await push("old", "1", { created: day(1) });
      const now = await push("now", "2", { created: day(30) });
      await push("materials of old", "materials-1", { subject: old, created: day(1) });
      await push("today's materials of old", "materials-3", { subject: old, created: day(31) });
      const materials = await push("materials of now", "materials-2", { subject: now });
      await push("signature of materials", `${materials.replace(":", "-")}.sig`, {});
      const [report] = await run(registry, [{ repositories: "**", keepDays: 7 }]);
      assert.deepEqual(tagsToGo(report), ["1", "materials-1"]);
      const left = ["2", "materials-2", "materials-3", `${materials.replace(":", "-")}.sig`];
      assert.deepEqual(await tagsOf(registry, "app"), left);
      const second = await run(registry, [{ repositories: "**", keepDays: 7 }]);
      assert.deepEqual(tagsToGo(second[0]), [], "a second run finds nothing");
    });

    it("keeps today's image, whose subject is nowhere in the repository", async () => {
      const registry = await start();
      const push = (content: string, tags: string[], more: object) =>
        pushImage(registry, "app", content, { tags, ...more });
      const nowhere = `sha256:${"0".repeat(64)}`;
      await push("today's", ["latest", "v9"], { created: day(31), subject: nowhere });
      await push("old", ["v1"], { created: day(1), subject: nowhere });
      const rules = [{ repositories: "**", keepLast: 1, keepDays: 7, keepTags: ["latest"] }];
      const [report] = await run(registry, rules);
      assert.deepEqual(tagsToGo(report), ["v1"]);
      assert.deepEqual(await tagsOf(registry, "app"), ["latest", "v9"]);
      await pullImage(registry, "app", "v9");
    });

    it("takes a chart's date from its annotation", async () => {
      const registry = await start();
      const push = (tag: string, created: string) =>
        pushImage(registry, "chart", tag, {
          tags: [tag],
          annotations: { "org.opencontainers.image.created": created },
        });
      await push("1", day(1));
      await push("2", day(2));
      const [report] = await run(registry, [{ repositories: "chart", keepLast: 1 }]);
      assert.deepEqual(tagsToGo(report), ["1"]);
    });

    it("says what to do where nothing may be deleted", async () => {
      const registry = await start(false);
      await pushImage(registry, "app", "old", { tags: ["1"], created: day(1) });
      await pushImage(registry, "app", "new", { tags: ["2"], created: day(2) });
      const rules = [{ repositories: "app", keepLast: 1 }];
      await assert.rejects(
        run(registry, rules),
        /app: 0 of 1 manifests were deleted, then: .*set registry\.deleteEnabled to true/,
      );
      assert.deepEqual(await tagsOf(registry, "app"), ["1", "2"]);
    });

    it("leaves a repository alone whose tags move meanwhile", async () => {
      const registry = await start();
      const old = await pushImage(registry, "app", "old", { tags: ["1"], created: day(1) });
      await pushImage(registry, "app", "new", { tags: ["2"], created: day(2) });
      const { body } = await registry.ask("GET", `/v2/app/manifests/${old}`);
      const manifest = JSON.parse(body.toString()) as { mediaType: string };
      let looks = 0;
      class Slow extends RegistryApi {
        override async tags(repository: string): Promise<string[]> {
          if (++looks === 2) await registry.manifest("app", manifest, "rescued");
          return super.tags(repository);
        }
      }
      const [report] = await run(registry, [{ repositories: "app", keepLast: 1 }], {}, Slow);
      assert.match(report?.leftAlone ?? "", /a tag was pushed, moved or deleted meanwhile/);
      assert.deepEqual(await tagsOf(registry, "app"), ["1", "2", "rescued"]);
    });

    it("deletes nothing that is pushed while it deletes: an old digest, or a platform of a new index", async () => {
      const registry = await start();
      const made: string[] = [];
      for (const number of [1, 2, 3, 4]) {
        made.push(await pushImage(registry, "app", `${number}`, { tags: [`${number}`], created: day(number) }));
      }
      const { body } = await registry.ask("GET", `/v2/app/manifests/${made[1]}`);
      const second = JSON.parse(body.toString()) as { mediaType: string };
      let push: (() => Promise<unknown>) | undefined;
      class Pushing extends RegistryApi {
        override async deleteManifest(repository: string, digest: string): Promise<boolean> {
          const deleted = await super.deleteManifest(repository, digest);
          await push?.();
          push = undefined;
          return deleted;
        }
      }
      const rules = [{ repositories: "app", keepLast: 1 }];
      push = () => registry.manifest("app", second, "4");
      const [moved] = await run(registry, rules, {}, Pushing);
      assert.match(moved?.leftAlone ?? "", /a tag was pushed, moved or deleted meanwhile: 4 is /);
      assert.deepEqual(tagsToGo(moved), ["1"]);
      assert.deepEqual(await tagsOf(registry, "app"), ["2", "3", "4"]);
      assert.equal(await pullImage(registry, "app", "4"), made[1]);

      await pushImage(registry, "app", "5", { tags: ["5"], created: day(5) });
      push = () => pushIndex(registry, "app", [made[2] as string], ["multi"]);
      const [parts] = await run(registry, rules, {}, Pushing);
      assert.match(parts?.leftAlone ?? "", /multi is new/);
      assert.deepEqual(tagsToGo(parts), ["2", "4"]);
      assert.deepEqual(await tagsOf(registry, "app"), ["3", "5", "multi"]);
      await pullImage(registry, "app", "multi");
    });

    it("says that a tag is lost that moves just before the DELETE; a push brings it back", async () => {
      const registry = await start();
      const old = await pushImage(registry, "app", "old", { tags: ["1"], created: day(1) });
      await pushImage(registry, "app", "new", { tags: ["2", "latest"], created: day(2) });
      const { body } = await registry.ask("GET", `/v2/app/manifests/${old}`);
      const manifest = JSON.parse(body.toString()) as { mediaType: string };
      class Late extends RegistryApi {
        override async deleteManifest(repository: string, digest: string): Promise<boolean> {
          await registry.manifest("app", manifest, "latest");
          return super.deleteManifest(repository, digest);
        }
      }
      const [report] = await run(registry, [{ repositories: "app", keepLast: 1 }], {}, Late);
      assert.match(report?.losses?.join() ?? "", /^latest is gone/);
      assert.deepEqual(await tagsOf(registry, "app"), ["2"]);
      await registry.manifest("app", manifest, "latest");
      assert.equal(await pullImage(registry, "app", "latest"), old);
    });
  });
}
