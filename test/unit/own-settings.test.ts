import * as assert from "node:assert/strict";
import { accessServerDefaults, everybody, siteDefaults } from "../../components/nginx/gateway/own-settings";
import { gatewayRelease } from "../../rig/gateway/fixture";

describe("what the gateway's servers say themselves", () => {
  it("lets only this host ask the access server, and all that is asked there be so", () => {
    const text = accessServerDefaults("pr_x").join("\n");
    assert.match(text, /^satisfy all;$/m);
    assert.match(text, /^allow 127\.0\.0\.0\/8;\ndeny all;$/m);
    assert.equal(text.match(/^allow /gm)?.length, 1);
  });

  it("leaves out what the user says in the same server, and lets a user's deny come first", async () => {
    assert.deepEqual(
      siteDefaults("").map((line) => line.split(" ")[0]),
      ["satisfy", "auth_basic", "ssl_verify_client", "ssl_early_data", "expires", "mirror"],
    );
    assert.ok(!siteDefaults("ssl_verify_client optional;").some((line) => line.startsWith("ssl_verify_client")));
    const extra = "allow 192.0.2.0/24;\ndeny all;";
    const [site] = (await gatewayRelease({ extraRegistryDirectives: extra })).files;
    const lines = (site?.content ?? "").split("\n").map((line) => line.trim());
    const deny = lines.lastIndexOf("deny all;");
    assert.equal(lines[deny + 1], everybody);
  });
});
