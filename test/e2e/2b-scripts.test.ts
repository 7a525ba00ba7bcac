import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { labVariable, onGateway, run, succeeded } from "../../rig/stack/lab";
import { settle, up } from "../../rig/stack/stack";

/** A script of scripts/ on the lab's stack, and the report that it writes. */
async function script(name: string): Promise<{ exitCode: number; all: string; report: string }> {
  const file = path.join(labVariable("LAB_DIR"), "e2e-report.md");
  fs.rmSync(file, { force: true });
  const { exitCode, all } = await run("bash", [`scripts/${name}`, labVariable("LAB_STACK"), file]);
  return { exitCode, all, report: fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "" };
}

describe("2b. the scripts for any CI", () => {
  before(settle);
  after(settle);

  it("preview a stack, as Markdown", async () => {
    const { exitCode, all, report } = await script("preview.sh");
    assert.equal(exitCode, 0, all);
    assert.match(report, /^#### pulumi preview --stack lab$/m);
    assert.match(report, /unchanged/);
  });

  it("apply a stack and use the registry", async () => {
    const { exitCode, all } = await script("apply.sh");
    assert.equal(exitCode, 0, all);
    assert.match(all, /^\d+ passed, 0 failed, \d+ not checked$/m);
  });

  it("find nothing on a day on which nothing happened", async () => {
    const { exitCode, all, report } = await script("daily.sh");
    assert.equal(exitCode, 0, all);
    for (const part of ["Gateways", "Cluster", "Renewal", "Use"])
      assert.match(report, new RegExp(`^### ${part}: ok$`, "m"));
  });

  it("report what somebody changed on a gateway, and end with 1", async () => {
    const live = "$(dirname $(sudo -n readlink /etc/nginx/sites-enabled/*main-gateway*))";
    succeeded(await onGateway(`echo '# by hand' | sudo -n tee -a ${live}/users >/dev/null`));
    const { exitCode, all, report } = await script("daily.sh");
    succeeded(await up("--replace", "**main-gateway-10-**"));
    assert.equal(exitCode, 1, all);
    assert.match(report, /^### Gateways: \*\*not right\*\*$/m);
    assert.match(report, /users: has another content/);
    const failed = report.split("\n").filter((line) => line.startsWith("FAILED"));
    assert.equal(failed.length, 1, "users themselves notice nothing: only the look at the gateway finds it");
    assert.match(failed[0] ?? "", /what is on it .*users: has another content/);
  });
});
