import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse, parseDocument } from "yaml";
import { NODE_NAME } from "../../lab/cluster/places";
import { NOT_IN_LAB, RUN_IN_LAB, shellBlocks } from "../support/docs";
import { HandMade } from "../../rig/stack/hand-made";
import { checkout, env, kubectl, labVariable, onGateway, run, succeeded } from "../../rig/stack/lab";
import { destroy, settle } from "../../rig/stack/stack";

const FILE = path.join(checkout, "Pulumi.prod.yaml");
const address = (): string => labVariable("LAB_GATEWAY_HOST");

/** A documented command as it is for the lab: names and addresses of its own, and answers instead of questions. */
function here(line: string): string {
  const key = labVariable("LAB_SSH_KEY_FILE");
  const login = `-i ${key} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
  return line
    .replaceAll("-gw1**", `-${address().replaceAll(".", "-")}**`)
    .replace("ssh gw1.example.com", `ssh ${login} ${labVariable("LAB_SSH_USER")}@${address()}`)
    .replaceAll("gw1.example.com", address())
    .replaceAll("registry.example.com", labVariable("LAB_REGISTRY_HOST"))
    .replaceAll("ui.example.com", labVariable("LAB_UI_HOST"))
    .replaceAll("192.0.2.10", labVariable("LAB_NODE_IP"))
    .replaceAll("node-1", NODE_NAME)
    .replace(/~\/\.ssh\/[\w-]+/, key)
    .replace("'certificate.directory' production", `'certificate.directory' ${labVariable("LAB_ACME_DIRECTORY")}`)
    .replace(/^curl/, `${labVariable("LAB_EXEC")} curl`)
    .replace(/^pulumi login && /, "")
    .replace(/^pulumi up$/, "pulumi up --yes --skip-preview");
}

/** Runs a page's commands, line by line, from a folder, and returns what each printed. */
async function runPage(page: string, options: { skip?: RegExp; before?: RegExp; prepare?: () => void } = {}) {
  assert.ok(RUN_IN_LAB.includes(page));
  const printed: string[] = [];
  for (const line of shellBlocks(page).join("\n").split("\n")) {
    if (line.trim() === "" || options.skip?.test(line)) continue;
    if (options.before?.test(line)) options.prepare?.();
    const script = `set -o pipefail; ${here(line)}`;
    const ran = await run("bash", ["-c", script], { input: "", env: { ...env, ...passphrase } });
    printed.push(succeeded(ran).all);
  }
  return printed;
}

/** The passphrase of the stack, once it was changed. */
let passphrase: Record<string, string> = {};

/** What the lab has and no user needs: its CA, and an SSH user other than root. */
function labSettings(): void {
  const { config: lab } = parse(fs.readFileSync(path.join(checkout, "Pulumi.lab.yaml"), "utf8")) as {
    config: Record<string, Record<string, unknown> | undefined>;
  };
  const document = parseDocument(fs.readFileSync(FILE, "utf8"));
  const key = "private-registry:certificate";
  for (const member of ["directoryCaPem", "trustedRootsPem"]) {
    document.setIn(["config", key, member], lab[key]?.[member]);
  }
  document.setIn(["config", "private-registry:ssh", "user"], labVariable("LAB_SSH_USER"));
  fs.writeFileSync(FILE, document.toString());
}

describe("7e. the commands of README and runbooks, as they are written", () => {
  before("the lab's own stack makes room", async () => void succeeded(await destroy()));
  after("and comes back", async () => {
    await run("pulumi", ["destroy", "--yes", "--skip-preview", "--stack", "prod"], { env: { ...env, ...passphrase } });
    await run("pulumi", ["stack", "rm", "--yes", "--force", "prod"], { env: { ...env, ...passphrase } });
    fs.rmSync(FILE, { force: true });
    await settle();
  });

  it("README: production in ten minutes", async () => {
    const started = performance.now();
    await runPage("README.md", {
      skip: NOT_IN_LAB,
      before: /^pulumi up/,
      prepare: labSettings,
    });
    console.log(`      from an empty stack: ${((performance.now() - started) / 1000).toFixed(1)} s`);
    const seen = succeeded(await run("npm", ["run", "--silent", "smoke", "--", "--stack", "prod"]));
    assert.match(seen.stdout, /^ok .*login of ci \(push\)/m);
  });

  it("a renewal fails", async () => {
    const before = await certificate();
    const printed = await runPage("docs/runbooks/renewal-fails.md");
    assert.ok(printed.some((text) => /^a-token\.[A-Za-z0-9_-]{43}$/.test(text.trim())));
    assert.notEqual(await certificate(), before, `it was renewed at the end:\n${printed.join("\n")}`);
  });

  it("a gateway is lost", async () => {
    const gone = "sudo -n rm -rf /etc/nginx/private-registry /etc/nginx/sites-enabled/*private-registry*";
    succeeded(await onGateway(`${gone} && sudo -n nginx -s reload`));
    await runPage("docs/runbooks/gateway-lost.md");
  });

  it("every secret changes", async function () {
    this.timeout(600_000); // an `up` for each of them
    const before = { certificate: await certificate(), users: await users() };
    await runPage("docs/runbooks/rotate-secrets.md", { skip: /change-secrets-provider/ });
    assert.notEqual(await certificate(), before.certificate);
    assert.notEqual(await users(), before.users);
  });

  it("the state's passphrase changes", async () => {
    const line =
      shellBlocks("docs/runbooks/rotate-secrets.md").find((text) => text.includes("change-secrets-provider")) ?? "";
    succeeded(await run("bash", ["-c", line], { input: "another\nanother\n" }));
    assert.notEqual((await run("pulumi", ["preview", "--stack", "prod"])).exitCode, 0);
    passphrase = { PULUMI_CONFIG_PASSPHRASE: "another", PULUMI_CONFIG_PASSPHRASE_FILE: "" };
    succeeded(await run("pulumi", ["preview", "--stack", "prod"], { env: { ...env, ...passphrase } }));
  });

  it("from the recipe by hand, without a failed request", async () => {
    const old = new HandMade();
    await old.takeCertificate("prod", passphrase);
    succeeded(
      await run("pulumi", ["destroy", "--yes", "--skip-preview", "--stack", "prod"], {
        env: { ...env, ...passphrase },
      }),
    );
    await old.build();
    const watched = old.watch();
    await runPage("docs/runbooks/from-the-recipe.md");
    const { asked, failed } = await watched.stop();
    console.log(`      ${asked} requests meanwhile`);
    assert.deepEqual(failed, []);
    assert.ok(asked > 20);
    await old.remove();
    await kubectl("delete", "namespace", "registry", "--wait=false");
  });
});

async function certificate(): Promise<string> {
  const args = ["stack", "output", "certificateChain", "--stack", "prod"];
  return succeeded(await run("pulumi", args, { env: { ...env, ...passphrase } })).stdout;
}

async function users(): Promise<string> {
  const args = ["stack", "output", "dockerConfigs", "--show-secrets", "--stack", "prod"];
  return succeeded(await run("pulumi", args, { env: { ...env, ...passphrase } })).stdout;
}
