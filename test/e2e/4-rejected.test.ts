import assert from "node:assert/strict";
import { ask, servedFingerprint } from "../../rig/stack/https";
import { credentials } from "../../rig/stack/images";
import { gatewayFiles, labVariable, onGateway, succeeded } from "../../rig/stack/lab";
import { preview, settle, up, withConfig } from "../../rig/stack/stack";

describe("4. a setting that nginx rejects", () => {
  before(settle);

  it("fails the up with nginx's message, and the served site and the files on disk are as before", async () => {
    const host = labVariable("LAB_REGISTRY_HOST");
    const filesBefore = await gatewayFiles();
    const servedBefore = await servedFingerprint(host);
    await withConfig({ "nginx.extraRegistryDirectives": "no_such_directive on;" }, async () => {
      const refused = await up();
      assert.notEqual(refused.exitCode, 0);
      assert.match(refused.all, /unknown directive "no_such_directive"/);
      assert.ok(!refused.all.includes(credentials("push").password));
      assert.doesNotMatch(refused.all, /PRIVATE KEY/);
      assert.match((await preview()).all, /^ +\+ +no_such_directive on;$/m, "the next preview shows it again");
    });
    assert.equal(await gatewayFiles(), filesBefore);
    assert.equal(await servedFingerprint(host), servedBefore);
    assert.equal((await ask(host, "/v2/", { auth: credentials("pull").auth })).status, 200);
    assert.equal((await onGateway("sudo -n nginx -t")).exitCode, 0);
  });

  it("leaves a stack from which the next up works", async () => {
    const next = await up();
    succeeded(next);
    assert.equal((await up("--expect-no-changes")).exitCode, 0);
  });
});
