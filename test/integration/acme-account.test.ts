import * as assert from "node:assert/strict";
import { accountByKey } from "../../components/acme/client/account";
import type { ChainInputs } from "../../components/acme/data";
import { newSession } from "../../components/acme/issuance";
import { create, diff, read, update } from "../../components/acme/lifecycle";
import { chainInputs, newAccountKey, TestRuntime } from "../../rig/acme/inputs";
import { type Responder, startResponder } from "../../rig/acme/responder";
import { type FaultProxy, type Passing, problemAnswer, startFaultProxy } from "../../rig/hosts/fault-proxy";
import { type Pebble, startPebble } from "../../rig/acme/pebble";

const DAY = 86_400_000;
const RENEWAL = "/draft-ietf-acme-ari-03/renewalInfo/";

describe("what the CA knows of the account, and says of renewal", function () {
  this.timeout(60_000);
  const account = newAccountKey();
  let pebble: Pebble;
  let proxy: FaultProxy;
  let responder: Responder;
  let inputs: ChainInputs;
  let runtime: TestRuntime;

  before(async () => {
    pebble = await startPebble({ profiles: { default: 7_776_000 } });
    proxy = await startFaultProxy(pebble);
    responder = await startResponder(pebble.httpPort, account.thumbprint);
  });
  beforeEach(async () => {
    proxy.rules.splice(0);
    proxy.seen.splice(0);
    runtime = new TestRuntime();
    inputs = await chainInputs(pebble, account, { directory: proxy.directory });
  });
  after(async () => {
    await responder.stop();
    await proxy.stop();
    await pebble.stop();
  });

  it("asks for the renewal window at every refresh, but not before the time that a refusal of the CA names, a day at most", async () => {
    const { outs } = await create(inputs, runtime);
    const asked = (): number => proxy.seen.filter((each) => each.includes(RENEWAL)).length;
    assert.ok(Date.parse(outs.askAgainAt ?? "") - Date.now() > 60_000, "Retry-After is kept");
    const { props: fresh } = await read("id", outs, runtime);
    assert.equal(asked(), 2);
    const busy = problemAnswer(429, "rateLimited", "too often", { "retry-after": "1000000" });
    proxy.rules.push({ path: RENEWAL, fault: { answer: busy }, times: 1 });
    const { props: refused } = await read("id", fresh, runtime);
    assert.equal(refused.renewAt, fresh.renewAt);
    assert.ok(Date.parse(refused.askNotBefore ?? "") - Date.now() <= DAY);
    assert.deepEqual((await read("id", refused, runtime)).props, refused);
    assert.equal(asked(), 3);
    assert.match(runtime.said.join(), /its renewal time is not refreshed, the CA allows it from /);
    runtime.ahead = DAY;
    const { props: later } = await read("id", refused, runtime);
    assert.deepEqual([asked(), later.askNotBefore], [4, undefined]);
  });

  it("takes a Retry-After that is a date, and bounds one that is endless", async () => {
    const date = new Date(Date.now() + 3 * 3_600_000).toUTCString();
    for (const [header, most] of [
      [date, 3 * 3_600_000],
      ["999999999", DAY],
    ] as const) {
      proxy.rules.push({
        path: RENEWAL,
        fault: { change: (each) => ({ ...each, headers: { ...each.headers, "retry-after": header } }) },
        times: 1,
      });
      const { outs } = await create(inputs, runtime);
      const wait = Date.parse(outs.askAgainAt ?? "") - Date.now();
      assert.ok(wait > most - 60_000 && wait <= most, `${header}: ${wait}`);
    }
  });

  it("renews without the link to the present certificate when the CA does not take it", async () => {
    const { outs } = await create(inputs, runtime);
    runtime.ahead = 70 * DAY;
    const refusal = problemAnswer(409, "alreadyReplaced", "certificate has already been replaced");
    proxy.rules.push({ path: "/order-plz", fault: { answer: refusal }, times: 1 });
    const { outs: renewed } = await update("id", outs, inputs, runtime);
    assert.notEqual(renewed.serialNumber, outs.serialNumber);
    assert.equal(proxy.seen.filter((each) => each.includes("/order-plz")).length, 3);
    assert.deepEqual(runtime.said, []);
  });

  it("brings a change of the contacts to the CA, and no other certificate", async () => {
    const { outs } = await create(inputs, runtime);
    const contacts = ["first@example.test", "second@example.test"];
    const news = { ...inputs, contacts };
    assert.deepEqual(diff("id", outs, news, runtime), { changes: true, replaces: [] });
    const { outs: changed } = await update("id", outs, news, runtime);
    assert.equal(changed.serialNumber, outs.serialNumber);
    const session = newSession(news, runtime);
    const account = await accountByKey(session);
    assert.deepEqual(
      [session.accountUrl, account?.contact],
      [outs.accountUrl, contacts.map((each) => `mailto:${each}`)],
    );
    assert.deepEqual(diff("id", changed, news, runtime), { changes: false, replaces: [] });
  });

  it("orders one certificate from a CA whose windows are always past", async () => {
    const suggestedWindow = { start: "2020-01-01T00:00:00Z", end: "2020-01-02T00:00:00Z" };
    const past = (each: Passing): Passing => ({ ...each, body: JSON.stringify({ suggestedWindow }) });
    proxy.rules.push({ path: RENEWAL, fault: { change: past }, times: 1000 });
    const { outs } = await create(inputs, runtime);
    assert.equal(outs.renewalWindow?.end, suggestedWindow.end);
    const { props } = await read("id", outs, runtime);
    for (const state of [outs, props]) assert.equal(diff("id", state, inputs, runtime).changes, false);
    runtime.ahead = 30 * DAY + 60_000;
    assert.equal(diff("id", props, inputs, runtime).changes, true);
    assert.match(
      runtime.said.join(),
      /a third of its lifetime of 90 days, the earliest, instead of within the CA's window/,
    );
  });

  it("orders less and less from a CA that calls back each certificate once it is out", async () => {
    const suggestedWindow = { start: "2020-01-01T00:00:00Z", end: "2020-01-02T00:00:00Z" };
    let { outs: state } = await create(inputs, runtime);
    for (const due of [true, true, false]) {
      await pebble.sayRenewalInfo(state.leafPem, JSON.stringify({ suggestedWindow }));
      ({ props: state } = await read("id", state, runtime));
      assert.equal(diff("id", state, inputs, runtime).changes, due);
      if (due) ({ outs: state } = await update("id", state, inputs, runtime));
    }
    runtime.ahead = DAY + 60_000;
    assert.equal(diff("id", state, inputs, runtime).changes, true);
  });

  it("warns of a time of renewal that can't be kept, and is not due for it", async () => {
    const news = { ...inputs, renewBeforeHours: 87_600 };
    const { outs } = await create(news, runtime);
    assert.match(
      runtime.said.join(),
      /^warning: certificate of .*: renewBeforeHours 87600 is too long .*; set 14\d\d at most/,
    );
    assert.equal(diff("id", outs, news, runtime).changes, false);
    const { props } = await read("id", outs, runtime);
    assert.equal(diff("id", props, news, runtime).changes, false);
  });
});
