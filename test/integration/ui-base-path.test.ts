import * as assert from "node:assert/strict";
import { ask } from "../../rig/gateway/client";
import { REGISTRY, UI } from "../../rig/gateway/fixture";
import { GatewayOnHost, WHO } from "../../rig/gateway/on-host";
import { needHost } from "../../rig/hosts/nginx-host";

describe("a UI below a path, at a real nginx", function () {
  this.timeout(60_000);
  let gateway: GatewayOnHost;

  before(async function () {
    needHost(this);
    gateway = await GatewayOnHost.start();
  });
  after(() => gateway?.stop());

  const get = (host: string, path: string, auth?: string) =>
    ask({ port: gateway.host.httpsPort, host, path, ...(auth === undefined ? {} : { auth }) });

  it("of its own name has its page there, its data below /v2/, and nothing else", async () => {
    await gateway.put({ uiPath: "/web/ui/" });
    assert.equal((await get(UI, "/web/ui/page.js?a=b", WHO.pull)).body, "ui /page.js?a=b");
    assert.equal((await get(UI, "/v2/_catalog", WHO.pull)).body, "registry /v2/_catalog");
    assert.equal((await get(UI, "/page.js", WHO.pull)).status, 404);
    for (const path of ["/", "/web/ui"]) {
      const { status, headers } = await get(UI, path, WHO.pull);
      assert.deepEqual([status, headers.location], [302, `https://${UI}/web/ui/`]);
    }
  });

  it("of the registry's name leaves everything else to the registry", async () => {
    await gateway.put({ uiHost: REGISTRY, uiPath: "/ui/" });
    assert.equal((await get(REGISTRY, "/ui/", WHO.pull)).body, "ui /");
    assert.equal((await get(REGISTRY, "/v2/_catalog", WHO.pull)).body, "registry /v2/_catalog");
    assert.equal((await get(REGISTRY, "/", WHO.pull)).body, "registry /");
    assert.equal((await get(REGISTRY, "/ui", WHO.pull)).headers.location, `https://${REGISTRY}/ui/`);
  });

  it("asks everybody for a password, on every path", async () => {
    for (const site of [
      { name: UI, uiHost: UI },
      { name: REGISTRY, uiHost: REGISTRY },
    ]) {
      await gateway.put({ uiHost: site.uiHost, uiPath: "/ui/" });
      for (const path of [
        "/",
        "/ui",
        "/ui/",
        "/ui/x",
        "/other",
        "//ui/",
        "/ui/../v2/",
        "/ui/%2e%2e/v2/_catalog",
        "/UI/",
      ]) {
        assert.equal(await gateway.code(undefined, "GET", path, site.name), 401, `${site.name}${path}`);
        assert.equal(await gateway.code(WHO["wrong password"], "GET", path, site.name), 401, `${site.name}${path}`);
        assert.equal(await gateway.code(WHO.pull, "DELETE", path, site.name), 403, `${site.name}${path}`);
      }
    }
  });
});
