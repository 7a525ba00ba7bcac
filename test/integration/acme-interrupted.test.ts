import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import type { ChainInputs } from "../../components/acme/data";
import { create } from "../../components/acme/lifecycle";
import { AcmeError } from "../../components/acme/client/problem";
import { chainInputs, newAccountKey, TestRuntime } from "../../rig/acme/inputs";
import { type Responder, startResponder } from "../../rig/acme/responder";
import { type FaultProxy, type Passing, problemAnswer, type Rule, startFaultProxy } from "../../rig/hosts/fault-proxy";
import { type Pebble, startPebble } from "../../rig/acme/pebble";

describe("an issuance that is cut off, and answers that make no sense", function () {
  this.timeout(120_000);
  let pebble: Pebble;
  let proxy: FaultProxy;
  let responder: Responder;
  let tests = 0;

  before(async () => {
    pebble = await startPebble({ env: { PEBBLE_AUTHZREUSE: "0" }, profiles: { default: 7_776_000 } });
    proxy = await startFaultProxy(pebble);
    responder = await startResponder(pebble.httpPort, "");
  });
  beforeEach(() => {
    proxy.rules.splice(0);
    proxy.seen.splice(0);
  });
  after(async () => {
    await responder.stop();
    await proxy.stop();
    await pebble.stop();
  });

  /** Inputs of a new account, for which the responder answers from now on. */
  const freshInputs = (): Promise<ChainInputs> => {
    tests += 1;
    const account = newAccountKey();
    responder.answer = (token) => `${token}.${account.thumbprint}`;
    return chainInputs(pebble, account, { names: [`cut${tests}.example.test`], directory: proxy.directory });
  };
  /** One try, each request sent once; the error, if it fails. */
  const attempt = (inputs: ChainInputs): Promise<unknown> =>
    create(inputs, { ...new TestRuntime(), pauses: [] }).then(
      () => undefined,
      (error: unknown) => error,
    );
  const orders = (): number => pebble.log().match(/Added order/g)?.length ?? 0;
  const certificates = (): number => pebble.log().match(/Issued certificate serial/g)?.length ?? 0;

  it("is finished by the next run wherever it was cut: one order, one certificate", async () => {
    await create(await freshInputs(), new TestRuntime());
    for (const lost of ["request", "answer"] as const) {
      for (let steps = 1; ; steps += 1) {
        const inputs = await freshInputs();
        const before = [orders(), certificates()];
        const cut: Rule[] = [
          { path: "/", fault: { delay: 0 }, times: steps },
          { path: "/", fault: { drop: lost }, times: 1 },
          { path: "/", fault: { drop: "request" }, times: 10_000 },
        ];
        proxy.rules.splice(0, proxy.rules.length, ...cut);
        const failure = await attempt(inputs);
        const unused = proxy.rules[0]?.times ?? 0;
        proxy.rules.splice(0);
        if (failure !== undefined) await create(inputs, new TestRuntime());
        const made = [orders() - (before[0] ?? 0), certificates() - (before[1] ?? 0)];
        assert.deepEqual(made, [1, 1], `cut after ${steps} requests, the ${lost} of the next lost`);
        if (unused > 0) break;
        assert.ok(steps < 60);
      }
    }
  });

  it("is waited for when the CA is still at the order that the killed run has finalized", async () => {
    const inputs = await freshInputs();
    const before = orders();
    proxy.rules.push({ path: "/finalize-order/", fault: { drop: "answer" }, times: 1 });
    await assert.rejects(create(inputs, { ...new TestRuntime(), pauses: [] }));
    const processing = (answer: Passing): Passing => {
      const order = JSON.parse(answer.body) as { status: string };
      return order.status === "valid"
        ? { ...answer, body: JSON.stringify({ ...order, status: "processing" }) }
        : answer;
    };
    proxy.rules.splice(0, 1, { path: "/my-order/", fault: { change: processing }, times: 3 });
    await create(inputs, new TestRuntime());
    assert.equal(orders() - before, 1);
  });

  it("is finished by the next process after the first was killed in the middle of it", async () => {
    const inputs = await freshInputs();
    const before = orders();
    proxy.rules.push({ path: "/finalize-order/", fault: { delay: 60_000 } });
    const module = path.join(__dirname, "..", "..", "components", "acme", "lifecycle");
    const script = `
      require("ts-node/register/transpile-only");
      process.on("message", (inputs) => require(${JSON.stringify(module)}).create(inputs));`;
    const cwd = path.join(__dirname, "..", "..");
    const child = spawn(process.execPath, ["-e", script], { cwd, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    child.send(inputs);
    while (!proxy.seen.some((each) => each.startsWith("POST /finalize-order/")) && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.equal(child.signalCode, "SIGKILL");
    assert.equal(orders() - before, 1, "the killed run has made its order");
    proxy.rules.splice(0);
    await create(inputs, new TestRuntime());
    assert.equal(orders() - before, 1);
  });

  const resources = [
    "/dir",
    "/sign-me-up",
    "/order-plz",
    "/authZ/",
    "/chalZ/",
    "/my-order/",
    "/finalize-order/",
    "/certZ/",
  ];
  const nonsense = [
    "",
    "null",
    "[]",
    "{}",
    "42",
    '"text"',
    '{"status":5,"authorizations":{},"challenges":null,"newNonce":[],"identifier":"x"}',
    '{"status":"pending","authorizations":[7],"identifier":{"value":"a.test"},"challenges":[null,{"type":"http-01"}]}',
    '{"status":"ready","finalize":"nowhere","authorizations":[]}',
    '{"status":"valid","finalize":"x","authorizations":[],"certificate":{},"identifiers":[null]}',
  ];
  for (const resource of resources) {
    it(`ends in plain words whatever JSON the CA answers at ${resource}`, async () => {
      for (const body of nonsense) {
        const inputs = { ...(await freshInputs()), timeoutSeconds: 2 };
        const json = { "content-type": "application/json" };
        const change = (answer: Passing): Passing => ({ ...answer, headers: { ...answer.headers, ...json }, body });
        proxy.rules.splice(0, 1, {
          path: resource,
          method: resource === "/dir" ? "GET" : "POST",
          fault: { change },
          times: 10_000,
        });
        const failure = await attempt(inputs);
        if (failure === undefined) continue;
        assert.ok(failure instanceof AcmeError, `${body}: ${String((failure as Error).stack)}`);
        assert.match(failure.message, /^certificate of cut\d+\.example\.test could not be issued \(https:/);
      }
    });
  }

  it("tells a refusal whatever its problem document holds", async () => {
    const documents = [
      { subproblems: "none" },
      { subproblems: [null, 5, { subproblems: [{ detail: 7 }] }, { detail: "a.example.test is forbidden" }] },
      { detail: { text: "no" }, status: "403", identifier: "x", type: 9 },
      { subproblems: Array.from({ length: 5000 }, () => ({ detail: "x" })) },
    ];
    for (const document of documents) {
      const inputs = await freshInputs();
      const answer = problemAnswer(403, "unauthorized", "");
      const body = JSON.stringify({ ...(JSON.parse(answer.body) as object), detail: "no", ...document });
      proxy.rules.splice(0, 1, { path: "/order-plz", fault: { answer: { ...answer, body } }, times: 10 });
      const failure = await attempt(inputs);
      assert.ok(failure instanceof AcmeError, String(failure));
      assert.match(failure.message, /asking for an order: the CA says /);
      assert.ok(failure.message.length < 100_000);
    }
  });

  it("names the page where the changed terms are to be read", async () => {
    const inputs = await freshInputs();
    const answer = problemAnswer(403, "userActionRequired", "Terms of service have changed");
    const instance = "https://ca.example.test/terms/2";
    const body = JSON.stringify({ ...(JSON.parse(answer.body) as object), instance });
    proxy.rules.push({ path: "/order-plz", fault: { answer: { ...answer, body } } });
    await assert.rejects(
      create(inputs, new TestRuntime()),
      /Terms of service have changed .*see https:\/\/ca\.example\.test\/terms\/2/,
    );
  });
});
