import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { SmokeReport } from "../../cli/smoke";
import { kubectl, labVariable, onClient, run, succeeded } from "../../rig/stack/lab";
import { outputs, settle, up, withConfig } from "../../rig/stack/stack";

const smoke = ["run", "--silent", "smoke", "--"];

/** Runs the smoke test on outputs that differ from the stack's. */
async function smokeWith(changes: Record<string, unknown>) {
  const file = path.join(labVariable("LAB_DIR"), "e2e-outputs.json");
  fs.writeFileSync(file, JSON.stringify({ ...(await outputs()), ...changes }), { mode: 0o600 });
  const result = await run("npm", [...smoke, "--outputs", file]);
  fs.rmSync(file);
  return result;
}

describe("2. the smoke test of the deployed stack", () => {
  before(settle);

  it("passes on the client host, where the names resolve, and leaves only what it may not delete", async () => {
    const ran = succeeded(await onClient("npm", [...smoke, "--stack", labVariable("LAB_STACK"), "--json"]));
    const report = JSON.parse(ran.stdout) as SmokeReport;
    const left = report.checks.filter(({ status }) => status !== "passed").map(({ what }) => what);
    assert.deepEqual(left, ["deletion from private-registry-smoke"]);
    for (const part of ["push to", "pull of", "login of alice (push)", "secret kube-system/", "port 30299", "UI"]) {
      assert.ok(
        report.checks.some(({ what }) => what.startsWith(part)),
        part,
      );
    }
  });

  it("passes on the machine, and says what it can't look at there", async () => {
    const ran = succeeded(await run("npm", [...smoke, "--stack", labVariable("LAB_STACK")]));
    assert.match(ran.stdout, /^not checked +names +registry\.lab\.test +it does not resolve here/m);
    console.log(ran.stdout.replace(/^/gm, "      "));
  });

  it("fails with clear words for a wrong password and a gateway that is not there", async () => {
    const configs = (await outputs())["dockerConfigs"] as Record<string, string>;
    const alice = (configs["alice"] ?? "").replace(/"password":"[^"]*"/, '"password":"wrong-by-intent"');
    const wrong = await smokeWith({ dockerConfigs: { ...configs, alice } });
    assert.equal(wrong.exitCode, 1, wrong.all);
    assert.match(wrong.stdout, /^FAILED +10\.231\.0\.4 +login of alice \(push\) +401: it does not take the password/m);
    assert.doesNotMatch(wrong.all, /wrong-by-intent/);
    const down = await smokeWith({ gatewayAddresses: [labVariable("LAB_GATEWAY_HOST"), "10.231.0.99"] });
    assert.equal(down.exitCode, 1, down.all);
    assert.match(down.stdout, /^FAILED +10\.231\.0\.99 +connection +(no host is reached|10\.231\.0\.99:443 did not)/m);
  });

  it("sees a secret that is not the state's", async () => {
    const patch = ["-n", "kube-system", "patch", "secret", "registry-tls-secret", "--type=json", "-p"];
    const read = await kubectl("-n", "kube-system", "get", "secret", "registry-tls-secret", "-o", "json");
    const { data } = JSON.parse(read) as { data: Record<string, string> };
    const put = (value: unknown) =>
      kubectl(...patch, JSON.stringify([{ op: "replace", path: "/data/domain.key", value }]));
    const other = Buffer.from(fs.readFileSync(labVariable("LAB_SSH_KEY_FILE"))).toString("base64");
    await put(other);
    const ran = await run("npm", [...smoke, "--stack", labVariable("LAB_STACK")]);
    await put(data["domain.key"]);
    assert.equal(ran.exitCode, 1, ran.all);
    assert.match(ran.stdout, /^FAILED +cluster +secret kube-system\/registry-tls-secret/m);
    assert.doesNotMatch(ran.all, /PRIVATE KEY/);
  });

  it("ends an up, and makes it fail, where the stack wants it", async () => {
    await withConfig({ smokeTest: true }, async () => {
      const good = succeeded(await up());
      assert.match(good.all, /smoke test: \d+ passed, 0 failed/);
      const refusing = { "nginx.extraRegistryDirectives": "if ($request_method = POST) { return 418; }" };
      await withConfig(refusing, async () => {
        const bad = await up();
        assert.notEqual(bad.exitCode, 0);
        assert.match(bad.all, /the smoke test failed/);
        assert.match(
          bad.all,
          /FAILED +10\.231\.0\.4 +push to private-registry-smoke +an upload's begin is answered 418/,
        );
      });
    });
    await settle();
  });
});
