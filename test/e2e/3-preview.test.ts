import assert from "node:assert/strict";
import { releasesIn } from "../../cli/gateways/written";
import { callBack } from "../../rig/stack/call-back";
import { credentials } from "../../rig/stack/images";
import { labVariable, run, succeeded } from "../../rig/stack/lab";
import { preview, settle, withConfig } from "../../rig/stack/stack";

/** What a person sees of a preview: its summary, and with `--diff`. */
async function previewed(): Promise<{ summary: string; lines: string }> {
  const [summary, lines] = [await preview("--diff=false"), await preview()];
  succeeded(summary);
  succeeded(lines);
  await holdsNoSecret(summary.all);
  await holdsNoSecret(lines.all);
  return { summary: summary.all, lines: lines.all };
}

/** Every secret that went to the gateway: lines of keys, hashes, and what is made from a key. */
let secrets: string[] = [];

async function releasesSecrets(): Promise<string[]> {
  const args = ["stack", "export", "--show-secrets", "--stack", labVariable("LAB_STACK")];
  const releases = releasesIn(JSON.parse(succeeded(await run("pulumi", args)).stdout));
  const files = releases.flatMap(({ stdin }) => [...stdin.matchAll(/^put 06[04]0 .*\n([^.]*)\.$/gm)]);
  const texts = files.map(([, text = ""]) => Buffer.from(text, "base64").toString());
  const keys = texts.flatMap((text) => text.split("\n")).filter((line) => /^[A-Za-z0-9+/=]{40,}$/.test(line));
  const hashes = texts.flatMap((text) => text.match(/\$2y\$\S+|\b[0-9a-f]{32}\b/g) ?? []);
  return [...keys, ...hashes];
}

async function holdsNoSecret(output: string): Promise<void> {
  if (secrets.length === 0) secrets = await releasesSecrets();
  assert.ok(secrets.length >= 8, `${secrets.length} secrets were found in what went to the gateway`);
  const passwords = [credentials("push").password, credentials("pull").password, "correct horse battery", "$2y$"];
  for (const secret of [...secrets, ...passwords, "PRIVATE KEY"]) {
    assert.ok(!output.includes(secret), `a preview shows ${secret.slice(0, 6)}...`);
  }
}

describe("3. a preview of a change at the gateway", () => {
  before(settle);

  it("names the file and shows the lines of a changed nginx setting", async () => {
    await withConfig({ "nginx.readTimeoutSeconds": 901 }, async () => {
      const { summary, lines } = await previewed();
      assert.match(summary, /ReleaseFiles +main-gateway-files +update +\[diff: ~site\.conf\]/);
      assert.match(lines, /^ +- +proxy_read_timeout 900s;$/m);
      assert.match(lines, /^ +\+ +proxy_read_timeout 901s;$/m);
      assert.doesNotMatch(lines, /^ +[-+] +(ssl_|listen|limit_req|proxy_pass)/m);
    });
  });

  it("names the files and shows the lines of a new user, but not the password", async () => {
    const user = { "users[2].name": "newcomer", "users[2].role": "pull", "users[2].password": "correct horse battery" };
    await withConfig(user, async () => {
      const { summary, lines } = await previewed();
      assert.match(summary, /main-gateway-files +update +\[diff: ~site\.conf,users\]/);
      assert.match(lines, /^ +\+ +newcomer \(pull\): password \[secret\], mark [0-9a-f]{12}$/m);
      assert.match(lines, /^ +\+ +"~\^newcomer\\z" "newcomer pull \[secret\]";$/m);
    });
  });

  it("tells of another password that it is another one", async () => {
    await withConfig({ "users[1].password": "correct horse battery" }, async () => {
      const { summary, lines } = await previewed();
      assert.match(summary, /main-gateway-files +update +\[diff: ~users\]/);
      const { user } = credentials("pull");
      for (const sign of ["-", "\\+"])
        assert.match(
          lines,
          new RegExp(`^ +${sign} +${user} \\(pull\\): password \\[secret\\], mark [0-9a-f]{12}$`, "m"),
        );
    });
  });

  it("names the certificate's file before a renewal, and no other", async () => {
    await callBack();
    const { summary, lines } = await previewed();
    assert.match(summary, /main-gateway-files +update +\[diff: ~chain\.pem\]/);
    assert.match(lines, /~ chain\.pem +: .* => \[unknown\]/);
  });
});
