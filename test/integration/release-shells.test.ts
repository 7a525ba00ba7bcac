import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { drift } from "../../cli/drift";
import { releasesIn } from "../../cli/gateways/written";
import { NginxGateway, UserRole } from "../../components";
import { remoteCommand } from "../../components/hosts/release";
import { certificates, gatewayInput, REGISTRY, UI } from "../../rig/gateway/fixture";
import { underMocks } from "../../rig/pulumi/mocks";
import { NginxHost, needHost } from "../../rig/hosts/nginx-host";
import { type Sshd, startSshd } from "../../rig/hosts/sshd";

/** Login shells that run a command, by what a host may have. */
const SHELLS = ["/bin/sh", "/bin/bash", "/usr/bin/fish", "/bin/tcsh", "/bin/csh", "/run/ash"];

describe("the SSH user's login shell", function () {
  this.timeout(120_000);
  let host: NginxHost;
  let sshd: Sshd;

  before(async function () {
    needHost(this);
    host = await NginxHost.start();
    await host.run("ln -s $(command -v busybox) /run/ash");
    sshd = await startSshd(host);
  });
  after(() => host?.stop());

  const login = (shell: string) =>
    host.run(`sed 's#^\\(${sshd.user}:.*:\\).*#\\1${shell}#' /etc/passwd >/run/p && cat /run/p >/etc/passwd`);
  const input = (realm: string) => gatewayInput({ httpsPort: host.httpsPort, realm });
  const live = async (): Promise<string> =>
    (
      await host.run(
        "cat /etc/nginx/private-registry/*/owner; readlink /etc/nginx/private-registry/main-gateway/last-good",
      )
    ).stdout;

  for (const shell of SHELLS) {
    it(`may be ${shell}`, async () => {
      await login(shell);
      const stdin = await input(shell);
      const done = await sshd.run(remoteCommand("create"), stdin);
      assert.equal(done.exitCode, 0, done.stderr);
      assert.match(done.stdout, /^private-registry: done create main-gateway [0-9a-f]{20} \d+$/m);
      const cut = await sshd.run(remoteCommand("update"), stdin.slice(0, -200));
      assert.equal(cut.exitCode, 75);
      assert.match(cut.stderr, /arrived cut short, nothing was changed/);
    });
  }

  const up = async () => {
    const { server, client, ca } = certificates();
    const { port, user, hostKey, keyFile } = sshd;
    const gateway = { address: "127.0.0.1", port, user, hostKey, privateKey: readFileSync(keyFile, "utf8") };
    const written: { inputs: Record<string, unknown>; stdout: string }[] = [];
    const program = () =>
      new NginxGateway("main-gateway", {
        gateways: [gateway],
        registryHost: REGISTRY,
        uiHost: UI,
        nodeAddresses: ["127.0.0.1"],
        certificate: { chainPem: server.cert, keyPem: server.key },
        upstreamTls: { caPem: ca.cert, clientCertificatePem: client.cert, clientKeyPem: client.key },
        users: [{ name: "alice", role: UserRole.Push, password: "correct horse: battery" }],
        access: { bcryptCost: 4 },
      });
    const run = underMocks(program, {
      answer: async (type, name, inputs) => {
        if (type !== "command:remote:Command") return undefined;
        const done = await sshd.run(String(inputs["update"]), String(inputs["stdin"]));
        if (done.exitCode !== 0) throw new Error(`${name}: ${done.stderr}`);
        written.push({ inputs, stdout: done.stdout });
        return { stdout: done.stdout, stderr: done.stderr };
      },
    });
    const error = await run.then(
      () => undefined,
      (reason: Error) => reason.message,
    );
    const resources = written.map(({ inputs, stdout }) => ({
      urn: "urn:pulumi:dev::shop::command:remote:Command::main-gateway-a",
      type: "command:remote:Command",
      inputs,
      outputs: { stdout },
    }));
    return { error, releases: releasesIn({ deployment: { resources } }) };
  };

  it("that ends with 0 and does nothing fails the up, with what came instead, and drift says so too", async () => {
    for (const [shell, came] of [
      ["/bin/true", "nothing"],
      ["/run/greets", '"Welcome to the maintenance menu"'],
      ["/run/repeats", "a part of what was sent to it"],
    ] as const) {
      await host.run(
        "printf '#!/bin/sh\\necho Welcome to the maintenance menu\\n' >/run/greets; printf '#!/bin/sh\\nhead -c 3000\\n' >/run/repeats; chmod 755 /run/greets /run/repeats",
      );
      const before = await live();
      await login(shell);
      const { error, releases } = await up();
      assert.match(error ?? "", /the release of main-gateway is not known to be there/, `${shell}: ${error}`);
      assert.ok(error?.includes(`what came is ${came}`), error);
      assert.match(error ?? "", /login shell.*npm run drift -- --fix/);
      assert.equal(await live(), before);
      assert.deepEqual(
        releases.map(({ confirmed }) => confirmed),
        [false],
      );
      const [report] = await drift(releases);
      assert.match(report?.failure ?? "", /ended with 0 without having done its work/);
      await login("/bin/bash");
      assert.equal((await up()).error, undefined);
    }
  });
});
