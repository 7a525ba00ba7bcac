import assert from "node:assert/strict";
import { type Constants, plan, type Question } from "../../bench/capacity/model";

const constants: Constants = {
  measured: "in a test",
  gateway: { handshake: 0.002, request: 0.0002, pulledMiB: 0.0005, login: 0.05 },
  registry: { request: 0.001, pulledMiB: 0.001, atRestMiB: 10, pullMiB: 4 },
};
const question: Question = {
  ...{ nodes: 100, layers: 10, gib: 1, minutes: 10, users: 1, redirect: false },
  ...{ gatewayCores: 2, registryCores: 1, registryMib: 2048, gatewayGbit: 1, registryGbit: 1 },
};
const wanted = (changes: Partial<Question>, what: string): number =>
  plan({ ...question, ...changes }, constants).loads.find((load) => load.what === what)?.wanted ?? NaN;

describe("the capacity model", () => {
  it("adds up what pulls cost", () => {
    // 3 handshakes and 15 requests for each of 100 nodes, 100 GiB, and 20 comparisons of the password.
    const cpu = 300 * 0.002 + 1500 * 0.0002 + 102_400 * 0.0005 + 20 * 0.05;
    assert.ok(Math.abs(wanted({}, "gateway CPU") - cpu) < 1e-9);
    assert.ok(Math.abs(wanted({}, "registry CPU") - (1500 * 0.001 + 102_400 * 0.001)) < 1e-9);
    assert.equal(wanted({}, "gateway network"), 100);
  });

  it("names what breaks first, and how many are needed of each", () => {
    // A line of 1 Gbit/s carries 69.8 GiB in 10 minutes, and is planned to 80 % of that.
    assert.deepEqual([plan(question, constants).gateways, plan(question, constants).replicas], [2, 2]);
    assert.equal(plan(question, constants).first.what, "gateway network");
    const slow = plan({ ...question, registryCores: 0.1, gatewayGbit: 10, registryGbit: 10 }, constants);
    assert.equal(slow.first.what, "registry CPU");
    assert.equal(slow.replicas, 3);
    assert.equal(slow.gateways, 1);
    assert.ok(Math.abs(slow.seconds - 1039) < 1);
  });

  it("knows that all pulls at once have to be in the registry's memory", () => {
    // 3 layers of each of 100 nodes at 4 MiB; nine tenths of 400 MiB without what there is at rest are for them.
    const found = plan({ ...question, registryMib: 400, gatewayGbit: 10, registryGbit: 10 }, constants);
    const memory = found.loads.find((load) => load.what === "registry memory");
    assert.deepEqual([memory?.wanted, memory?.one, memory?.unit], [1200, 350, "MiB"]);
    assert.deepEqual([found.first.what, found.replicas], ["registry memory", 4]);
    assert.equal(wanted({ redirect: true }, "registry memory"), 0);
    assert.equal(wanted({ atOnce: 20 }, "registry memory"), 240);
    assert.ok(found.seconds < 600, "memory takes no time");
  });

  it("has the store carry the bytes where clients are sent there", () => {
    const found = plan({ ...question, nodes: 1000, redirect: true }, constants);
    assert.deepEqual([found.gateways, found.replicas, found.fromStore], [1, 1, 1000]);
  });
});
