import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { isSecret, underMocks, UNKNOWN, valueOf } from "../../rig/pulumi/mocks";

describe("the mocks", () => {
  const program = () => {
    const key = new tls.PrivateKey("key", { algorithm: "ECDSA" });
    const secret = new k8s.core.v1.Secret("secret", {
      stringData: { key: key.privateKeyPem, other: pulumi.secret("x") },
    });
    return { key, secret };
  };

  it("record exact inputs, what is secret, and what comes first", async () => {
    const run = await underMocks(program);
    const secret = run.one("Secret");
    assert.deepEqual(Object.keys(secret.inputs), ["apiVersion", "kind", "stringData"]);
    assert.match((secret.inputs["stringData"] as { key: string }).key, /^-----BEGIN EC PRIVATE KEY-----/);
    assert.deepEqual(secret.secrets, ["stringData"]);
    assert.deepEqual(secret.after, ["key"]);
    assert.ok(await isSecret(run.result.key.privateKeyPem));
    assert.match(await valueOf(run.result.key.publicKeyPem), /BEGIN PUBLIC KEY/);
  });

  it("know nothing that a provider computes in a preview", async () => {
    const run = await underMocks(program, { preview: true });
    assert.equal(await valueOf(run.result.key.publicKeyPem), UNKNOWN);
    assert.equal(run.one("Secret").name, "secret");
  });

  it("start empty in each test", async () => {
    const run = await underMocks(() => undefined);
    assert.deepEqual(run.resources, []);
    assert.throws(() => run.one("Secret"), /0 resources/);
  });

  it("reject when an apply throws, and are fine afterwards", async () => {
    const broken = () =>
      new k8s.core.v1.Secret("secret", {
        stringData: pulumi.output(1).apply(() => {
          throw new Error("not right");
        }),
      });
    await assert.rejects(underMocks(broken), /not right/);
    assert.equal((await underMocks(program)).resources.length, 2);
  });
});
