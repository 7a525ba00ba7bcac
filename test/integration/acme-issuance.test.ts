import * as assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { splitChain } from "../../components/chain/chain";
import type { ChainInputs, ChainState } from "../../components/acme/data";
import { create, diff, read, update } from "../../components/acme/lifecycle";
import { chainInputs, newAccountKey, TestRuntime } from "../../rig/acme/inputs";
import { type Responder, startResponder } from "../../rig/acme/responder";
import { type Pebble, startPebble } from "../../rig/acme/pebble";

const DAY = 86_400_000;

describe("a certificate from Pebble by stateless HTTP-01", function () {
  this.timeout(60_000);
  const account = newAccountKey();
  let pebble: Pebble;
  let responder: Responder;
  let inputs: ChainInputs;
  let state: ChainState;
  let runtime: TestRuntime;

  before(async () => {
    pebble = await startPebble();
    responder = await startResponder(pebble.httpPort, account.thumbprint);
    inputs = await chainInputs(pebble, account, { profile: "default" });
    ({ outs: state } = await create(inputs, new TestRuntime()));
  });
  beforeEach(() => {
    runtime = new TestRuntime();
  });
  after(async () => {
    await responder.stop();
    await pebble.stop();
  });

  it("covers all names with the key of the CSR, and leads to the CA's root", async () => {
    const [leaf, intermediate] = splitChain(state.chainPem).map((pem) => new X509Certificate(pem));
    const root = new X509Certificate(await pebble.rootPem());
    assert.ok(leaf && intermediate);
    assert.equal(leaf.subjectAltName, "DNS:registry.example.test, DNS:www.example.test");
    assert.equal(leaf.publicKey.export({ format: "pem", type: "spki" }), inputs.publicKeyPem);
    assert.ok(leaf.verify(intermediate.publicKey) && intermediate.verify(root.publicKey));
    assert.equal(state.leafPem + state.issuerPem, state.chainPem);
    assert.equal(state.fingerprintSha256, leaf.fingerprint256.replaceAll(":", "").toLowerCase());
  });

  it("is planned for a moment inside the CA's own window", () => {
    assert.ok(state.renewalWindow);
    assert.ok(Date.parse(state.renewAt) >= Date.parse(state.renewalWindow.start) - 1000);
    assert.ok(Date.parse(state.renewAt) < Date.parse(state.renewalWindow.end));
    assert.match(state.renewReason, /within the CA's window from /);
    assert.ok(Date.parse(state.askAgainAt ?? "") > Date.now());
  });

  it("makes no difference while nothing has changed and nothing is due", () => {
    assert.deepEqual(diff("id", state, inputs, runtime), { changes: false, replaces: [] });
    assert.deepEqual(runtime.said, []);
  });

  it("is renewed in place when due: the same account, another certificate, told by the preview", async () => {
    runtime.ahead = 70 * DAY;
    assert.deepEqual(diff("id", state, inputs, runtime), { changes: true, replaces: [] });
    assert.match(runtime.said.join(), /registry\.example\.test and 1 more: renewed by the next update, due since /);
    const { outs } = await update("id", state, inputs, runtime);
    assert.notEqual(outs.serialNumber, state.serialNumber);
    assert.equal(outs.accountUrl, state.accountUrl);
    assert.match(pebble.log(), /ARI: order .* is a replacement of/);
    assert.deepEqual(diff("id", outs, inputs, new TestRuntime()), { changes: false, replaces: [] });
  });

  it("finds the account again by its key", async () => {
    const { outs } = await create(inputs, runtime);
    assert.equal(outs.accountUrl, state.accountUrl);
  });

  it("is due at once after the CA has moved its window, from the next refresh on", async () => {
    const moved = { start: "2020-01-01T00:00:00Z", end: "2020-01-02T00:00:00Z" };
    const page = "https://ca.example.test/why";
    const answer = JSON.stringify({ suggestedWindow: moved, explanationURL: page });
    await pebble.sayRenewalInfo(state.leafPem, answer);
    assert.equal(diff("id", state, inputs, runtime).changes, false);
    const { props } = await read("id", state, runtime);
    assert.equal(diff("id", props, inputs, runtime).changes, true);
    assert.match(props.renewReason, /see https:\/\/ca\.example\.test\/why$/);
  });

  it("keeps its window when the CA's answer to a refresh is no window", async () => {
    await pebble.sayRenewalInfo(state.leafPem, "{ not json");
    const { props } = await read("id", state, runtime);
    assert.deepEqual(props, state);
    assert.match(runtime.said.join(), /its renewal time is not refreshed: /);
  });

  it("issues by another profile when the profile changes", async () => {
    const news = { ...inputs, profile: "shortlived" };
    assert.equal(diff("id", state, news, runtime).changes, true);
    const { outs } = await update("id", state, news, runtime);
    assert.equal(Date.parse(outs.notAfter) - Date.parse(outs.notBefore) < 7 * DAY, true);
  });

  it("says what the CA saw for each name when something else answers port 80", async () => {
    const before = responder.answer;
    responder.answer = () => "hello from another web server";
    try {
      const other = await chainInputs(pebble, account, { names: ["a.example.test", "b.example.test"] });
      await assert.rejects(create(other, runtime), (error: Error) => {
        assert.match(error.message, /certificate of a\.example\.test and 1 more could not be issued/);
        assert.match(error.message, /- a\.example\.test: .*hello from another web server.*\(unauthorized\)/s);
        assert.match(error.message, /- b\.example\.test: /);
        return true;
      });
    } finally {
      responder.answer = before;
    }
  });

  it("says that the CA does not issue for a name", async () => {
    const other = await chainInputs(pebble, account, { names: ["registry.blocked.test"] });
    await assert.rejects(create(other, runtime), /blocked\.test.*\(rejectedIdentifier\)/s);
  });

  it("makes no account without agreement to the terms", async () => {
    const other = await chainInputs(pebble, newAccountKey(), { termsAgreed: false });
    await assert.rejects(create(other, runtime), /termsAgreed must be true, got false; read /);
  });

  it("gives the account another key without another certificate", async () => {
    const newer = newAccountKey();
    const { outs: mine } = await create({ ...inputs }, runtime);
    const news = { ...inputs, accountKeyPem: newer.privatePem };
    assert.deepEqual(diff("id", mine, news, runtime), { changes: true, replaces: [] });
    const { outs } = await update("id", mine, news, runtime);
    assert.equal(outs.accountUrl, mine.accountUrl);
    assert.equal(outs.serialNumber, mine.serialNumber);
    const back = await update("id", outs, inputs, runtime);
    assert.equal(back.outs.accountUrl, mine.accountUrl);
  });

  describe("while the CA is down", () => {
    before(() => pebble.stop());
    after(() => pebble.start());

    it("decides without it", () => {
      assert.equal(diff("id", state, inputs, runtime).changes, false);
    });

    it("refreshes without it", async () => {
      const { props } = await read("id", state, runtime);
      assert.deepEqual(props, state);
    });

    it("keeps the present certificate in service when its renewal fails, with a warning", async () => {
      runtime.ahead = 70 * DAY;
      const { outs } = await update("id", state, inputs, runtime);
      assert.equal(outs.chainPem, state.chainPem);
      assert.match(outs.renewalProblem ?? "", /can't talk to the CA at 127\.0\.0\.1/);
      assert.match(runtime.said.join(), /^warning: .* stays in service until /);
      assert.equal(diff("id", outs, inputs, runtime).changes, true);
    });

    it("changes a setting that the CA would not see", async () => {
      const { outs } = await update("id", state, { ...inputs, renewBeforeHours: 24 }, runtime);
      assert.equal(outs.renewReason, "24 hours before its end, as set");
      assert.equal(outs.chainPem, state.chainPem);
    });

    it("postpones a change of the account, with a warning", async () => {
      const news = { ...inputs, contacts: ["other@example.test"], accountKeyPem: newAccountKey().privatePem };
      const { outs } = await update("id", state, news, runtime);
      assert.deepEqual([outs.contacts, outs.accountKeyPem], [state.contacts, state.accountKeyPem]);
      assert.equal(diff("id", outs, news, runtime).changes, true);
    });

    it("fails when the present certificate has ended", async () => {
      runtime.ahead = 91 * DAY;
      await assert.rejects(update("id", state, inputs, runtime), /could not be renewed/);
    });
  });

  it("makes a new account and certificate after the CA has forgotten everything", async () => {
    await pebble.stop();
    await pebble.start();
    runtime.ahead = 70 * DAY;
    const { outs } = await update("id", state, inputs, runtime);
    assert.equal(outs.renewalProblem, undefined);
    assert.notEqual(outs.serialNumber, state.serialNumber);
  });
});
