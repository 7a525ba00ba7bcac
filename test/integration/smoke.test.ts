import assert from "node:assert/strict";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { join } from "node:path";
import { execa } from "execa";
import { smoke, type SmokeReport, type SmokeTarget } from "../../cli/smoke";
import { dockerConfig } from "../../components/private-registry/docker-config";
import { makeCertificate } from "../support/acme-made";
import { UserRole } from "../../components/nginx/users/role";
import { certificates, REGISTRY, UI } from "../../rig/gateway/fixture";
import { alice, bob } from "../../rig/gateway/on-host";
import { freePorts, needHost } from "../../rig/hosts/nginx-host";
import { HERE, portOf, SmokedGateway } from "../../rig/gateway/smoked";

/** A kubectl that can't ask anything: the cluster's part is tested in the lab. */
const NO_CLUSTER = { kubeconfig: "/nonexistent/kubeconfig" };

describe("the smoke test, at a real nginx before a real registry", function () {
  this.timeout(120_000);
  let gateway: SmokedGateway;
  const serve = (changes: Parameters<SmokedGateway["serve"]>[0] = {}): Promise<void> => gateway.serve(changes);
  const target = (changes: Partial<SmokeTarget> = {}): SmokeTarget => ({ ...gateway.target(), ...changes });

  before(async function () {
    needHost(this);
    gateway = await SmokedGateway.start();
  });
  after(() => gateway?.stop());

  const failures = ({ checks }: SmokeReport): string[] =>
    checks.filter(({ status }) => status === "failed").map(({ where, what, detail }) => `${where} ${what}: ${detail}`);
  const failing = async (changes: Partial<SmokeTarget>): Promise<string[]> => {
    const report = await smoke(target(changes), NO_CLUSTER);
    assert.equal(report.ok, false);
    return failures(report);
  };

  it("passes where all is well, and says what it could not look at", async () => {
    const report = await smoke(target(), NO_CLUSTER);
    assert.deepEqual(failures(report), []);
    assert.ok(report.ok);
    const left = report.checks.filter(({ status }) => status === "unchecked").map(({ where }) => where);
    assert.deepEqual([...new Set(left)].sort(), ["cluster", "names"]);
    const passed = report.checks.filter(({ status }) => status === "passed").map(({ what }) => what);
    for (const what of ["without a password", "login of bob (pull)", "role pull", "UI", "clock"]) {
      assert.ok(passed.includes(what), what);
    }
  });

  it("pushes what nobody has yet, and leaves nothing where it may delete", async () => {
    await smoke(target(), { ...NO_CLUSTER, repository: "smoke/twice" });
    const again = await smoke(target(), { ...NO_CLUSTER, repository: "smoke/twice" });
    assert.ok(again.ok);
    const [pushed = ""] = again.checks.filter(({ what }) => what === "push to smoke/twice").map(({ detail }) => detail);
    const digest = /^sha256:[0-9a-f]{64}/.exec(pushed)?.[0];
    assert.equal((await gateway.registry.ask("GET", `/v2/smoke/twice/manifests/${digest}`)).status, 404);
  });

  it("says that a password is wrong", async () => {
    const users = [{ ...alice, password: "another" }, bob];
    const found = await failing({ users });
    assert.match(found[0] ?? "", /login of alice \(push\): 401: it does not take the password that the stack has/);
    assert.match(found[1] ?? "", /UI: the page is answered 401 and not 200/);
    assert.match(found[2] ?? "", /push to private-registry-smoke: an upload's begin is answered 401/);
    assert.equal(found.length, 3);
  });

  it("says that a gateway is down, and goes on with the other", async () => {
    const report = await smoke(target({ gateways: ["nowhere.invalid", HERE] }), NO_CLUSTER);
    const [found, ...more] = failures(report);
    assert.match(found ?? "", /^nowhere\.invalid connection: the name in nowhere\.invalid:\d+ does not resolve here$/);
    assert.deepEqual(more, []);
    assert.ok(report.checks.some(({ what, status }) => what.startsWith("pull of") && status === "passed"));
  });

  it("says that nothing listens", async () => {
    const found = await failing({ registryUrl: `https://${REGISTRY}:${await nobody()}` });
    assert.match(
      found.join("\n"),
      /^127\.0\.0\.1 connection: nothing listens at 127\.0\.0\.1:\d+; is nginx running there\?$/,
    );
  });

  it("sends no password to a gateway whose certificate has expired", async () => {
    const expired = makeCertificate([REGISTRY, UI], { days: -1 });
    await serve({ chainPem: expired.leafPem, keyPem: expired.keyPem });
    try {
      const found = await failing({ certificateChain: expired.leafPem, trustedRoots: expired.caPem });
      assert.match(
        found.join("\n"),
        /chain of registry\.example\.com: the certificate has expired, on .*run pulumi up/,
      );
      assert.match(found.join("\n"), /validity: until .*: it has expired/);
      assert.doesNotMatch(found.join("\n"), /login|push/);
    } finally {
      await serve();
    }
  });

  it("says that nobody known has signed it, and that it is not the stack's", async () => {
    const other = makeCertificate([REGISTRY, UI]);
    const found = await failing({ certificateChain: other.leafPem, trustedRoots: other.caPem });
    assert.match(found.join("\n"), /no root that is known here has signed it/);
    assert.match(found.join("\n"), /certificate of registry\.example\.com: it serves .* and the stack's state has /);
  });

  it("says that who may pull may push", async () => {
    const [found, ...more] = await failing({ users: [alice, { ...alice, role: "pull" }] });
    assert.match(found ?? "", /role pull: alice begins a push and is answered 202 and not 403/);
    assert.deepEqual(more, []);
  });

  it("knows who has rights in only some repositories, and says that such a user sees all", async () => {
    const carol = { name: "carol", password: "carol's own" };
    await serve({ people: [alice, bob, { ...carol, repositories: [{ pattern: "team/*", role: UserRole.Pull }] }] });
    try {
      const report = await smoke(target({ users: [{ ...carol, role: "limited" }, alice, bob] }), NO_CLUSTER);
      assert.deepEqual(failures(report), []);
      const login = report.checks.find(({ what }) => what === "login of carol (limited)");
      assert.equal(login?.detail, "200, and the catalog is closed: 403");
      const [found, ...more] = await failing({ users: [{ ...bob, role: "limited" }, alice] });
      assert.match(found ?? "", /login of bob \(limited\): the catalog shows all repositories: it is answered 200/);
      assert.deepEqual(more, []);
    } finally {
      await serve();
    }
  });

  it("finds the UI below a path of the registry's name", async () => {
    await serve({ uiHost: REGISTRY, uiPath: "/ui/" });
    try {
      const report = await smoke(target({ uiUrl: `${target().registryUrl}/ui/` }), NO_CLUSTER);
      assert.deepEqual(failures(report), []);
      assert.ok(report.checks.some(({ what, status }) => what === "UI" && status === "passed"));
    } finally {
      await serve();
    }
  });

  it("says that the registry is down", async () => {
    await serve({ registryNodePort: await nobody() });
    try {
      assert.match(
        (await failing({})).join("\n"),
        /login of alice \(push\): 502: it does not reach the registry on a node/,
      );
    } finally {
      await serve();
    }
  });

  it("says that a node's port is open, and which UI gives the list of images", async () => {
    const open = https.createServer(certificates().server, (_, response) => response.end("{}"));
    const proxy = http.createServer((_, response) => response.end('{"repositories":["a"]}'));
    for (const server of [open, proxy]) await once(server.listen(0, HERE), "listening");
    try {
      const ports = { registryNodePort: portOf(open), uiNodePort: portOf(proxy) };
      const found = await failing(ports);
      assert.match(found[0] ?? "", /answers 200 to whoever has no client certificate/);
      assert.match(found[1] ?? "", /gives the list of images to whoever asks/);
      assert.equal(found.length, 2);
    } finally {
      for (const server of [open, proxy]) server.close();
    }
  });

  it("says that a gateway's clock is wrong, and that the header is missing", async () => {
    const date = new Date(Date.now() - 3_600_000).toUTCString();
    const late = https.createServer(certificates().server, (_, response) => {
      response.writeHead(401, { date, "www-authenticate": "Basic" });
      response.end();
    });
    await once(late.listen(0, HERE), "listening");
    try {
      const found = await failing({ registryUrl: `https://${REGISTRY}:${portOf(late)}` });
      assert.match(found.join("\n"), /clock: (3599|3600) s behind this machine's/);
      assert.match(found.join("\n"), /carries Docker-Distribution-Api-Version 0 times and not once/);
    } finally {
      late.close();
    }
  });

  describe("as a command", () => {
    const run = async (changes: Record<string, unknown>, ...flags: string[]) => {
      const { users, trustedRoots: trustedRootsPem, gateways: gatewayAddresses, ...rest } = target();
      const { nodes: nodeAddresses, ...plain } = rest;
      const dockerConfigs = Object.fromEntries(
        users.map((u) => [u.name, dockerConfig(REGISTRY, u.name, u.password ?? "")]),
      );
      const userRoles = Object.fromEntries(users.map(({ name, role }) => [name, role]));
      const outputs = {
        ...plain,
        trustedRootsPem,
        gatewayAddresses,
        nodeAddresses,
        userRoles,
        dockerConfigs,
        ...changes,
      };
      const file = join(gateway.host.folder, "outputs.json");
      writeFileSync(file, JSON.stringify(outputs), { mode: 0o600 });
      const args = ["--outputs", file, "--kubeconfig", NO_CLUSTER.kubeconfig, ...flags];
      const result = await execa("npm", ["run", "--silent", "smoke", "--", ...args], { reject: false });
      rmSync(file);
      return result;
    };

    it("prints a table and ends with 0, or with 1 and the failures", async () => {
      const good = await run({});
      assert.equal(good.exitCode, 0, good.stderr);
      assert.match(good.stdout, /^ok +127\.0\.0\.1 +login of alice \(push\) +200$/m);
      assert.match(good.stdout, /^\d+ passed, 0 failed, \d+ not checked$/m);
      const bad = await run({ dockerConfigs: { alice: dockerConfig(REGISTRY, "alice", "guessed-wrong") } });
      assert.equal(bad.exitCode, 1, bad.stderr);
      assert.match(bad.stdout, /^FAILED +127\.0\.0\.1 +login of alice \(push\) +401/m);
      assert.doesNotMatch(bad.stdout + bad.stderr, /guessed-wrong/);
    });

    it("prints JSON for programs", async () => {
      const { exitCode, stdout } = await run({}, "--json", "--repository", "smoke/json");
      const report = JSON.parse(stdout) as SmokeReport;
      assert.equal(exitCode, 0);
      assert.equal(report.ok, true);
      assert.ok(report.checks.some(({ what, status }) => what === "pull of smoke/json" && status === "passed"));
    });

    it("ends with 2 and the missing outputs of a stack that has none", async () => {
      const { exitCode, stderr } = await run({ registryUrl: undefined, userRoles: null });
      assert.equal(exitCode, 2);
      assert.match(stderr, /the stack has no output registryUrl, userRoles; run pulumi up/);
    });
  });
});

/** A port where nobody listens. */
async function nobody(): Promise<number> {
  return (await freePorts(1))[0] ?? 0;
}
