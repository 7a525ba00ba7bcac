import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { ensurePrograms } from "../../lab/programs";
import { placeProvider } from "../../lab/tools";
import { SAID_BY_OTHERS } from "../support/docs";

const PROGRAM = `const k8s = require("@pulumi/kubernetes");
const provider = new k8s.Provider("cluster", { kubeconfig: process.env.KUBECONFIG_TEXT || undefined });
new k8s.core.v1.ConfigMap("map", {}, { provider });
`;
/** A cluster at an address at which nothing listens. */
const NO_CLUSTER = JSON.stringify({
  apiVersion: "v1",
  kind: "Config",
  "current-context": "a",
  contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
  clusters: [{ name: "a", cluster: { server: "https://127.0.0.1:1" } }],
  users: [{ name: "a", user: {} }],
});

/** A project with a state in a folder of its own: nothing of the lab's is locked or broken by it. */
describe("7f. what Pulumi says at night, and what docs/troubleshooting.md does about it", () => {
  const seen = new Set<string>();
  let folder: string;
  let env: Record<string, string>;

  const pulumi = (args: string[], more: Record<string, string> = {}) =>
    execa("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: folder,
      env: { ...env, ...more },
      reject: false,
      all: true,
      input: "",
    });
  /** Takes note of a message that was to come. */
  const says = (all: string, ...messages: string[]): void => {
    for (const message of messages) {
      assert.ok(all.includes(message), `${message}\n${all}`);
      seen.add(message);
    }
  };
  const UP = ["up", "--yes", "--skip-preview"];

  before(async function () {
    this.timeout(45 * 60_000); // they may have to be built
    const names = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes"] as const;
    const programs = await ensurePrograms(names, () => undefined);
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "night-"));
    fs.mkdirSync(path.join(folder, "bin"));
    const provider = "pulumi-resource-kubernetes";
    placeProvider(path.join(folder, "bin", provider), programs[provider], path.join(folder, "tmp"));
    const others = [programs.pulumi, programs["pulumi-language-nodejs"]];
    const bin = [path.join(folder, "bin"), ...others.map((file) => path.dirname(file))];
    fs.mkdirSync(path.join(folder, "state"));
    fs.symlinkSync(path.join(__dirname, "../../node_modules"), path.join(folder, "node_modules"));
    fs.writeFileSync(path.join(folder, "Pulumi.yaml"), "name: night\nruntime: nodejs\nmain: index.js\n");
    fs.writeFileSync(path.join(folder, "package.json"), '{"name": "night"}\n');
    fs.writeFileSync(path.join(folder, "index.js"), "");
    env = {
      PATH: [...bin, process.env["PATH"] ?? ""].join(":"),
      PULUMI_HOME: path.join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "right",
      PULUMI_CONFIG_PASSPHRASE_FILE: "",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      KUBECONFIG_TEXT: NO_CLUSTER,
    };
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  it("a stack that is not named, and the way to name it", async () => {
    const all = (await pulumi(["stack", "output"])).all;
    says(all, "no stack selected");
    const made = await pulumi(["stack", "init", "prod", "--no-select"]);
    assert.equal(made.exitCode, 0, made.all);
    assert.equal((await pulumi(["stack", "output", "--stack", "prod"])).exitCode, 0);
  });

  it("a lock that a killed update has left, which pulumi cancel takes away", async () => {
    const locks = path.join(folder, "state/.pulumi/locks/organization/night/prod");
    fs.mkdirSync(locks, { recursive: true });
    const lock = { pid: 1, username: "somebody", hostname: "elsewhere", timestamp: "2026-11-29T03:00:00Z" };
    fs.writeFileSync(path.join(locks, "a.json"), JSON.stringify(lock));
    says((await pulumi([...UP, "--stack", "prod"])).all, "the stack is currently locked by");
    const cancelled = await pulumi(["cancel", "--yes", "--stack", "prod"]);
    assert.equal(cancelled.exitCode, 0, cancelled.all);
    const again = await pulumi([...UP, "--stack", "prod"]);
    assert.equal(again.exitCode, 0, again.all);
  });

  it("a passphrase that is wrong, and one that is not there", async () => {
    const set = await pulumi(["config", "set", "--secret", "--stack", "prod", "some", "value"]);
    assert.equal(set.exitCode, 0, set.all);
    const ask = ["config", "get", "some", "--stack", "prod"];
    says((await pulumi(ask, { PULUMI_CONFIG_PASSPHRASE: "wrong" })).all, "incorrect passphrase");
    const { PULUMI_CONFIG_PASSPHRASE: _left, ...without } = env;
    const none = await execa("pulumi", [...ask, "--non-interactive"], {
      cwd: folder,
      env: without,
      reject: false,
      all: true,
    });
    says(none.all, "passphrase must be set with PULUMI_CONFIG_PASSPHRASE");
    assert.match((await pulumi(ask)).stdout, /^value$/m);
  });

  it("operations of an interrupted run, which a refresh clears", async () => {
    const file = path.join(folder, "state/.pulumi/stacks/night/prod.json");
    const state = JSON.parse(fs.readFileSync(file, "utf8")) as { checkpoint: { latest: Record<string, unknown> } };
    const urn = "urn:pulumi:prod::night::kubernetes:core/v1:ConfigMap::gone";
    const resource = { urn, custom: true, type: "kubernetes:core/v1:ConfigMap", inputs: {} };
    state.checkpoint.latest["pending_operations"] = [{ resource, type: "creating" }];
    fs.writeFileSync(file, JSON.stringify(state));
    says((await pulumi([...UP, "--stack", "prod"])).all, "pending operations from previous deployment");
    const cleared = await pulumi(["refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--stack", "prod"]);
    assert.equal(cleared.exitCode, 0, cleared.all);
    assert.doesNotMatch((await pulumi([...UP, "--stack", "prod"])).all, /pending operations/);
  });

  it("a cluster that does not answer, and a kubeconfig that is none", async () => {
    fs.writeFileSync(path.join(folder, "index.js"), PROGRAM);
    const away = (await pulumi([...UP, "--stack", "prod"])).all;
    const message = "unable to load schema information from the API server";
    says(away, "configured Kubernetes cluster is unreachable", message);
    const broken = (await pulumi([...UP, "--stack", "prod"], { KUBECONFIG_TEXT: "{]" })).all;
    says(broken, "failed to parse kubeconfig");
    const none = (await pulumi([...UP, "--stack", "prod"], { KUBECONFIG_TEXT: "", KUBECONFIG: "", HOME: folder })).all;
    says(none, "unable to load Kubernetes client configuration");
  });

  it("copies of a kubeconfig, which stay in a folder that goes with the lab", () => {
    const copies = fs.readdirSync(path.join(folder, "tmp")).filter((name) => name.startsWith("kubeconfig"));
    assert.ok(copies.length > 0, "the provider leaves none any more: take placeProvider away");
  });

  it("has every message of others that is a heading", () => {
    assert.deepEqual([...seen].sort(), [...SAID_BY_OTHERS].sort());
  });
});
