import * as assert from "node:assert/strict";
import { identifier, serverName } from "../../components/nginx/text";

describe("a name for nginx's tables", () => {
  it("is as it is where it fits, and a pattern or a marked part of it where it doesn't", () => {
    assert.equal(serverName("registry.example.com"), "registry.example.com");
    const long = `registry.${"a".repeat(40)}.example.com`;
    assert.equal(serverName(long), `"~^registry\\\\.${"a".repeat(40)}\\\\.example\\\\.com\\\\z"`);
    assert.equal(identifier("main-gateway"), "pr_main_gateway");
    const [one, other] = ["b".repeat(48), `${"b".repeat(47)}c`].map(identifier);
    assert.match(one ?? "", /^pr_b{15}_[0-9a-f]{8}$/);
    assert.notEqual(one, other);
  });
});
