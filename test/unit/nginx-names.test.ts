import * as assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { block, directive, fileText, identifier, serverName, word } from "../../components/nginx/text";

describe("a name for nginx's tables", () => {
  it("is as it is where it fits, and a pattern or a marked part of it where it doesn't", () => {
    assert.equal(serverName("registry.example.com"), "registry.example.com");
    const long = `registry.${"a".repeat(40)}.example.com`;
    assert.equal(serverName(long), `.${long}`);
    const label = "a".repeat(47);
    assert.equal(serverName(`${label}.example.com`), `"~^${label}\\\\.example\\\\.com\\\\z"`);
    assert.equal(identifier("main-gateway"), "pr_main_gateway");
    const [one, other] = ["b".repeat(48), `${"b".repeat(47)}c`].map(identifier);
    assert.match(one ?? "", /^pr_b{15}_[0-9a-f]{8}$/);
    assert.notEqual(one, other);
  });

  it("is cut and marked from the 25th letter on, a host is written label by label from the 47th on", () => {
    const [fits, long] = ["a-b-".repeat(6), `${"a-b-".repeat(6)}c`];
    assert.equal(identifier(fits), `pr_${"a_b_".repeat(6)}`);
    const mark = createHash("sha256").update(long).digest("hex").slice(0, 8);
    assert.equal(identifier(long), `pr_a_b_a_b_a_b_a_b_${mark}`.replace("b__", "b_"));
    assert.equal(serverName(`${"a".repeat(42)}.com`), `${"a".repeat(42)}.com`);
    assert.equal(serverName(`${"a".repeat(43)}.com`), `.${"a".repeat(43)}.com`);
  });
});

describe("nginx's text", () => {
  it("quotes a value where it needs to, with nginx's two escapes, and refuses what can't be said", () => {
    const bare = "AZaz09_./:@+,=~^|()?*%<>!&[]-";
    assert.equal(word(bare), bare);
    for (const letter of bare) assert.equal(word(letter), letter);
    for (const letter of " ;{}#'`é") {
      for (const value of [letter, `a${letter}`, `${letter}a`]) assert.equal(word(value), `"${value}"`);
    }
    assert.equal(word(""), '""');
    assert.equal(word('a "b" \\c'), '"a \\"b\\" \\\\c"');
    const message = "nginx can't take a control character or '$' in a value";
    for (const value of ["\u0000", "a\u001fb", "\u007f", "a\n", "$a"]) assert.throws(() => word(value), { message });
  });

  it("has directives that end, blocks that are indented, and files that end with a line", () => {
    assert.equal(directive("listen", 443, "ssl"), "listen 443 ssl;");
    assert.equal(directive("internal"), "internal;");
    const inner = block("location /", [directive("return", 404)]);
    assert.equal(
      fileText("# by hand", block("server", [...inner, "", directive("listen", 80)])),
      "# by hand\nserver {\n    location / {\n        return 404;\n    }\n\n    listen 80;\n}\n",
    );
  });
});
