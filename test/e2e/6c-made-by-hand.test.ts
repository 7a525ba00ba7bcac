import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { kubectl, labVariable, succeeded } from "../../rig/stack/lab";
import { destroy, settle, up, withConfig } from "../../rig/stack/stack";

describe("6c. a TLS secret that somebody made by hand", () => {
  const secret = "registry-tls-secret";
  const data = (): Promise<string> =>
    kubectl("-n", "kube-system", "get", "secret", secret, "-o", "jsonpath={.data.domain\\.crt}");
  let folder: string;

  before(async () => {
    succeeded(await destroy());
    folder = fs.mkdtempSync(path.join(labVariable("LAB_DIR"), "e2e-by-hand-"));
    const files = ["domain.crt", "domain.key"].map((name) => {
      fs.writeFileSync(path.join(folder, name), `by hand: ${name}\n`);
      return `--from-file=${name}=${path.join(folder, name)}`;
    });
    await kubectl("-n", "kube-system", "create", "secret", "generic", secret, ...files);
  });
  after(async () => {
    succeeded(await destroy());
    await kubectl("-n", "kube-system", "delete", "secret", secret, "--ignore-not-found");
    fs.rmSync(folder, { recursive: true, force: true });
    await settle();
  });

  it("fails the run and stays as it is, unless it may be taken over", async () => {
    const before = await data();
    const refused = await up();
    assert.notEqual(refused.exitCode, 0, refused.all);
    assert.match(refused.all, /conflict|already exists/i);
    assert.equal(await data(), before);
  });

  it("becomes the stack's where that is said", async () => {
    await withConfig({ "cluster.adoptTlsSecret": true }, async () => {
      succeeded(await up());
      assert.match(Buffer.from(await data(), "base64").toString(), /^-----BEGIN CERTIFICATE-----/);
    });
  });
});
