import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, ask } from "../../rig/gateway/client";
import { activationInput } from "../../components/hosts/release";
import { gatewayRelease, OWNER } from "../../rig/gateway/fixture";
import { VARIANTS } from "../../rig/gateway/variants";
import { needHost } from "../../rig/hosts/nginx-host";
import { AUDIENCE, IdentityGateway, MAIN } from "../../rig/identities/gateway";
import { issuerKey, now } from "../../rig/identities/issuer";

const good = { sub: MAIN, aud: AUDIENCE };
const PATH = "/v2/acme/app/blobs/uploads/1";

for (const variant of VARIANTS) {
  describe(`what a gateway remembers of tokens, at nginx ${variant}`, function () {
    this.timeout(120_000);
    let site: IdentityGateway;

    before(async function () {
      needHost(this);
      site = await IdentityGateway.start(variant);
    });
    after(() => site?.stop());

    const send = (token: string, method = "PATCH", name = "ci-main"): Promise<Answer> =>
      ask({ port: site.gateway.host.httpsPort, auth: `${name}:${token}`, method, path: PATH });
    const code = async (token: string, method?: string, name?: string) => (await send(token, method, name)).status;

    /** A gateway whose memory lasts some seconds, not minutes. */
    const forSeconds = async (seconds: number): Promise<void> => {
      const release = await gatewayRelease(await site.changes({ guessesPerMinute: 5999 }));
      const files = release.files.map((file) => ({
        ...file,
        content: file.content.replace("yes 600;", `yes ${seconds};`),
      }));
      const done = await site.gateway.host.activate("update", activationInput({ ...release, files }, OWNER));
      assert.equal(done.code, 0, done.stderr);
    };

    it("a push goes on after its token's end, and ends when the memory does, however much it is used", async () => {
      await forSeconds(4);
      const token = site.ours.token({ ...good, exp: now() + 3 });
      const started = Date.now();
      assert.equal(await code(token, "POST"), 200);
      let last = 0;
      for (;;) {
        const status = await code(token);
        if (status !== 200) {
          assert.equal(status, 401);
          break;
        }
        last = Date.now() - started;
        assert.ok(last < 9_000, "a yes long after the token's end");
        await sleep(150);
      }
      assert.ok(last > 2_800 && last < 7_500, `the last yes came after ${last} ms`);
      for (let count = 0; count < 3; count++) assert.equal(await code(token), 401, "and stays ended");
      await site.put();
    });

    it("a token of 12 KiB works and is remembered, beside a site that is the first of its port", async () => {
      const release = "/etc/nginx/private-registry/main-gateway/last-good";
      const first = `server { listen ${site.gateway.host.httpsPort} ssl default_server; server_name first;
        ssl_certificate ${release}/chain.pem; ssl_certificate_key ${release}/key.pem; return 404; }`;
      const file = `${site.gateway.host.sites}/first.conf`;
      const added = await site.gateway.host.run(
        `echo '${first}' >${file} && nginx -t -q && nginx -s reload && sleep 1`,
      );
      assert.equal(added.code, 0, added.stderr);
      const token = site.ours.token({ ...good, padding: "x".repeat(8900) });
      assert.ok(token.length > 12_288, `${token.length} characters`);
      assert.equal(await code(token), 200);
      await site.verifiers.ours.end("nginx");
      assert.equal(await code(token), 200, "nobody is there to ask");
      await site.verifiers.ours.run();
      await site.gateway.host.run(`rm ${file}; nginx -s reload`);
    });

    it("with a verifier that is gone or hangs, a remembered yes goes on, others get a 503 that says so", async () => {
      const remembered = site.ours.token(good);
      assert.equal(await code(remembered), 200);
      for (const [program, signal] of [
        ["nginx", "SIGTERM"],
        ["oauth2-proxy", "SIGTERM"],
        ["oauth2-proxy", "SIGSTOP"],
      ] as const) {
        await site.verifiers.ours.end(program, signal);
        assert.equal(await code(remembered), 200, `${program}: remembered`);
        const answer = await send(site.ours.token(good));
        assert.equal(answer.status, 503, program);
        assert.match(answer.body, /^\{"errors":\[\{"code":"UNAVAILABLE","message":"tokens of this identity can't be/);
        assert.equal(await code(site.theirs.token({ ...good, groups: ["ops"] }), "GET", "ops"), 403, "of an upload");
        assert.equal(await site.gateway.code("alice:correct horse: battery", "PUT"), 200, "a user notices nothing");
        site.verifiers.ours.wake("oauth2-proxy");
        await site.verifiers.ours.run();
        assert.equal(await code(site.ours.token(good)), 200, "and all is well afterwards");
      }
    });

    it("counts tokens that are not remembered as guesses, before the verifier is asked", async () => {
      await site.put({ guessesPerMinute: 6, realm: "Counted" });
      const remembered = site.ours.token(good);
      assert.equal(await code(remembered), 200);
      const before = site.ours.asked;
      const answers: number[] = [];
      for (let count = 0; count < 40; count++) answers.push(await code(site.ours.token(good, {}, issuerKey("ES256"))));
      assert.ok(answers.filter((each) => each === 401).length <= 8, answers.join(" "));
      assert.ok(
        answers.slice(-5).every((each) => each === 429),
        answers.join(" "),
      );
      assert.equal(await code(site.ours.token(good)), 429, "a good one too");
      assert.equal(await code(remembered), 200, "what is remembered stays good");
      assert.ok(site.ours.asked - before <= 1, `the issuer was asked ${site.ours.asked - before} times`);
      await site.put();
    });

    it("remembers no token in clear with njs, and in nginx's memory only", async () => {
      const token = site.ours.token(good);
      assert.equal(await code(token), 200);
      const folder = "/run/private-registry-main-gateway.tokens";
      const { stdout } = await site.gateway.host.run(
        `stat -c %a ${folder}; cat ${folder}/*/* | tr -c '[:print:]' '\\n'`,
      );
      assert.match(stdout, /^700\n/);
      const basic = Buffer.from(`ci-main:${token}`).toString("base64");
      assert.equal(stdout.includes(basic), variant.includes("without njs"));
    });
  });
}

describe("an issuer of tokens that is away, and one that is asked too much", function () {
  this.timeout(120_000);
  let site: IdentityGateway;
  const code = (token: string): Promise<number> => site.gateway.code(`ci-main:${token}`, "PUT", PATH);

  before(async function () {
    needHost(this);
    site = await IdentityGateway.start("Debian's 1.22 with njs");
  });
  after(() => site?.stop());

  it("hurts nobody whose issuer has been asked before: its keys are kept", async () => {
    assert.equal(await code(site.ours.token(good)), 200);
    await site.ours.stop();
    assert.equal(await code(site.ours.token(good)), 200);
    await site.verifiers.ours.end("oauth2-proxy");
    await site.verifiers.ours.run();
    assert.equal(await code(site.ours.token(good)), 200, "nor after a restart of the verifier");
    await site.ours.listen();
  });

  it("is 503 and no 401 while its keys are not known yet, and well as soon as they are", async () => {
    for (const failing of [500, 403, 429]) {
      site.ours.failing = failing;
      await site.verifiers.ours.forgetKeys();
      assert.equal(await code(site.ours.token(good)), 503, String(failing));
    }
    await site.ours.stop();
    assert.equal(await code(site.ours.token(good)), 503, "refused");
    site.ours.failing = undefined;
    await site.ours.listen();
    assert.equal(await code(site.ours.token(good)), 200);
  });

  it("is asked for its keys once, whatever number of forged tokens comes", async () => {
    await site.verifiers.ours.forgetKeys();
    const before = site.ours.asked;
    const other = issuerKey();
    const forged = Array.from({ length: 300 }, (_, index) => site.ours.token({ ...good, jti: index }, {}, other));
    const answers: number[] = [];
    for (let at = 0; at < forged.length; at += 20)
      answers.push(...(await Promise.all(forged.slice(at, at + 20).map(code))));
    assert.deepEqual([...new Set(answers)], [401]);
    assert.equal(site.ours.asked - before, 1);
  });

  it("may change its keys: a token of a new one is good once the kept ones are a minute old", async () => {
    const added = issuerKey();
    site.ours.keys = [added];
    await site.verifiers.ours.forgetKeys();
    assert.equal(await code(site.ours.token(good, {}, added)), 200);
  });

  it("is believed only with a certificate of a CA that is trusted, for its name", async () => {
    const started = site.verifiers.ours.log.length;
    await site.verifiers.ours.forgetKeys({ hasCa: false });
    assert.equal(await code(site.ours.token(good)), 503);
    assert.match(site.verifiers.ours.log.slice(started), /certificate verify error/);
    await site.verifiers.ours.forgetKeys({ keysUrl: site.ours.keysUrl.replace(/\/\/[^:]+/, "//other.example.com") });
    assert.equal(await code(site.ours.token(good)), 503);
    assert.match(
      site.verifiers.ours.log.slice(started),
      /upstream SSL certificate does not match "other\.example\.com"/,
    );
  });

  it("is never asked where the stack has brought its keys, of any kind, and other keys are another pod's", async () => {
    const [former, next] = [issuerKey("ES256"), issuerKey("RS256")];
    const at = site.ours.asked;
    const algorithms = ["RS256", "ES256"];
    site.ours.keys = [former];
    await site.verifiers.ours.forgetKeys({ algorithms, keys: site.ours.published() });
    assert.equal(await code(site.ours.token(good, {}, former)), 200);
    assert.equal(await code(site.ours.token(good, {}, next)), 401);
    site.ours.keys = [former, next];
    await site.verifiers.ours.forgetKeys({ algorithms, keys: site.ours.published() });
    for (const key of [former, next]) assert.equal(await code(site.ours.token(good, {}, key)), 200);
    assert.equal(site.ours.asked, at);
  });

  it("and its verifier is for gateways only", async () => {
    await site.verifiers.ours.forgetKeys();
    const { port } = site.verifiers.ours;
    const basic = { auth: `ci-main:${site.ours.token(good)}` };
    const answer = await ask({ port, path: "/verify", ...basic });
    assert.equal(answer.status, 400);
    assert.match(answer.body, /No required SSL certificate was sent/);
  });
});
