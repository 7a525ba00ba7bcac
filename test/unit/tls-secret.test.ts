import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { TlsSecret, type TlsSecretArgs } from "../../components/tls-secret";
import { makeCertificate } from "../support/acme-made";
import { isSecret, underMocks, valueOf } from "../../rig/pulumi/mocks";

const { leafPem, caPem, keyPem } = makeCertificate(["registry.example.com"]);
const required: TlsSecretArgs = { chainPem: leafPem, keyPem: pulumi.secret(keyPem) };
const secret = (args: Partial<TlsSecretArgs> = {}) => underMocks(() => new TlsSecret("main", { ...required, ...args }));
const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("TlsSecret", () => {
  it("makes the recipe's secret by default", async () => {
    const run = await secret();
    const made = run.one("Secret");
    assert.deepEqual(made.inputs, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "registry-tls-secret", namespace: "kube-system" },
      type: "Opaque",
      data: { "domain.crt": base64(leafPem), "domain.key": base64(keyPem) },
    });
    assert.deepEqual(made.secrets, ["data"]);
    assert.equal(await valueOf(run.result.secretName), "registry-tls-secret");
    assert.equal(await valueOf(run.result.namespace), "kube-system");
  });

  it("holds the CA of the client certificates beside the certificate", async () => {
    const made = (await secret({ clientCaPem: `${caPem}\n` })).one("Secret");
    assert.equal((made.inputs["data"] as Record<string, string>)["ca.crt"], base64(`${caPem}\n`));
  });

  it("changes its name, namespace and files", async () => {
    const made = (
      await secret({ name: "tls", namespace: "images", certificateFile: "tls.crt", keyFile: "tls.key" })
    ).one("Secret");
    assert.deepEqual(made.inputs["metadata"], { name: "tls", namespace: "images" });
    assert.deepEqual(Object.keys(made.inputs["data"] as object).sort(), ["tls.crt", "tls.key"]);
  });

  it("takes over one that was made by hand only where that was asked for", async () => {
    const made = (await secret({ adopt: true })).one("Secret");
    const annotations = { "pulumi.com/patchForce": "true" };
    assert.deepEqual(made.inputs["metadata"], { name: "registry-tls-secret", namespace: "kube-system", annotations });
  });

  it("has a checksum that is no secret and changes with the certificate", async () => {
    const checksum = async (args: Partial<TlsSecretArgs>) => {
      const { result } = await secret(args);
      assert.equal(await isSecret(result.checksum), false);
      return valueOf(result.checksum);
    };
    const before = await checksum({});
    assert.match(before, /^[0-9a-f]{64}$/);
    assert.equal(await checksum({}), before);
    assert.notEqual(await checksum({ chainPem: `${leafPem}${caPem}` }), before);
  });

  it("refuses what is no certificate or key, without showing it", async () => {
    const wrong = secret({ chainPem: "hunter1", namespace: "-", keyPem: "hunter2" });
    await assert.rejects(wrong, (error: Error) => {
      assert.match(error.message, /chainPem must be one or more PEM certificates, got a text without one/);
      assert.match(error.message, /namespace must be/);
      assert.match(error.message, /keyPem must be an unencrypted PEM private key, got a text without one/);
      assert.doesNotMatch(error.message, /hunter/);
      return true;
    });
  });

  it("refuses a certificate or key that can't be read, without showing it", async () => {
    const block = (kind: string): string => `-----BEGIN ${kind}-----\nAAAA\n-----END ${kind}-----\n`;
    const wrong = secret({
      chainPem: `${leafPem}${block("CERTIFICATE")}`,
      keyPem: pulumi.secret(block("EC PRIVATE KEY")),
    });
    await assert.rejects(wrong, (error: Error) => {
      assert.match(
        error.message,
        /chainPem must be one or more PEM certificates, got a certificate that can't be read/,
      );
      assert.doesNotMatch(error.message, /AAAA/);
      return true;
    });
    const late = secret({ keyPem: pulumi.secret(block("EC PRIVATE KEY")) });
    await assert.rejects(late, (error: Error) => {
      assert.match(error.message, /TlsSecret "main": 1 setting is not right\n/);
      assert.match(error.message, /keyPem must be an unencrypted PEM private key, got one that can't be read/);
      assert.doesNotMatch(error.message, /AAAA/);
      return true;
    });
  });
});
