import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import fc from "fast-check";
import { shellExports, shellQuote } from "../../lab/environment";
import { labIn } from "../../lab/lab";

const NAMES = [
  ...["STACK", "DIR", "CA_FILE", "REGISTRY_HOST", "UI_HOST", "USER", "PASSWORD", "PULL_USER", "PULL_PASSWORD"],
  ...[
    "GATEWAY_HOST",
    "SSH_USER",
    "SSH_KEY_FILE",
    "SSH_HOST_KEY",
    "NODE_IP",
    "NODE_HOST_KEY",
    "NODE_2_IP",
    "NODE_2_HOST_KEY",
    "ACME_DIRECTORY",
    "CONTAINERD_SOCKET",
    "EXEC",
  ],
].map((name) => `LAB_${name}`);

describe("lab: the variables of a running lab", () => {
  let dir = "";
  before(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), "lab-env-"));
    fs.mkdirSync(path.join(dir, "ssh"));
    for (const [host, key] of Object.entries({ host: "AAAAkey", node: "AAAAnode", "node-2": "AAAAnode2" }))
      fs.writeFileSync(path.join(dir, "ssh", `${host}_ed25519.pub`), `ssh-ed25519 ${key} a comment\n`);
  });
  after(() => fs.rmSync(dir, { recursive: true, force: true }));

  const evaluated = (times: number, environment: NodeJS.ProcessEnv): Record<string, string> => {
    const script = `${shellExports(labIn(dir, "/checkout")).repeat(times)}env -0`;
    const text = execFileSync("sh", ["-c", script], { encoding: "utf8", env: environment });
    return Object.fromEntries(text.split("\0").map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));
  };

  it("gives every variable that a program needs, and the lab's programs first on PATH", () => {
    const variables = evaluated(1, { PATH: "/usr/bin:/bin" });
    for (const name of [...NAMES, "KUBECONFIG", "PULUMI_HOME", "PULUMI_BACKEND_URL", "DOCKER_CONFIG"]) {
      assert.notEqual(variables[name] ?? "", "", name);
    }
    assert.equal(variables["PATH"], `${dir}/bin:/usr/bin:/bin`);
    assert.equal(variables["LAB_SSH_HOST_KEY"], "ssh-ed25519 AAAAkey");
    assert.equal(variables["LAB_NODE_2_HOST_KEY"], "ssh-ed25519 AAAAnode2");
    assert.notEqual(variables["LAB_PASSWORD"], variables["LAB_PULL_PASSWORD"]);
  });

  it("is the same when it is read twice", () => {
    const environment = { PATH: "/usr/bin:/bin" };
    assert.deepEqual(evaluated(2, environment), evaluated(1, environment));
  });

  it("takes away the user's variables that would win over the lab's", () => {
    const variables = evaluated(1, {
      PATH: "/usr/bin:/bin",
      PULUMI_CONFIG_PASSPHRASE: "mine",
      PULUMI_ACCESS_TOKEN: "mine",
      PULUMI_STACK: "production",
    });
    assert.equal(JSON.stringify(variables).includes("mine"), false);
    assert.equal("PULUMI_STACK" in variables, false);
  });

  it("keeps files of the user's own out of it", () => {
    const variables = evaluated(1, { PATH: "/usr/bin:/bin", HOME: "/home/me" });
    for (const name of [
      "KUBECONFIG",
      "KUBECACHEDIR",
      "DOCKER_CONFIG",
      "PULUMI_HOME",
      "PULUMI_CONFIG_PASSPHRASE_FILE",
    ]) {
      assert.ok(variables[name]?.startsWith(`${dir}/`), name);
    }
    assert.equal(variables["PULUMI_BACKEND_URL"], `file://${dir}/pulumi/state`);
    assert.equal(variables["DOCKER_HOST"], `unix://${dir}/docker.sock`);
  });

  it("quotes any word so that a shell reads it back", () => {
    const word = fc.string({ unit: "binary", maxLength: 30 }).filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
        const script = `printf '%s\\0' ${words.map(shellQuote).join(" ")}`;
        const read = execFileSync("sh", ["-c", script], { encoding: "utf8" });
        assert.deepEqual(
          read.split("\0").slice(0, -1),
          words.map((text) => Buffer.from(text).toString()),
        );
      }),
      { numRuns: 20 },
    );
  });
});
