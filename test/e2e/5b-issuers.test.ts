import assert from "node:assert/strict";
import { randomBytes, X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as tls from "node:tls";
import { makeCertificate } from "../support/acme-made";
import { ask } from "../../rig/stack/https";
import { credentials, login, makeImage, push, reference } from "../../rig/stack/images";
import { labVariable, onClient, succeeded } from "../../rig/stack/lab";
import { bindInLab } from "../../rig/stack/lab-dns";
import { decryptedState, outputs, preview, settle, stateFiles, up, withConfig } from "../../rig/stack/stack";
import { secretPieces, unescaped, where } from "../support/secret-pieces";
import { askSteadily, figures } from "../../rig/stack/steady";

const IMAGE = "issuers/fixed";

/** The certificate that the gateway serves under a name, which must be of this CA. */
function served(host: string, ca: string): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const options = { host: labVariable("LAB_GATEWAY_HOST"), port: 443, servername: host, ca };
    const socket = tls.connect(options, () => {
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      if (certificate) resolve(certificate);
      else reject(new Error(`${host} serves no certificate`));
    });
    socket.on("error", reject);
  });
}

/**
 * What must hold whoever issued the certificate: it is served under both names, the registry answers, and port 80
 * redirects.
 */
async function assertServed(ca: string, fingerprint: string): Promise<void> {
  for (const host of [labVariable("LAB_REGISTRY_HOST"), labVariable("LAB_UI_HOST")]) {
    assert.equal((await served(host, ca)).fingerprint256, fingerprint);
    const plain = succeeded(await onClient("curl", ["-sSI", "--max-time", "10", `http://${host}/v2/?a=b`]));
    assert.match(plain.stdout, /^HTTP\/1\.1 301 /);
    assert.ok(plain.stdout.includes(`\r\nLocation: https://${host}/v2/?a=b\r\n`), plain.stdout);
  }
  const answer = await ask(labVariable("LAB_REGISTRY_HOST"), "/v2/", {
    auth: credentials("pull").auth,
    anyCertificate: true,
  });
  assert.equal(answer.status, 200);
}

describe("5b. certificates of other issuers, on the running stack", () => {
  before(async () => {
    await settle();
    const image = await makeImage("issuers", 1, 64 << 10);
    succeeded(await push(image, reference(IMAGE), await login("push")));
  });
  after("the stack goes back to the lab's CA", settle);

  it("another key and another name by DNS-01 make another certificate in one up, no request fails, and no secret shows", async () => {
    const [keyName, keySecret] = ["lab-updates", randomBytes(32).toString("base64")];
    const { server, undo } = await bindInLab(keyName, keySecret);
    const before = await served(labVariable("LAB_REGISTRY_HOST"), fs.readFileSync(labVariable("LAB_CA_FILE"), "utf8"));
    const hmacKey = randomBytes(32).toString("base64url");
    const settings = {
      "certificate.dns01.dynamicUpdate.server": server,
      "certificate.dns01.dynamicUpdate.keyName": keyName,
      "certificate.dns01.dynamicUpdate.keySecret": keySecret,
      "certificate.dns01.nameServers[0]": server,
      "certificate.externalAccount.keyId": "kid-1",
      "certificate.externalAccount.hmacKey": hmacKey,
      "certificate.keyType": "rsa-2048",
      "ui.host": "web.lab.test",
    };
    try {
      await withConfig(
        settings,
        async () => {
          const asking = await askSteadily(`${IMAGE}:1`, { registryAlone: true });
          const changed = await up("--diff");
          const small = await asking.stop();
          succeeded(changed);
          console.log(`      other key and name: ${changed.seconds.toFixed(1)} s; ${figures(small)}`);
          assert.deepEqual([small.failures, small.serverErrors], [[], []]);
          const after = await served("web.lab.test", fs.readFileSync(labVariable("LAB_CA_FILE"), "utf8"));
          assert.notEqual(after.fingerprint256, before.fingerprint256);
          assert.equal(after.publicKey.asymmetricKeyType, "rsa");
          assert.match(after.subjectAltName ?? "", /DNS:registry\.lab\.test.*DNS:web\.lab\.test/);
          const announced = await preview();
          succeeded(announced);

          const clear = await decryptedState();
          const secrets = secretPieces(clear, [
            keySecret,
            hmacKey,
            labVariable("LAB_PASSWORD"),
            labVariable("LAB_PULL_PASSWORD"),
          ]);
          assert.ok(secrets.length > 20, `${secrets.length} pieces`);
          assert.ok(
            secrets.every((secret) => unescaped(clear).includes(secret)),
            "the search finds what is there",
          );
          const shown = { up: changed.all, preview: announced.all, events: changed.events + announced.events };
          for (const [place, text] of Object.entries({ ...stateFiles(), ...shown })) {
            assert.deepEqual(where(text, secrets), [], place);
          }
        },
        "--secret",
      );
    } finally {
      await undo();
    }
  });

  it("the stack's own CA, and a certificate that is brought, are served like any other", async () => {
    const ownCa = { "certificate.issuer": "private-ca", "certificate.trustedRootsPem": undefined };
    await withConfig(ownCa, async () => {
      const asking = await askSteadily(`${IMAGE}:1`, { anyCertificate: true });
      const changed = await up();
      const small = await asking.stop();
      succeeded(changed);
      console.log(`      own CA: ${changed.seconds.toFixed(1)} s; ${figures(small)}`);
      // The pod has the new certificate some seconds before the gateway's release that trusts its CA: what connects
      // anew meanwhile can fail.
      assert.ok(small.failures.length <= small.answered / 100, small.failures.join("\n"));
      const certificates = String((await outputs()).certificateChain).split(/(?<=-----END CERTIFICATE-----\n)/);
      const [leaf = "", ca = ""] = certificates;
      assert.match(new X509Certificate(ca).subject, /CN=private-registry CA/);
      await assertServed(ca, new X509Certificate(leaf).fingerprint256);
      const again = await up();
      succeeded(again);
      assert.deepEqual([...again.changes], []);
    });
    const brought = makeCertificate([labVariable("LAB_REGISTRY_HOST"), labVariable("LAB_UI_HOST")]);
    const settings = {
      "certificate.issuer": "provided",
      "certificate.provided.chainPem": brought.leafPem + brought.caPem,
      "certificate.provided.keyPem": brought.keyPem,
      "certificate.trustedRootsPem": brought.caPem,
    };
    await withConfig(
      settings,
      async () => {
        succeeded(await up());
        await assertServed(brought.caPem, new X509Certificate(brought.leafPem).fingerprint256);
      },
      "--secret",
    );
  });
});
