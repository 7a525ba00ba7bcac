import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { checkout, env, labVariable, run, succeeded, type Run } from "../../rig/stack/lab";
import { settle, withConfig } from "../../rig/stack/stack";

/**
 * The lab's language host is of a release that starts no policy packs. For a runtime that has no language host the
 * engine starts the program `pulumi-analyzer-policy-<runtime>` instead, so the pack is run as one of the runtime "lab":
 * the same pack, by the same program (run-policy-pack of `@pulumi/pulumi`).
 */
const RUNTIME = "lab";

describe("6b. the policy pack", () => {
  let folder: string;

  before(async () => {
    await settle();
    folder = fs.mkdtempSync(path.join(labVariable("LAB_DIR"), "e2e-policy-"));
    fs.cpSync(path.join(checkout, "policy"), path.join(folder, "policy"), { recursive: true });
    fs.copyFileSync(path.join(checkout, "tsconfig.json"), path.join(folder, "tsconfig.json"));
    fs.symlinkSync(path.join(checkout, "node_modules"), path.join(folder, "node_modules"));
    const project = path.join(folder, "policy/PulumiPolicy.yaml");
    fs.writeFileSync(project, fs.readFileSync(project, "utf8").replace("runtime: nodejs", `runtime: ${RUNTIME}`));
    const program = path.join(checkout, "node_modules/@pulumi/pulumi/cmd/run-policy-pack");
    const launcher = path.join(folder, `pulumi-analyzer-policy-${RUNTIME}`);
    fs.writeFileSync(launcher, `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`, { mode: 0o755 });
  });

  function preview(): Promise<Run> {
    const args = ["--policy-pack", path.join(folder, "policy"), "--stack", labVariable("LAB_STACK")];
    const variables = { ...env, PATH: [folder, env["PATH"]].join(path.delimiter) };
    return run("pulumi", ["preview", ...args, "--non-interactive", "--color", "never"], { env: variables });
  }

  it("finds nothing in the lab's stack, whose resources are all known", async () => {
    const found = succeeded(await preview());
    assert.match(found.all, /private-registry@v[^\n]*/);
    assert.doesNotMatch(found.all, /\[mandatory\]|\[advisory\]/);
  });

  it("fails a preview of a registry that takes everybody who reaches its port", async () => {
    await withConfig({ "backend.requireClientCertificate": false }, async () => {
      const refused = await preview();
      assert.notEqual(refused.exitCode, 0);
      assert.match(refused.all, /\[mandatory\][^\n]* mutual-tls/);
    });
  });

  it("fails a preview of a site with a protocol that is retired", async () => {
    await withConfig({ "nginx.extraRegistryDirectives": "ssl_protocols TLSv1.1;" }, async () => {
      const refused = await preview();
      assert.notEqual(refused.exitCode, 0);
      assert.match(refused.all, /tls-floor/);
      assert.doesNotMatch(refused.all, /PRIVATE KEY/);
    });
  });
});
