import assert from "node:assert/strict";
import fc from "fast-check";
import { activationInput, END_MARK, makeRelease, remoteCommand } from "../../components/hosts/release";
import { NGINX_HOST } from "../../components/nginx/kind";
import * as reading from "../../policy/reading/release";
import { command, judge, type Seen } from "../support/policy-judge";

const OLD = "server {\n  listen 443 ssl;\n  ssl_protocols TLSv1.1 TLSv1.2;\n}\n";
const GOOD = OLD.replace("TLSv1.1 ", "");
/** The stdin of a release with these files, as the components write it. */
const written = (files: Record<string, string>): string =>
  activationInput(
    makeRelease({
      kind: NGINX_HOST,
      site: "main-gateway",
      probes: [{ scheme: "https", port: 443, host: "registry.example.com" }],
      files: () => Object.entries(files).map(([path, content]) => ({ path, content, readers: "all" as const })),
    }),
    "project/stack/main gw",
  );
const release = (stdin: unknown): Seen => command({ create: remoteCommand("create"), stdin, logging: "none" });
const said = async (stdin: unknown): Promise<string> => (await judge("tls-floor", release(stdin))).join("\n");
const site = (text: string): Promise<string> => said(written({ "site.conf": text }));

describe("the policy tls-floor and a release", () => {
  it("know the same mark", () => assert.equal(reading.END_MARK, END_MARK));

  it("reads every file that the components write, whatever is in it", () => {
    const path = fc.stringMatching(/^[a-z][a-z0-9.-]{0,12}(\/[a-z0-9]{1,8})?$/).filter((each) => each !== "MANIFEST");
    const content = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.constantFrom("", ".\n", "put 'a'\n", OLD),
    );
    fc.assert(
      fc.property(fc.dictionary(path, content, { minKeys: 1, maxKeys: 6 }), (files) => {
        const { files: read, unread } = reading.readRelease(written(files));
        read.delete("MANIFEST");
        assert.deepEqual(unread, []);
        assert.deepEqual(Object.fromEntries(read), { ...files });
      }),
      { numRuns: 200 },
    );
  });

  it("finds an old protocol in any of its files", async () => {
    assert.equal(
      await said(written({ "site.conf": GOOD, "with-extra.conf": "ssl_protocols TLSv1;\n" })),
      "with-extra.conf: it allows TLSv1",
    );
    assert.match(await said(written({ "site.conf": GOOD, "parts/tls": OLD })), /^parts\/tls: it allows TLSv1\.1$/);
    assert.equal(await said(written({ "site.conf": GOOD })), "");
  });

  /** What somebody might change in release.ts without a thought for the policy. */
  const changes: [string, (text: string) => string, RegExp][] = [
    ["the function has a different name", (text) => text.replace(/^put (?=\d)/gm, "place "), /no file of the release/],
    [
      "its arguments are in a different order",
      (text) => text.replace(/^put (\S+) (\S+) ('\S+')/gm, "put $3 $1 $2"),
      /no file/,
    ],
    ["paths have no quotes", (text) => text.replace(/^(put \S+ \S+) '(\S+)'/gm, "$1 $2"), /no file of the release/],
    [
      "the heredoc has a different end",
      (text) => text.replace(/<<'\.'/g, "<<'EOF'").replace(/^\.$/gm, "EOF"),
      /no file/,
    ],
    ["lines are indented", (text) => text.replace(/^(?=put \d)/gm, "  "), /no file of the release/],
    [
      "text is base64url",
      (text) => text.replace(/^[A-Za-z0-9+/=]{76}$/gm, (line) => line.replace(/[A-M]/g, "-")),
      /can be read|can't be read/,
    ],
    [
      "text is compressed first",
      (text) => text.replace(/^[A-Za-z0-9+/=]{76}$/gm, "H4sIAAAAAAAAA"),
      /can't be read by this policy/,
    ],
    [
      "one file comes in a different way",
      (text) => text.replace("put 0644 all 'site.conf'", "put -z 0644 all 'site.conf'"),
      /can't be read/,
    ],
    [
      "one file comes by a function of its own",
      (text) => text.replace("put 0644 all 'site.conf'", "site 'site.conf'"),
      /site\.conf is in the release and can't/,
    ],
    ["the list has a different name", (text) => text.replace("'MANIFEST'", "'FILES'"), /has no list of its files/],
    ["nothing is left of it", () => "", /no file of the release can be read/],
  ];
  for (const [what, change, reason] of changes) {
    it(`is not silent when ${what}`, async () => {
      const text = written({ "site.conf": OLD, "chain.pem": "-----BEGIN CERTIFICATE-----\n".repeat(9) });
      assert.notEqual(change(text), text, "the change changes something");
      assert.match(await said(change(text)), reason);
    });
  }

  it("is not silent when the list of files is written in a different way", async () => {
    const text = written({ "site.conf": GOOD });
    const list = reading.readRelease(text).files.get("MANIFEST") ?? "";
    const lines = (content: string): string =>
      (
        Buffer.from(content)
          .toString("base64")
          .match(/.{1,76}/g) ?? []
      ).join("\n");
    assert.ok(text.includes(lines(list)));
    const other = text.replace(lines(list), lines(list.replace(/^\w+ {2}/, "sha256:")));
    assert.match(await said(other), /the list of the release's files can't be read/);
  });

  it("is not silent when a release comes in a different way than by stdin", async () => {
    for (const stdin of [undefined, 7, ["x"]]) assert.match(await said(stdin), /nothing is on stdin/);
    const urn = "urn:pulumi:prod::p::a:b:C$private-registry:index:NginxGateway$command:remote:Command::main-gateway-gw";
    assert.match((await judge("tls-floor", { ...command({ create: "x" }), urn })).join(), /nothing is on stdin/);
    assert.match((await judge("tls-floor", { ...command({ create: "x", stdin: "y" }), urn })).join(), /no file/);
    assert.deepEqual(await judge("tls-floor", command({ create: "x", stdin: "y" })), [], "somebody else's command");
  });

  it("reads nginx's text as nginx does", async () => {
    for (const bad of [
      "server { listen 443 ssl; ssl_protocols TLSv1.2 TLSv1; }",
      "server{listen 443 ssl;ssl_protocols\n  'TLSv1.2'\n  \"TLSv1\";}",
      "server {\n  listen 443 ssl; # ;\n  ssl_protocols TLSv1.2 SSLv3;\n}",
      'server { listen 443 ssl; ssl_protocols TLSv1.2; ssl_conf_command MinProtocol "TLSv1"; }',
      "server { listen 443 ssl; ssl_protocols TLSv1.2; location / { proxy_ssl_protocols TLSv1; } }",
    ])
      assert.match(await site(bad), /^site\.conf: it allows (TLSv1|SSLv3)$/, bad);
    for (const silent of [
      "server { listen 443 ssl; ssl_protocols TLSv1.2; }\nserver { listen 443 ssl; }",
      "server { listen 443 quic; }",
      "server { listen 443; ssl on; }",
      'server { listen 443 ssl; # ssl_protocols TLSv1.2;\n add_header A "ssl_protocols TLSv1.2;"; }',
    ])
      assert.match(await site(silent), /names no ssl_protocols/, silent);
    for (const right of [
      "http { ssl_protocols TLSv1.3; server { listen 443 ssl; } }",
      "# ssl_protocols TLSv1;\nserver { listen 80; }",
      'server { listen 80; return 200 "ssl_protocols TLSv1;"; }',
    ])
      assert.equal(await site(right), "", right);
  });

  it("looks at sites that come without a release", async () => {
    const config = { type: "kubernetes:core/v1:ConfigMap", props: { data: { "site.conf": OLD } } };
    assert.match((await judge("tls-floor", config)).join(), /site\.conf: it allows TLSv1\.1/);
    const comment = { ...config, props: { data: { "site.conf": "# ssl_protocols TLSv1;\n" } } };
    assert.deepEqual(await judge("tls-floor", comment), []);
    const shell = command({ create: "echo 'ssl_protocols TLSv1 TLSv1.2;' >/etc/nginx/conf.d/tls.conf" });
    assert.match((await judge("tls-floor", shell)).join(), /create: it allows TLSv1/);
    const stdin = command({ create: "cat >/etc/nginx/conf.d/site.conf", stdin: OLD });
    assert.match((await judge("tls-floor", stdin)).join(), /stdin: it allows TLSv1\.1/);
  });
});
