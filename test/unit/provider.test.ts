import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { asInCode } from "../../provider/names";
import { RegistryProvider } from "../../provider/registry-provider";
import schema from "../../provider/schema.json";
import { served, type Served } from "../../provider/served";
import { plainOf } from "../../provider/wire";

const { specialSigKey, specialSecretSig } = pulumi.runtime;
const secret = (value: unknown) => ({ [specialSigKey]: specialSecretSig, value });
const URN = "urn:pulumi:dev::shop::private-registry:index:AcmeCertificate$private-registry:index:AcmeChain::site";

/** A resource that keeps what it was called with, and answers with what a chain would. */
function recorder(): { calls: unknown[][]; resource: Served } {
  const calls: unknown[][] = [];
  const note = <T>(answer: T, ...call: unknown[]): T => (calls.push(call), answer);
  const outs = { names: ["a.example.com"], accountKeyPem: "key", dns01: { hook: "env" }, chainPem: "chain" };
  const resource: Served = {
    secrets: ["accountKeyPem"],
    diff: (...call) => note({ changes: true, replaces: ["names"] }, ...call),
    create: (...call) => note(Promise.resolve({ id: "one", outs }), ...call),
    read: (...call) => note(Promise.resolve({ id: "one", props: outs }), ...call),
    update: (...call) => note(Promise.resolve({ outs }), ...call),
    remove: (...call) => note(Promise.resolve(), ...call),
  };
  return { calls, resource };
}

const provider = (resource: Served): RegistryProvider =>
  new RegistryProvider({ schema, version: "1.2.3", components: {}, served: { AcmeChain: resource } });

describe("the package's plugin", () => {
  const inputs = { names: ["a.example.com"], accountKeyPem: secret("key"), dns01: { hook: secret("env") } };
  const plain = { names: ["a.example.com"], accountKeyPem: "key", dns01: { hook: "env" } };
  const kept = {
    names: ["a.example.com"],
    accountKeyPem: secret("key"),
    dns01: secret({ hook: "env" }),
    chainPem: "chain",
  };

  it("serves the schema under the package's version", () => {
    const { name, version } = JSON.parse(provider(recorder().resource).schema) as Record<string, unknown>;
    assert.deepEqual({ name, version }, { name: "private-registry", version: "1.2.3" });
  });

  it("serves the components' own resources, and offers none of them to programs", () => {
    assert.deepEqual(Object.keys(served), ["AcmeChain", "NodeRelease"]);
    assert.ok(Object.values(schema.resources).every(({ isComponent }) => isComponent));
  });

  it("takes a name of the package for the one in the code, and no other's", () => {
    const storageClassName = pulumi.output("fast");
    const backup = { schedule: "0 2 * * *", drill: { sizeGib: 5 } };
    const labels = { sizeGib: "kept" };
    const given = { storage: { claim: { sizeGib: 10, storageClassName }, backup }, scheduling: { labels } };
    assert.deepEqual(asInCode(given), {
      storage: { claim: { sizeGiB: 10, storageClassName }, backup: { ...backup, drill: { sizeGiB: 5 } } },
      scheduling: { labels },
    });
    for (const args of [{}, { storage: { hostPath: { nodeName: "a" } } }, { storage: storageClassName }]) {
      assert.deepEqual(asInCode(args), args);
    }
  });

  it("hands a component what a program in another language wrote, by the code's names", async () => {
    const given: object[] = [];
    class PrivateRegistry {
      constructor(_name: string, args: object) {
        given.push(args);
      }
    }
    const components = { PrivateRegistry };
    const plugin = new RegistryProvider({ schema, version: "1.2.3", components, served: {} });
    await plugin.construct(
      "main",
      "private-registry:index:PrivateRegistry",
      { storage: { claim: { sizeGib: 1 } } },
      {},
    );
    assert.deepEqual(given, [{ storage: { claim: { sizeGiB: 1 } } }]);
  });

  it("opens secrets for the work, and marks them again in every state that it hands out", async () => {
    const { calls, resource } = recorder();
    const plugin = provider(resource);
    assert.deepEqual(await plugin.create(URN, inputs), { id: "one", outs: kept });
    assert.deepEqual(await plugin.update("one", URN, kept, inputs), { outs: kept });
    assert.deepEqual(await plugin.read("one", URN, kept), { id: "one", props: kept });
    assert.deepEqual(await plugin.diff("one", URN, kept, inputs), { changes: true, replaces: ["names"] });
    await plugin.delete("one", URN, kept);
    const state = { ...plain, chainPem: "chain" };
    assert.deepEqual(calls, [[plain], ["one", state, plain], ["one", state], ["one", state, plain], ["one", state]]);
  });

  it("marks what is always secret although it came in the clear", async () => {
    const { outs } = (await provider(recorder().resource).create(URN, plain)) as { outs: Record<string, unknown> };
    assert.deepEqual(outs["accountKeyPem"], secret("key"));
    assert.deepEqual(outs["dns01"], { hook: "env" });
  });

  it("says which resource or component it does not know", async () => {
    const plugin = provider(recorder().resource);
    const other = "urn:pulumi:dev::shop::private-registry:index:Other::site";
    await assert.rejects(
      plugin.create(other, {}),
      /private-registry:index:Other is no resource of private-registry 1.2.3/,
    );
    assert.throws(() => plugin.construct("x", "private-registry:index:AcmeChain", {}, {}), /is no component/);
  });

  it("opens secrets at any depth", () => {
    assert.deepEqual(plainOf({ a: [secret({ b: secret(1) })], c: null }), { a: [{ b: 1 }], c: null });
  });
});
