import * as assert from "node:assert/strict";
import { REGISTRY, UI } from "../../rig/gateway/fixture";
import { GatewayOnRegistry } from "../../rig/gateway/on-registry";
import { needHost } from "../../rig/hosts/nginx-host";
import { version2, version3 } from "../../rig/registry/process";

const DEV = "dev+1@team.example";

for (const version of [version2, version3]) {
  describe(`tokens, where repositories are open to everybody, at a real nginx before ${version.name}`, function () {
    this.timeout(240_000);
    let site: GatewayOnRegistry;
    const send: GatewayOnRegistry["send"] = (...question) => site.send(...question);

    before(async function () {
      needHost(this);
      site = await GatewayOnRegistry.start(version);
    });
    after(() => site?.stop());

    it("a no is said in the registry's words, and who has no password is told where to get a token", async () => {
      const denied = await send("dev", "GET", "/v2/secret/app/tags/list");
      assert.equal(denied.headers["content-type"], "application/json");
      assert.deepEqual(Object.keys(JSON.parse(denied.body) as object), ["errors"]);
      const { headers } = await send("anonymous", "GET", "/v2/");
      assert.equal(
        headers["www-authenticate"],
        `Bearer realm="https://${REGISTRY}/.private-registry/token",service="${REGISTRY}"`,
      );
      assert.equal(
        (await send("anonymous", "GET", "/", { host: UI })).headers["www-authenticate"],
        'Basic realm="Restricted"',
      );
    });

    it("a token is the name and password that were given, and nothing that could be made up", async () => {
      const path = "/.private-registry/token?service=x&scope=repository:team/app:pull";
      const token = async (who: string): Promise<string> => {
        const answer = await send(who, "GET", path);
        assert.equal(answer.headers["cache-control"], "no-store");
        return (JSON.parse(answer.body) as { token: string }).token;
      };
      const by = async (credential: string, name: string) =>
        (await send("anonymous", "GET", `/v2/${name}/tags/list`, { headers: { Authorization: credential } })).status;
      const [nobody, dev, admin] = [await token("anonymous"), await token(DEV), await token("admin")];
      assert.deepEqual([await by(`Bearer ${nobody}`, "tools"), await by(`Bearer ${nobody}`, "team/app")], [200, 401]);
      assert.deepEqual([await by(`Bearer ${dev}`, "team/app"), await by(`Bearer ${dev}`, "secret/app")], [200, 403]);
      assert.equal(await by(`Bearer ${admin}`, "secret/app"), 200);
      const [handle = "", secret = ""] = dev.split(".");
      const [other = ""] = admin.split(".");
      assert.equal(
        await by(`Bearer ${other}.${secret}`, "secret/app"),
        403,
        "another's name before one's own password",
      );
      assert.equal(await by(`Bearer ${other}.${secret}`, "team/app"), 403);
      for (const made of [
        `${handle}.${Buffer.from(`${DEV}:wrong`).toString("base64")}`,
        `${handle}.`,
        handle,
        "x",
        `${nobody}.${secret}`,
        `${nobody} `,
      ]) {
        assert.notEqual(await by(`Bearer ${made}`, "team/app"), 200, made);
      }
      assert.equal((await send("anonymous", "GET", path, { auth: `${DEV}:wrong` })).status, 401);
      assert.ok([401, 404].includes((await send("anonymous", "POST", path)).status));
      const log = await site.gateway.host.run("cat /var/log/nginx/*.log");
      assert.ok(!log.stdout.includes(secret));
      assert.match(log.stdout, /- dev\+1@team\.example \[[^\]]*\] "GET \/v2\/team\/app\/tags\/list/);
    });
  });
}
