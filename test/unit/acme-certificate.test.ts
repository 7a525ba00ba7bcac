import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type AcmeCertificateArgs, KeyType } from "../../components/issuers/args";
import { AcmeCertificate } from "../../components/acme-certificate";
import { newAccountKey } from "../../rig/acme/inputs";
import { isSecret, type MockOptions, type Run, underMocks, UNKNOWN, valueOf } from "../../rig/pulumi/mocks";

const ARGS: AcmeCertificateArgs = { names: ["registry.example.com", "www.example.com"], termsAgreed: true };
const KEY = "-----BEGIN EC PRIVATE KEY-----\nthe key\n-----END EC PRIVATE KEY-----\n";

function answer(type: string): Record<string, unknown> | undefined {
  if (type.endsWith(":PrivateKey")) return { privateKeyPem: KEY, publicKeyPem: "the public key" };
  if (type.endsWith(":CertRequest")) return { certRequestPem: "the request" };
  return undefined;
}

function made(args: AcmeCertificateArgs, options: MockOptions = {}): Promise<Run<AcmeCertificate>> {
  return underMocks(() => new AcmeCertificate("site", args), { answer, ...options });
}

describe("AcmeCertificate", function () {
  this.timeout(20_000);

  it("makes an EC key, a request for the names, an account key and the chain by default", async () => {
    const run = await made(ARGS);
    assert.deepEqual(run.one("PrivateKey", "site-key").inputs, { algorithm: "ECDSA", ecdsaCurve: "P256" });
    assert.deepEqual(run.one("PrivateKey", "site-account-key").inputs, { algorithm: "ECDSA", ecdsaCurve: "P256" });
    const request = run.one("CertRequest", "site-request");
    assert.deepEqual(request.inputs, { privateKeyPem: KEY, dnsNames: ["registry.example.com", "www.example.com"] });
    const chain = run.one("AcmeChain", "site");
    assert.deepEqual(chain.inputs, {
      __provider: chain.inputs["__provider"],
      names: ["registry.example.com", "www.example.com"],
      directory: "https://acme-staging-v02.api.letsencrypt.org/directory",
      contacts: [],
      termsAgreed: true,
      timeoutSeconds: 300,
      accountKeyPem: KEY,
      csrPem: "the request",
      publicKeyPem: "the public key",
    });
    assert.equal(chain.parent, "site");
  });

  it("hands on which profile, chain and time of renewal are wished", async () => {
    const wishes = { profile: "shortlived", preferredChain: "ISRG Root X1", renewBeforeHours: 24, timeoutSeconds: 60 };
    const { inputs } = (await made({ ...ARGS, ...wishes, contacts: ["ops@example.com"] })).one("AcmeChain");
    for (const [name, value] of Object.entries(wishes)) assert.equal(inputs[name], value, name);
    assert.deepEqual(inputs["contacts"], ["ops@example.com"]);
  });

  it("keeps both keys secret on every way", async () => {
    const run = await made({ ...ARGS, accountKeyPem: pulumi.secret(newAccountKey().privatePem) });
    assert.deepEqual(run.one("CertRequest").secrets, ["privateKeyPem"]);
    assert.deepEqual(run.one("AcmeChain").secrets, ["accountKeyPem"]);
    assert.deepEqual(run.one("AcmeChain").options.secretOutputs, ["accountKeyPem", "externalHmacKey", "tsigSecret"]);
    assert.ok(run.one("PrivateKey").options.secretOutputs.includes("privateKeyPem"));
    assert.equal(await isSecret(run.result.keyPem), true);
    assert.equal(await isSecret(run.result.chainPem), false);
  });

  it("takes an account key that is given, and makes none then", async () => {
    const { privatePem } = newAccountKey();
    const run = await made({ ...ARGS, accountKeyPem: privatePem });
    assert.deepEqual(
      run.all("PrivateKey").map((key) => key.name),
      ["site-key"],
    );
    assert.equal(run.one("AcmeChain").inputs["accountKeyPem"], privatePem);
  });

  it("binds to an external account, whose key stays secret", async () => {
    const hmacKey = "c2VjcmV0IGtleSBvZiAyMiBieXRlcw";
    const run = await made({ ...ARGS, externalAccount: { keyId: "kid-1", hmacKey } });
    const { inputs, secrets } = run.one("AcmeChain");
    assert.deepEqual([inputs["externalKeyId"], inputs["externalHmacKey"]], ["kid-1", hmacKey]);
    assert.deepEqual(secrets, ["accountKeyPem", "externalHmacKey"]);
  });

  it("takes wildcards with DNS-01 only, and checks its settings with the rest", async () => {
    const names = ["*.example.com", "example.com"];
    await assert.rejects(made({ ...ARGS, names }), /a wildcard needs dns01, got \["\*\.example\.com"\]; /);
    const keySecret = "bDNrM2RyaXZlcnNlY3JldGZvcnRlc3RzMTIzNDU2Nzg=";
    const dynamicUpdate = { server: "ns1.example.com", keyName: "updater", keySecret };
    const run = await made({ ...ARGS, names, dns01: { dynamicUpdate } });
    const { inputs, secrets } = run.one("AcmeChain");
    assert.deepEqual(inputs["dns01"], {
      update: { server: "ns1.example.com", keyName: "updater", keyAlgorithm: "hmac-sha256", ttlSeconds: 60 },
      propagationTimeoutSeconds: 120,
      nameServers: [],
    });
    assert.equal(inputs["tsigSecret"], keySecret);
    assert.deepEqual(secrets, ["accountKeyPem", "tsigSecret"]);
    const hook = { command: ["/usr/local/bin/hook", "--zone"] };
    const hooked = await made({ ...ARGS, names, dns01: { hook, nameServers: ["[2001:db8::1]:5353"] } });
    assert.deepEqual(hooked.one("AcmeChain").inputs["dns01"], {
      hook: { command: ["/usr/local/bin/hook", "--zone"], timeoutSeconds: 60 },
      propagationTimeoutSeconds: 120,
      nameServers: ["[2001:db8::1]:5353"],
    });
  });

  it("names what is wrong with the settings of DNS-01, without the secret", async () => {
    const dynamicUpdate = { server: "http://ns1", keyName: "a b", keySecret: "not base64!", ttlSeconds: 0 };
    const wrong = made({ ...ARGS, dns01: { dynamicUpdate, hook: { command: [] }, nameServers: ["ns1:0"] } });
    await assert.rejects(wrong, (error: Error) => {
      assert.match(error.message, /- dns01 must be dynamicUpdate or hook, got both; give exactly one of the two/);
      for (const setting of ["server", "keyName", "keySecret", "ttlSeconds"]) {
        assert.match(error.message, new RegExp(`- dns01\\.dynamicUpdate\\.${setting} must be `));
      }
      assert.match(error.message, /- dns01\.hook\.command must be /);
      assert.match(error.message, /- dns01\.nameServers\[0\] must be /);
      assert.ok(!error.message.includes("not base64!"));
      return true;
    });
  });

  it("makes another key, and with it another request, for another generation", async () => {
    const run = await made({ ...ARGS, generation: "2026-11" });
    assert.equal(run.one("PrivateKey", "site-key-2026-11").parent, "site");
    assert.ok(run.one("CertRequest").after.includes("site-key-2026-11"));
  });

  it("makes each kind of key", async () => {
    const kinds: [KeyType, object][] = [
      [KeyType.EcdsaP384, { algorithm: "ECDSA", ecdsaCurve: "P384" }],
      [KeyType.Rsa2048, { algorithm: "RSA", rsaBits: 2048 }],
      [KeyType.Rsa3072, { algorithm: "RSA", rsaBits: 3072 }],
      [KeyType.Rsa4096, { algorithm: "RSA", rsaBits: 4096 }],
    ];
    for (const [keyType, inputs] of kinds) {
      const run = await made({ ...ARGS, keyType });
      assert.deepEqual(run.one("PrivateKey", "site-key").inputs, inputs);
    }
  });

  it("gives the CA internationalized names in their ASCII form", async () => {
    const run = await made({ ...ARGS, names: ["bücher.example.com", "Registry.Example.COM"] });
    assert.deepEqual(run.one("AcmeChain").inputs["names"], ["xn--bcher-kva.example.com", "registry.example.com"]);
  });

  it("knows in a preview neither chain nor renewal, and says so", async () => {
    const run = await made(ARGS, { preview: true });
    assert.equal(await valueOf(run.result.chainPem), UNKNOWN);
    assert.equal(await valueOf(run.result.renewAt), UNKNOWN);
    assert.equal(run.one("AcmeChain").inputs["csrPem"], UNKNOWN);
  });

  it("names all that is wrong at once, and shows no key", async () => {
    const wrong = made({
      names: ["https://registry.example.com", "localhost"],
      directory: "http://ca.example.com/dir",
      contacts: ["mailto:admin@example.com"],
      termsAgreed: "yes" as unknown as boolean,
      accountKeyPem: "not a key at all",
      keyType: "ed25519" as KeyType,
      renewBeforeHours: 0,
      timeoutSeconds: 5,
      directoryCaPem: "nothing",
    });
    await assert.rejects(wrong, (error: Error) => {
      const places = ["names", "directory", "directoryCaPem", "contacts[0]", "termsAgreed", "accountKeyPem", "keyType"];
      for (const name of places) {
        assert.ok(error.message.includes(`\n  - ${name} must be `), `${name} is missing in\n${error.message}`);
      }
      assert.match(error.message, /renewBeforeHours must be 1-87600, got 0/);
      assert.match(error.message, /timeoutSeconds must be 10-3600, got 5; leave it out to use 300/);
      assert.match(error.message, /got \["https:\/\/registry\.example\.com","localhost"\]/);
      assert.ok(!error.message.includes("not a key at all"));
      return true;
    });
  });

  it("judges names that are known only later, and shows none that is a secret", async () => {
    const late = (names: pulumi.Input<string[]>) => made({ ...ARGS, names }, { preview: true });
    await assert.rejects(late(pulumi.output(["localhost"])), /- names must be 1-100 .*, got \["localhost"\];/);
    await assert.rejects(late(pulumi.secret(["localhost"])), /- names must be 1-100 .*, got a secret;/);
  });

  it("refuses the same name twice, also when it is written in two ways", async () => {
    await assert.rejects(
      made({ ...ARGS, names: ["a.example.com", "A.example.com"] }),
      /got \["a\.example\.com"\] twice/,
    );
  });

  it("has a provider of a few lines that a plain Node process in the project loads, without ts-node", async () => {
    const run = await made(ARGS);
    const text = run.one("AcmeChain").inputs["__provider"] as string;
    assert.ok(text.length < 4000, `the provider's text has ${text.length} characters`);
    assert.ok(!text.includes("BEGIN"));
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "provider-"));
    const file = path.join(folder, "provider.txt");
    fs.writeFileSync(file, text);
    const script = `
      const provider = require("require-from-string")(require("fs").readFileSync(${JSON.stringify(file)}, "utf8")).handler();
      const end = new Date(Date.now() + 1e9).toISOString();
      const state = { names: ["a.example.com"], notBefore: new Date().toISOString(), notAfter: end, fingerprintSha256: "" };
      provider.diff("id", state, { names: ["b.example.com"] }).then((answer) => console.log(JSON.stringify(answer)));`;
    const said = execFileSync(process.execPath, ["-e", script], { encoding: "utf8" });
    assert.deepEqual(JSON.parse(said), { changes: true, replaces: ["names"] });
    fs.rmSync(folder, { recursive: true });
  });
});
