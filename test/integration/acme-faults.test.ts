import * as assert from "node:assert/strict";
import { chainFacts } from "../../components/chain/chain";
import type { ChainInputs } from "../../components/acme/data";
import { create, update } from "../../components/acme/lifecycle";
import { chainInputs, newAccountKey, TestRuntime } from "../../rig/acme/inputs";
import { type Responder, startResponder } from "../../rig/acme/responder";
import { type Fault, type FaultProxy, problemAnswer, type Rule, startFaultProxy } from "../../rig/hosts/fault-proxy";
import { type Pebble, startPebble } from "../../rig/acme/pebble";

const DAY = 86_400_000;
const NEW_ORDER = "/order-plz";
const ORDER = "/my-order/";
const FINALIZE = "/finalize-order/";
const AUTHORIZATION = "/authZ/";
const CERTIFICATE = "/certZ/";
const ACCOUNT = "/sign-me-up";

describe("between us and a CA that misbehaves", function () {
  this.timeout(60_000);
  const account = newAccountKey();
  let pebble: Pebble;
  let proxy: FaultProxy;
  let responder: Responder;
  let inputs: ChainInputs;
  let runtime: TestRuntime;
  let tests = 0;
  const freshInputs = (): Promise<ChainInputs> => {
    tests += 1;
    const names = [`registry${tests}.example.test`, `www${tests}.example.test`];
    return chainInputs(pebble, account, { names, directory: proxy.directory });
  };

  before(async () => {
    pebble = await startPebble({ env: { PEBBLE_AUTHZREUSE: "0" }, profiles: { default: 7_776_000 } });
    proxy = await startFaultProxy(pebble);
    responder = await startResponder(pebble.httpPort, account.thumbprint);
  });
  beforeEach(async () => {
    proxy.rules.splice(0);
    proxy.seen.splice(0);
    runtime = new TestRuntime();
    inputs = await freshInputs();
  });
  after(async () => {
    await responder.stop();
    await proxy.stop();
    await pebble.stop();
  });

  const faults = (...rules: Rule[]): void => void proxy.rules.push(...rules);
  const seen = (method: string, path: string): number =>
    proxy.seen.filter((each) => each.startsWith(`${method} ${path}`)).length;
  const status500: Fault = { answer: { status: 500, headers: {}, body: "oops" } };

  const overcome: [string, Rule[]][] = [
    ["a 500 without a problem document", [{ path: NEW_ORDER, fault: status500, times: 2 }]],
    ["a directory that is down for a moment", [{ path: "/dir", fault: status500, times: 3 }]],
    ["a request that is lost", [{ path: ACCOUNT, fault: { drop: "request" }, times: 1 }]],
    ["an order whose answer is lost", [{ path: NEW_ORDER, fault: { drop: "answer" }, times: 1 }]],
    ["a finalization whose answer is lost", [{ path: FINALIZE, fault: { drop: "answer" }, times: 1 }]],
    ["an authorization that is lost", [{ path: AUTHORIZATION, fault: { drop: "answer" }, times: 2 }]],
    ["slow answers", [{ path: ORDER, fault: { delay: 300 }, times: 2 }]],
    [
      "an answer that is not JSON",
      [{ path: ORDER, fault: { change: (each) => ({ ...each, body: "{ oops" }) }, times: 1 }],
    ],
    [
      "a bad nonce",
      [
        {
          path: NEW_ORDER,
          fault: { change: () => problemAnswer(400, "badNonce", "no", { "replay-nonce": "AAAAAAAAAAAAAAAAAAAAAA" }) },
          times: 2,
        },
      ],
    ],
    [
      "a short Retry-After",
      [
        {
          path: NEW_ORDER,
          fault: { answer: problemAnswer(503, "rateLimited", "busy", { "retry-after": "1" }) },
          times: 1,
        },
      ],
    ],
  ];
  for (const [what, rules] of overcome) {
    it(`gets over ${what}`, async () => {
      faults(...rules);
      const { outs } = await create(inputs, runtime);
      assert.equal(outs.names.length, 2);
      assert.deepEqual(runtime.said, []);
    });
  }

  it("gets over a CA that refuses a fifth of its own nonces", async () => {
    let count = 0;
    const sometimes: Fault = {
      change: (answer) => {
        count += 1;
        const nonce = answer.headers["replay-nonce"];
        return count % 5 === 0 ? problemAnswer(400, "badNonce", "no", { "replay-nonce": nonce }) : answer;
      },
    };
    faults({ path: "/", method: "POST", fault: sometimes, times: 1000 });
    await create(inputs, runtime);
  });

  it("gives up on a CA that refuses every nonce", async () => {
    faults({ path: NEW_ORDER, fault: { answer: problemAnswer(400, "badNonce", "never") }, times: 1000 });
    await assert.rejects(create(inputs, runtime), /refused every nonce/);
    assert.ok(seen("POST", NEW_ORDER) < 10);
  });

  it("gives up on a CA that only answers 500, after four tries, and says what it was doing", async () => {
    faults({ path: NEW_ORDER, fault: status500, times: 1000 });
    await assert.rejects(create(inputs, runtime), /asking for an order: the CA says status 500/);
    assert.equal(seen("POST", NEW_ORDER), 4);
  });

  it("tells a rate limit with the time to retry, and doesn't press", async () => {
    const limited = problemAnswer(429, "rateLimited", "too many certificates already issued", {
      "retry-after": "3600",
    });
    faults({ path: NEW_ORDER, fault: { answer: limited }, times: 1000 });
    await assert.rejects(create(inputs, runtime), (error: Error) => {
      assert.match(error.message, /too many certificates already issued \(rateLimited\); wait/);
      assert.match(error.message, /it may be tried again from \d{4}-\d\d-\d\dT[\d:]{8}Z \(in 60 minutes\)/);
      return true;
    });
    assert.equal(seen("POST", NEW_ORDER), 1);
  });

  it("ends after the stated timeout when the CA never answers", async () => {
    faults({ path: NEW_ORDER, fault: { delay: 20_000 }, times: 1000 });
    const started = Date.now();
    await assert.rejects(create({ ...inputs, timeoutSeconds: 2 }, runtime), /gave up after 2 s in all/);
    assert.ok(Date.now() - started < 5000);
  });

  it("ends after the stated timeout when the order never comes to an end", async () => {
    const processing: Fault = {
      change: (answer) => ({ ...answer, body: JSON.stringify({ ...JSON.parse(answer.body), status: "processing" }) }),
    };
    faults({ path: ORDER, fault: processing, times: 1000 }, { path: FINALIZE, fault: processing, times: 1000 });
    const run = create({ ...inputs, timeoutSeconds: 3 }, runtime);
    await assert.rejects(run, /has not come to an end; gave up after 3 s/);
  });

  it("says which name the CA did not accept, and why", async () => {
    const error = { type: "urn:ietf:params:acme:error:dns", detail: "no A record", status: 400 };
    const invalid: Fault = {
      change: (answer) => {
        const data = JSON.parse(answer.body) as { challenges: object[]; status: string };
        const challenges = data.challenges.map((each) => ({ ...each, error }));
        return { ...answer, body: JSON.stringify({ ...data, status: "invalid", challenges }) };
      },
    };
    faults({ path: AUTHORIZATION, fault: { change: (answer) => answer }, times: 2 });
    faults({ path: AUTHORIZATION, fault: invalid, times: 1000 });
    await assert.rejects(
      create(inputs, runtime),
      /registry\d+\.example\.test: no A record \(dns\); the CA could not look the name up/,
    );
  });

  it("does not use a chain of another key", async () => {
    const other = await create(await freshInputs(), runtime);
    faults({
      path: CERTIFICATE,
      fault: { change: (answer) => ({ ...answer, body: other.outs.chainPem }) },
      times: 1000,
    });
    await assert.rejects(
      create(inputs, runtime),
      /the chain that the CA sent is not used: its first certificate is of another key/,
    );
  });

  it("does not use a chain out of order, or one that can't be read", async () => {
    const changed = async (body: (chain: string) => string): Promise<string> => {
      proxy.rules.splice(0);
      faults({ path: CERTIFICATE, fault: { change: (each) => ({ ...each, body: body(each.body) }) }, times: 1000 });
      return create(await freshInputs(), runtime).then(
        () => "used",
        (error: Error) => error.message,
      );
    };
    assert.match(
      await changed((chain) => chainFacts(chain).leafPem.repeat(2)),
      /certificate 2 .* did not sign certificate 1/,
    );
    assert.match(await changed(() => "hello"), /it holds no PEM certificate/);
    const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert.match(await changed(() => broken), /it can't be read/);
  });

  it("is not taken for a CA by what is no directory", async () => {
    const page = { status: 200, headers: { "content-type": "text/html" }, body: "<h1>It works!</h1>" };
    faults({ path: "/dir", fault: { answer: page }, times: 1000 });
    await assert.rejects(create(inputs, runtime), /is not an ACME directory; check the directory's URL/);
  });

  it("says when the directory's own certificate can't be verified", async () => {
    delete inputs.directoryCaPem;
    await assert.rejects(
      create(inputs, runtime),
      /can't talk to the CA .*; give the CA bundle of the directory in directoryCaPem/,
    );
    assert.deepEqual(proxy.seen, []);
  });

  it("finishes an order that was interrupted after it was made, instead of making another", async () => {
    faults({ path: AUTHORIZATION, fault: status500, times: 1000 });
    await assert.rejects(create(inputs, runtime), /reading an authorization/);
    proxy.rules.splice(0);
    proxy.seen.splice(0);
    await create(inputs, runtime);
    assert.equal(seen("POST", NEW_ORDER), 0);
  });

  it("takes the certificate of an order that was interrupted after its issuance", async () => {
    faults({ path: CERTIFICATE, fault: status500, times: 1000 });
    await assert.rejects(create(inputs, runtime), /fetching the certificate/);
    proxy.rules.splice(0);
    proxy.seen.splice(0);
    const { outs } = await create(inputs, runtime);
    assert.equal(seen("POST", NEW_ORDER), 0);
    assert.equal(outs.publicKeyPem, inputs.publicKeyPem);
  });

  it("does not take the present certificate for the renewed one", async () => {
    const { outs: present } = await create(inputs, runtime);
    runtime.ahead = 70 * DAY;
    const { outs } = await update("id", present, inputs, runtime);
    assert.notEqual(outs.serialNumber, present.serialNumber);
  });

  it("keeps the present certificate with a warning when the renewal fails half-way", async () => {
    const { outs: present } = await create(inputs, runtime);
    runtime.ahead = 70 * DAY;
    faults({ path: FINALIZE, fault: status500, times: 1000 });
    const { outs } = await update("id", present, inputs, runtime);
    assert.equal(outs.chainPem, present.chainPem);
    assert.match(runtime.said.join(), /^warning: .*finalizing the order: .*stays in service until/);
    assert.ok(!JSON.stringify([runtime.said, outs.renewalProblem]).includes("PRIVATE KEY"));
  });
});
