import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { ask, servedFingerprint } from "../../rig/stack/https";
import { credentials, login, makeImage, pulledDigest, push, reference } from "../../rig/stack/images";
import { kubectl, labVariable, onClient, succeeded } from "../../rig/stack/lab";
import { refusedBy } from "../../rig/stack/node-port";
import { outputs, preview, state, up } from "../../rig/stack/stack";

describe("1. from an empty cluster and a bare nginx", () => {
  before("one pulumi up", async () => {
    const first = await up();
    succeeded(first);
    console.log(`      first up: ${first.seconds.toFixed(1)} s`);
  });

  it("anonymous GET /v2/ is a 401 that carries Docker-Distribution-Api-Version once", async () => {
    const answer = await ask(labVariable("LAB_REGISTRY_HOST"), "/v2/");
    assert.equal(answer.status, 401);
    const sent = answer.rawHeaders.filter((name) => name.toLowerCase() === "docker-distribution-api-version");
    assert.equal(sent.length, 1);
    assert.equal(answer.headers["docker-distribution-api-version"], "registry/2.0");
    assert.match(answer.headers["www-authenticate"] ?? "", /^Basic realm="Restricted"/);
  });

  it("an authenticated GET /v2/ is a 200 that carries the header once", async () => {
    const answer = await ask(labVariable("LAB_REGISTRY_HOST"), "/v2/", { auth: credentials("push").auth });
    assert.equal(answer.status, 200);
    const sent = answer.rawHeaders.filter((name) => name.toLowerCase() === "docker-distribution-api-version");
    assert.equal(sent.length, 1);
  });

  it("login, push and pull work through the gateway, verified against the CA's root", async () => {
    const pusher = await login("push");
    const image = await makeImage("main-job", 4, 2 << 20);
    succeeded(await push(image, reference("main/job"), pusher));
    assert.equal(await pulledDigest(reference("main/job"), await login("pull")), image.digest);
  });

  it("a client that does not trust the CA refuses the gateway", async () => {
    const result = await onClient("curl", ["-sS", `https://${labVariable("LAB_REGISTRY_HOST")}/v2/`]);
    assert.notEqual(result.exitCode, 0);
    assert.match(result.stderr, /certificate/);
  });

  it("a user of role pull can not push, and a wrong password is a 401", async () => {
    const image = await makeImage("refused", 1, 1024);
    assert.notEqual((await push(image, reference("main/refused"), await login("pull"))).exitCode, 0);
    const path = "/v2/main/refused/blobs/uploads/";
    const host = labVariable("LAB_REGISTRY_HOST");
    assert.equal((await ask(host, path, { method: "POST", auth: credentials("pull").auth })).status, 403);
    assert.equal((await ask(host, path, { method: "POST", auth: `${credentials("push").user}:wrong` })).status, 401);
    assert.equal((await ask(host, path, { method: "POST" })).status, 401);
  });

  it("the UI asks for a password and then serves its page and the registry's data", async () => {
    const host = labVariable("LAB_UI_HOST");
    assert.equal((await ask(host, "/")).status, 401);
    const page = await ask(host, "/", { auth: credentials("pull").auth });
    assert.equal(page.status, 200);
    assert.match(page.body, /<html/i);
    const catalog = await ask(host, "/v2/_catalog", { auth: credentials("pull").auth });
    assert.ok((JSON.parse(catalog.body) as { repositories: string[] }).repositories.includes("main/job"));
  });

  it("port 80 redirects to https and answers a challenge token", async () => {
    const host = labVariable("LAB_REGISTRY_HOST");
    const redirect = succeeded(await onClient("curl", ["-sSi", `http://${host}/some/path?and=query`]));
    assert.match(redirect.stdout, /^HTTP\/1.1 30[18] /);
    assert.ok(redirect.stdout.includes(`https://${host}/some/path?and=query`), redirect.stdout);
    const token = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA";
    const answer = succeeded(await onClient("curl", ["-sS", `http://${host}/.well-known/acme-challenge/${token}`]));
    assert.match(answer.stdout, new RegExp(`^${token}\\.[A-Za-z0-9_-]{43}$`));
  });

  it("the served chain, the secret in kube-system and the stack's output are the same certificate", async () => {
    const values = await outputs();
    const leaf = new X509Certificate(String(values.certificateChain));
    const fingerprint = leaf.fingerprint256.replaceAll(":", "").toLowerCase();
    const secret = await kubectl("-n", "kube-system", "get", "secret", "registry-tls-secret", "-o", "json");
    const data = (JSON.parse(secret) as { data: Record<string, string> }).data;
    const stored = Buffer.from(data["domain.crt"] ?? "", "base64").toString("utf8");
    assert.equal(stored.trim(), String(values.certificateChain).trim());
    assert.ok(leaf.checkPrivateKey(createPrivateKey(Buffer.from(data["domain.key"] ?? "", "base64"))));
    assert.equal(await servedFingerprint(labVariable("LAB_REGISTRY_HOST")), fingerprint);
    assert.equal(await servedFingerprint(labVariable("LAB_UI_HOST")), fingerprint);
    assert.match(leaf.subjectAltName ?? "", new RegExp(labVariable("LAB_UI_HOST")));
  });

  it("the NodePorts do not answer who has no client certificate", async () => {
    for (const node of [labVariable("LAB_NODE_IP"), labVariable("LAB_NODE_2_IP")]) {
      assert.equal(await refusedBy(node), "a registry");
      const ui = await onClient("curl", ["-sS", "--max-time", "10", `http://${node}:30949/v2/_catalog`]);
      assert.doesNotMatch(ui.stdout, /main\/job/);
    }
  });

  it("the state holds no key and no password in the clear", async () => {
    const exported = await state();
    assert.doesNotMatch(exported, /PRIVATE KEY/);
    for (const role of ["push", "pull"] as const) assert.ok(!exported.includes(credentials(role).password));
  });
});

describe("2. a second run", () => {
  it("of up changes nothing, within 10 seconds", async () => {
    const second = await up("--expect-no-changes");
    succeeded(second);
    assert.deepEqual([...second.changes], []);
    console.log(`      second up: ${second.seconds.toFixed(1)} s`);
    assert.ok(second.seconds <= 10, `${second.seconds} s`);
  });

  it("of preview shows nothing to change", async () => {
    const result = await preview("--expect-no-changes");
    succeeded(result);
    assert.deepEqual([...result.changes], []);
  });
});
