import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { drift } from "../../cli/drift";
import { releasesIn, type WrittenRelease } from "../../cli/gateways/written";
import { doneLine, remoteCommand } from "../../components/hosts/release";
import { gatewayInput, gatewayRelease } from "../../rig/gateway/fixture";
import { NginxHost, needHost } from "../../rig/hosts/nginx-host";
import { type Sshd, startSshd } from "../../rig/hosts/sshd";

const AWAY =
  "the gateway serves ui.example.com and lets users in, but the registry behind it answers with 502; it may come later, " +
  "else see whether the pod runs and whether this host reaches the nodes' ports";

describe("what a host holds against what the stack wrote", function () {
  this.timeout(60_000);
  let host: NginxHost;
  let sshd: Sshd;
  let written: WrittenRelease;

  before(async function () {
    needHost(this);
    host = await NginxHost.start();
    sshd = await startSshd(host);
    const stdin = await gatewayInput({ httpsPort: host.httpsPort });
    const done = await sshd.run(remoteCommand("create"), stdin);
    assert.equal(done.exitCode, 0, done.stderr);
    const { port, user, hostKey } = sshd;
    const privateKey = readFileSync(sshd.keyFile, "utf8");
    written = {
      name: "main-gateway-a",
      urn: "urn:a",
      host: "127.0.0.1",
      port,
      user,
      privateKey,
      hostKey,
      stdin,
      confirmed: true,
    };
  });
  after(() => host?.stop());

  it("is the same after an up", async () => {
    assert.deepEqual(await drift([written]), [
      { name: "main-gateway-a", urn: "urn:a", host: "127.0.0.1", differences: [], warnings: [AWAY] },
    ]);
  });

  it("is told file by file, content and mode", async () => {
    const hash = (await gatewayRelease({ httpsPort: host.httpsPort })).hash;
    const folder = `/etc/nginx/private-registry/main-gateway/releases/${hash}`;
    await host.run(`echo >>${folder}/users; chmod 644 ${folder}/key.pem`);
    const [report] = await drift([written]);
    assert.deepEqual(report?.differences.sort(), [
      `${folder}/key.pem: has mode 0644 and not 0600`,
      `${folder}/users: has another content`,
    ]);
  });

  it("is not asked of a host with another key", async () => {
    const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHostKeyOfTheTestsHostKeyOfTheTestsHostKeyOfT";
    const [report] = await drift([{ ...written, hostKey }]);
    assert.match(report?.failure ?? "", /main-gateway-a: 127\.0\.0\.1:\d+: .*denied/i);
    assert.deepEqual(report?.differences, []);
  });

  it("is read from an exported state, where secrets are wrapped", () => {
    const secret = (value: unknown) => ({
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      plaintext: JSON.stringify(value),
    });
    const { host: address, port, user, privateKey, hostKey, stdin } = written;
    const connection = secret({ host: address, port, user, privateKey, hostKey });
    const stdout = secret(doneLine(stdin, "create"));
    const urn = "urn:pulumi:dev::shop::command:remote:Command::main-gateway-a";
    const resources = [
      { urn, type: "command:remote:Command", inputs: { connection, stdin: secret(stdin) }, outputs: { stdout } },
      { urn: "urn:other", type: "command:remote:Command", inputs: { connection, stdin: secret("something else") } },
      { urn: "urn:stack", type: "pulumi:pulumi:Stack" },
    ];
    assert.deepEqual(releasesIn({ version: 3, deployment: { resources } }), [{ ...written, urn }]);
  });
});
