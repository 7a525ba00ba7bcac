import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { REGISTRY } from "../../rig/gateway/fixture";
import { GatewayOnRegistry } from "../../rig/gateway/on-registry";
import { needHost } from "../../rig/hosts/nginx-host";
import { version2, version3 } from "../../rig/registry/process";

const DEV = "dev+1@team.example";

/**
 * What is put into a path, at some place and in the place of some letters; {} is the letters themselves, each encoded.
 */
const ODDITIES = [
  "{}",
  "{}",
  "{}",
  "/",
  "//",
  "/./",
  "/../",
  "/%2e%2e/",
  "%2F",
  "%2f..%2f",
  "/team/app/../..",
  "/v2/team/app/tags/list",
  "?",
  "#",
  ";",
  "%3f",
  "%23",
  "\\",
  "%5c",
  "%00",
  "%0a",
  "S",
  ".",
  "%25",
  "+",
  "*",
  "~",
];

function spoiled(path: string, at: number, cut: number, text: string): string {
  const gone = path.slice(at, at + cut);
  const encoded = [...gone].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join("");
  return `/${(path.slice(0, at) + (text === "{}" ? encoded : text + (cut > 5 ? gone : "")) + path.slice(at + cut)).replace(/^\//, "")}`;
}

for (const version of [version2, version3]) {
  describe(`names of repositories, however they are written, at a real nginx before ${version.name}`, function () {
    this.timeout(240_000);
    let site: GatewayOnRegistry;
    const send: GatewayOnRegistry["send"] = (...question) => site.send(...question);

    before(async function () {
      needHost(this);
      site = await GatewayOnRegistry.start(version);
    });
    after(() => site?.stop());

    it("no way to write a name gets anybody past the rights", async () => {
      const targets = [
        "/v2/secret%2Fapp/tags/list",
        "/v2/%73ecret/app/tags/list",
        "/v2/team/app/../../secret/app/tags/list",
        "/v2/team/app/%2e%2e/%2e%2e/secret/app/tags/list",
        "/v2/team/app/..%2f..%2fsecret/app/tags/list",
        "/v2/team%2fapp%2f..%2f..%2fsecret%2fapp/tags/list",
        "//v2/secret/app/tags/list",
        "/v2//secret/app/tags/list",
        "/v2/./secret/app/tags/list",
        "/./v2/secret/app/tags/list",
        "/V2/secret/app/tags/list",
        "/v2/SECRET/app/tags/list",
        "/v2/secret/app/tags/list/",
        "/v2/secret/app/tags/list?/v2/team/app/tags/list",
        "/v2/secret/app/tags/list;/v2/team/app/tags/list",
        "/v2/secret/app/tags/list#/v2/team/app/tags/list",
        "/v2/secret/app/tags/list%23/v2/team/app/tags/list",
        "/v2/secret/app/tags/list%3f/v2/team/app/tags/list",
        "/v2/secret/app/tags/list%00/v2/team/app/tags/list",
        "/v2/team/app/tags/list/../../../../secret/app/tags/list",
        "/v2/team/app/manifests/1/../../../../secret/app/manifests/1",
        "/v2/team/app/manifests/..%2f..%2f..%2fsecret%2fapp%2fmanifests%2f1",
        "/v2/secret/team/app/tags/list",
        "/v2/teams/app/tags/list",
        "/v2/team/tags/list",
        "/v2/open/tool/more/tags/list",
        `https://${REGISTRY}/v2/secret/app/tags/list`,
        `https://${REGISTRY}/v2/team/app/tags/../../../secret/app/tags/list`,
      ];
      for (const target of targets) {
        for (const who of ["anonymous", DEV, "dev"]) {
          const answer = await send(who, "GET", target);
          const expected = target.includes("%00") ? 400 : who === "anonymous" ? 401 : 403;
          assert.ok([expected, 400].includes(answer.status), `${who} ${target}: ${answer.status} ${answer.body}`);
          assert.ok(!answer.body.includes("secret"), target);
        }
      }
    });

    it("of a thousand odd ways to write a path none shows what the user may not read", async () => {
      const secret = "/v2/secret/app/tags/list";
      const odd = fc.array(fc.tuple(fc.nat(secret.length), fc.nat(9), fc.constantFrom(...ODDITIES)), {
        minLength: 1,
        maxLength: 4,
      });
      const targets = fc
        .sample(odd, 1000)
        .map((changes) => changes.reduce((path, [at, cut, text]) => spoiled(path, at, cut, text), secret));
      const shown: string[] = [];
      const codes = new Map<number, number>();
      for (const target of targets) {
        const { status, body } = await send(DEV, "GET", target);
        codes.set(status, (codes.get(status) ?? 0) + 1);
        if (body.includes('"secret/')) shown.push(`${target}: ${status} ${body}`);
      }
      assert.deepEqual(shown, []);
      assert.ok((codes.get(403) ?? 0) > 500, JSON.stringify([...codes]));
    });

    it("a blob is mounted from a repository that the user may read, and from no other", async () => {
      const plain = (from: string) => `from=${from}&mount=${site.blobs.get(from)}`;
      const secret = site.blobs.get("secret/app") ?? "";
      const encoded = encodeURIComponent(secret);
      const good: string[] = [
        plain("base/os"),
        `mount=${encodeURIComponent(site.blobs.get("base/os") ?? "")}&from=base%2Fos`,
        `from=base%2fos&mount=${site.blobs.get("base/os")}&origin=${site.name}`,
        plain("open/tool"),
        plain("team/app/web"),
      ];
      for (const query of good) {
        assert.equal((await send(DEV, "POST", `/v2/team/new/blobs/uploads/?${query}`)).status, 201, query);
      }
      const bad = [
        plain("secret/app"),
        plain("base/os/old"),
        plain("teams/app"),
        `from=secret%2Fapp&mount=${encoded}`,
        `mount=${encoded}&from=%73ecret%2Fapp`,
        `mount=${secret}&from=base/os&from=secret/app`,
        `mount=${secret}&from=secret/app&from=base/os`,
        `from=base/os&mount=${secret}&from=secret/app`,
        `mount=${secret}&from=secret/app;from=base/os`,
        `mount=${secret};from=secret/app`,
        `mount=${secret}&FROM=base/os&from=secret/app`,
        `%66rom=secret/app&mount=${secret}`,
        `from=base/os/../../secret/app&mount=${secret}`,
        `from=base%2F..%2F..%2Fsecret%2Fapp&mount=${secret}`,
        `from=base/+secret/app&mount=${secret}`,
        `mount=${secret}&from=secret/app&origin=x`,
        `&from=secret/app&mount=${secret}`,
        `?from=secret/app&mount=${secret}`,
        `digest=${secret}&from=secret/app&mount=${secret}`,
      ];
      const uploads = [
        "/v2/team/stolen/blobs/uploads/",
        "/v2/team/stolen/blobs/uploads/5f1d0cbd-0d63-4b4b-9c3e-0d8b0a6f0000",
      ];
      for (const query of bad) {
        for (const path of uploads) {
          const { status } = await send(DEV, "POST", `${path}?${query}`);
          assert.ok(status === 202 || (status >= 400 && status < 500), `${query}: ${status}`);
        }
        assert.equal((await send(DEV, "POST", `${uploads[0]}?${query}`)).status, 202, `${query}: an upload begins`);
      }
      for (const type of [
        "application/x-www-form-urlencoded",
        "Application/X-WWW-Form-Urlencoded; a=b",
        "multipart/form-data; boundary=x",
      ]) {
        const form = type.startsWith("multipart")
          ? ["from", "mount"]
              .map(
                (name) =>
                  `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${name === "from" ? "secret/app" : secret}\r\n`,
              )
              .join("") + "--x--\r\n"
          : `from=secret%2Fapp&mount=${encoded}`;
        const options = { headers: { "Content-Type": type, "Content-Length": `${form.length}` }, body: form };
        const { status } = await send(DEV, "POST", "/v2/team/stolen/blobs/uploads/", options);
        assert.equal(status, 202, type);
        assert.equal(
          (await send(DEV, "POST", `/v2/team/stolen/blobs/uploads/?${plain("base/os")}`, options)).status,
          201,
        );
        const allowed = await send("admin", "POST", `/v2/team/formed${type.length}/blobs/uploads/`, options);
        assert.equal(allowed.status, 201, "a form's mount is one for the registry");
      }
      assert.equal((await send(DEV, "HEAD", `/v2/team/stolen/blobs/${secret}`)).status, 404);
      assert.equal((await send("mixed", "POST", `/v2/team/app/blobs/uploads/?${plain("secret/app")}`)).status, 201);
      assert.equal((await send("admin", "POST", `/v2/team/x/blobs/uploads/?${plain("secret/app")}`)).status, 201);
    });
  });
}
