import * as assert from "node:assert/strict";
import { UI } from "../../rig/gateway/fixture";
import { GatewayOnRegistry, PEOPLE, REPOSITORIES } from "../../rig/gateway/on-registry";
import { needHost } from "../../rig/hosts/nginx-host";
import { version2, version3 } from "../../rig/registry/process";

const DEV = "dev+1@team.example";

/** Repositories by who may do what there, written down by hand from the users' rights. */
const PULLS: Record<string, string[]> = {
  anonymous: ["open/tool", "tools"],
  [DEV]: ["team/app", "team/app/web", "base/os", "open/tool", "tools"],
  dev: ["other", "open/tool", "tools"],
  mixed: REPOSITORIES,
  reader: REPOSITORIES,
  admin: REPOSITORIES,
};
const PUSHES: Record<string, string[]> = {
  anonymous: [],
  [DEV]: ["team/app", "team/app/web"],
  dev: ["other"],
  mixed: ["team/app"],
  reader: [],
  admin: REPOSITORIES,
};
const WHO = Object.keys(PULLS);
const READS = ["GET", "HEAD"];
const WRITES = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

for (const version of [version2, version3]) {
  describe(`rights for repositories, at a real nginx before ${version.name}`, function () {
    this.timeout(240_000);
    let site: GatewayOnRegistry;

    before(async function () {
      needHost(this);
      site = await GatewayOnRegistry.start(version);
    });
    after(() => site?.stop());

    const send: GatewayOnRegistry["send"] = (...question) => site.send(...question);
    const refusal = (who: string): number => (who === "anonymous" ? 401 : 403);

    for (const who of WHO) {
      it(`${who}: every method on every path of every repository`, async () => {
        const wrong: string[] = [];
        const absent = `sha256:${"0".repeat(64)}`;
        for (const name of REPOSITORIES) {
          const readable = [
            `manifests/1`,
            `manifests/${site.manifests.get(name)}`,
            `manifests/${encodeURIComponent(site.manifests.get(name) ?? "")}`,
            `blobs/${site.blobs.get(name)}`,
            "tags/list?n=10",
          ];
          const checks = [
            ...readable.flatMap((path) => READS.map((method) => ({ method, path, may: PULLS, status: [200, 405] }))),
            ...READS.map((method) => ({ method, path: `referrers/${absent}`, may: PULLS, status: [404] })),
            ...WRITES.map((method) => ({ method, path: "tags/list", may: PUSHES, status: [405, 200] })),
            ...WRITES.map((method) => ({
              method,
              path: `manifests/none`,
              may: PUSHES,
              status: [400, 404, 405, 415, 200],
            })),
            ...WRITES.map((method) => ({ method, path: `blobs/${absent}`, may: PUSHES, status: [404, 405, 200] })),
            ...[...READS, "PUT", "PATCH", "DELETE"].map((method) => ({
              method,
              path: "blobs/uploads/5f1d0cbd-0d63-4b4b-9c3e-0d8b0a6f0000",
              may: PUSHES,
              status: [404, 400],
            })),
            { method: "POST", path: "blobs/uploads/", may: PUSHES, status: [202] },
          ];
          for (const { method, path, may, status } of checks) {
            const got = (await send(who, method, `/v2/${name}/${path}`)).status;
            const expected = may[who]?.includes(name) ? status : [refusal(who)];
            if (!expected.includes(got)) wrong.push(`${method} ${name}/${path}: ${got}, not ${expected.join(" or ")}`);
          }
        }
        assert.deepEqual(wrong, []);
      });
    }

    it("the ping, the catalog and the UI are for those for whom they are", async () => {
      const all: [string, number[]][] = [
        ["/v2/", [401, 200, 200, 200, 200, 200]],
        ["/v2/_catalog", [401, 403, 403, 200, 200, 200]],
        ["/v2/_catalog?n=1&last=a", [401, 403, 403, 200, 200, 200]],
        ["/v2/%5fcatalog", [401, 403, 403, 200, 200, 200]],
        ["/v2/a/../_catalog", [401, 403, 403, 301, 301, 301]],
        ["/", [401, 403, 403, 200, 200, 200]],
        ["/debug/vars", [401, 403, 403, 404, 404, 404]],
      ];
      const order = ["anonymous", DEV, "dev", "mixed", "reader", "admin"];
      for (const [path, expected] of all) {
        const got = await Promise.all(order.map(async (who) => (await send(who, "GET", path)).status));
        assert.deepEqual(got, expected, path);
      }
      for (const path of ["/", "/index.html", "/v2/_catalog", "/v2/secret/app/tags/list"]) {
        const got = await Promise.all(order.map(async (who) => (await send(who, "GET", path, { host: UI })).status));
        assert.deepEqual(got, [401, 403, 403, 200, 200, 200], `the UI's ${path}`);
      }
    });

    it("a wrong password and an unknown user are nobody, in open repositories too", async () => {
      for (const auth of [`${DEV}:wrong`, "mallory:x", "-:x", "?:x", `${DEV} pull open/tool:x`, ":x"]) {
        for (const path of ["/v2/", "/v2/open/tool/tags/list", "/v2/team/app/tags/list"]) {
          assert.equal((await send("anonymous", "GET", path, { auth })).status, 401, `${auth} ${path}`);
        }
      }
    });

    it("an upload of one repository is none of another", async () => {
      const began = await send(DEV, "POST", "/v2/team/app/blobs/uploads/");
      const { pathname, search } = new URL(String(began.headers.location));
      const there = pathname.replace("/v2/team/app/", "/v2/other/") + search;
      assert.equal((await send("dev", "PATCH", there, { body: "x" })).status >= 400, true);
      assert.equal((await send("dev", "PATCH", pathname + search, { body: "x" })).status, 403);
      assert.equal((await send(DEV, "PATCH", pathname + search, { body: "x" })).status, 202);
    });

    it("a right that is taken away is gone when the run ends", async () => {
      assert.equal((await send(DEV, "GET", "/v2/base/os/tags/list")).status, 200);
      const fewer = PEOPLE.map((each) => ({ ...each, repositories: (each.repositories ?? []).slice(0, 1) }));
      await site.put({ people: fewer, anonymousPull: [] });
      assert.equal((await send(DEV, "GET", "/v2/base/os/tags/list")).status, 403);
      assert.equal((await send(DEV, "GET", "/v2/team/app/tags/list")).status, 200);
      assert.equal((await send("anonymous", "GET", "/v2/tools/tags/list")).status, 401);
      await site.put();
    });
  });
}
