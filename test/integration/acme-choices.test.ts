import * as assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { splitChain, topIssuer } from "../../components/chain/chain";
import { create, diff, read, remove, update } from "../../components/acme/lifecycle";
import { chainInputs, newAccountKey, TestRuntime } from "../../rig/acme/inputs";
import { type Responder, startResponder } from "../../rig/acme/responder";
import { type Pebble, startPebble } from "../../rig/acme/pebble";

const HMAC_KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

describe("the choices of a certificate, against a Pebble with alternate roots and external accounts", function () {
  this.timeout(60_000);
  const account = newAccountKey();
  const bound = { externalKeyId: "kid-1", externalHmacKey: HMAC_KEY };
  let pebble: Pebble;
  let responder: Responder;
  let runtime: TestRuntime;

  before(async () => {
    const env = { PEBBLE_ALTERNATE_ROOTS: "2", PEBBLE_CHAIN_LENGTH: "2" };
    const profiles = { classic: 7_776_000, shortlived: 576_000 };
    pebble = await startPebble({ env, profiles, externalAccounts: { "kid-1": HMAC_KEY } });
    responder = await startResponder(pebble.httpPort, account.thumbprint);
  });
  beforeEach(() => {
    runtime = new TestRuntime();
  });
  after(async () => {
    await responder.stop();
    await pebble.stop();
  });

  it("say that this CA wants an external account, when none is given", async () => {
    await assert.rejects(
      create(await chainInputs(pebble, account), runtime),
      /externalAccount must be given, got nothing/,
    );
  });

  it("tell a wrong external account without its key", async () => {
    const wrong = { externalKeyId: "kid-1", externalHmacKey: HMAC_KEY.replace("zW", "aa") };
    await assert.rejects(create(await chainInputs(pebble, account, wrong), runtime), (error: Error) => {
      assert.match(error.message, /making an account: the CA says /);
      assert.ok(!error.message.includes(wrong.externalHmacKey));
      return true;
    });
  });

  it("bind a new account, and find it again without the binding", async () => {
    const { outs } = await create(await chainInputs(pebble, account, bound), runtime);
    const again = await create(await chainInputs(pebble, account), runtime);
    assert.equal(again.outs.accountUrl, outs.accountUrl);
  });

  it("take the chain up to the preferred issuer, and the CA's own with a word when it has none such", async () => {
    const root = new X509Certificate(await pebble.rootPem(2)).subject.replace(/^CN=/, "");
    const inputs = await chainInputs(pebble, account, { preferredChain: root });
    const { outs } = await create(inputs, runtime);
    assert.equal(topIssuer(outs.chainPem), root);
    assert.equal(splitChain(outs.chainPem).length, 3);
    assert.deepEqual(runtime.said, []);
    const other = { ...inputs, preferredChain: "No Such Root" };
    assert.equal(diff("id", outs, other, new TestRuntime()).changes, true);
    const { outs: fallen } = await update("id", outs, other, runtime);
    assert.match(
      runtime.said.join(),
      /the CA has no chain up to "No Such Root", only "Pebble Root CA .*its own choice is used/,
    );
    assert.notEqual(topIssuer(fallen.chainPem), "");
  });

  it("give the lifetime of the profile, and name the CA's profiles when it has no such one", async () => {
    const { outs } = await create(await chainInputs(pebble, account, { profile: "shortlived" }), runtime);
    const hours = (Date.parse(outs.notAfter) - Date.parse(outs.notBefore)) / 3_600_000;
    assert.ok(hours > 159 && hours < 161, `${hours} hours`);
    const wrong = await chainInputs(pebble, account, { profile: "eternal" });
    await assert.rejects(
      create(wrong, runtime),
      /profile must be one of the CA's \((classic, shortlived|shortlived, classic)\), got "eternal"/,
    );
  });

  it("revoke nothing when the certificate goes, by default", async () => {
    const { outs } = await create(await chainInputs(pebble, account), runtime);
    await remove("id", outs, runtime);
    const { props } = await read("id", outs, runtime);
    assert.equal(diff("id", props, outs, runtime).changes, false);
  });

  it("revoke it with the reason that is wished, once, and another one is due from the next refresh on", async () => {
    const inputs = await chainInputs(pebble, account, { revocation: "superseded" });
    const { outs } = await create(inputs, runtime);
    await remove("id", outs, runtime);
    await remove("id", outs, runtime);
    const { props } = await read("id", outs, runtime);
    assert.equal(diff("id", props, inputs, runtime).changes, true);
    const { outs: renewed } = await update("id", props, inputs, runtime);
    assert.notEqual(renewed.serialNumber, outs.serialNumber);
  });

  it("do not bring a revoked certificate back, when one of the same names and key is asked for again", async () => {
    const inputs = await chainInputs(pebble, account, { revocation: "key-compromise" });
    const { outs } = await create(inputs, runtime);
    await remove("id", outs, runtime);
    const { outs: again } = await create(inputs, runtime);
    assert.notEqual(again.serialNumber, outs.serialNumber);
  });

  it("do not talk to the CA about a certificate that has ended", async () => {
    const { outs } = await create(await chainInputs(pebble, account, { revocation: "superseded" }), runtime);
    runtime.ahead = 100 * 86_400_000;
    await remove("id", { ...outs, directory: "https://127.0.0.1:1/dir" }, runtime);
  });

  it("make another certificate beside the present one for other names, another key or another CA", async () => {
    const inputs = await chainInputs(pebble, account);
    const { outs } = await create(inputs, runtime);
    const other = await chainInputs(pebble, account, {
      names: ["other.example.test"],
      directory: "https://ca.test/dir",
    });
    const { replaces } = diff("id", outs, { ...other, accountKeyPem: inputs.accountKeyPem }, runtime);
    assert.deepEqual(replaces, ["names", "csrPem", "publicKeyPem", "directory"]);
  });
});
