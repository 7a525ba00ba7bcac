import * as assert from "node:assert/strict";
import { execaSync } from "execa";
import { NginxGateway } from "../../components";
import { gatewayBlueprint } from "../../components/nginx/gateway/blueprint";
import { activationInput, type Blueprint, makeRelease } from "../../components/hosts/release";
import { readHash } from "../../components/nginx/users/crypt-hashes";
import { htpasswd } from "../../components/nginx/users/users";
import { UserRole } from "../../components/nginx/users/role";
import { certificates, gatewaySite, OWNER, REGISTRY } from "../../rig/gateway/fixture";
import { GatewayOnHost } from "../../rig/gateway/on-host";
import { startVariant, VARIANTS } from "../../rig/gateway/variants";
import { needHost, type Outcome } from "../../rig/hosts/nginx-host";
import { underMocks } from "../../rig/pulumi/mocks";
import { HOST_KEY, newPrivateKey } from "../support/ssh-made";

const PASSWORD = "open sesame: é";

/** A line of an htpasswd file, as Apache's own program makes it. */
const line = (name: string, ...flags: string[]): string =>
  execaSync("htpasswd", ["-in", ...flags, name], { input: PASSWORD }).stdout.trim();

const BROUGHT = {
  apr1: line("apr1", "-m"),
  sha256: line("sha256", "-2"),
  sha512: line("sha512", "-5", "-r", "20000"),
  bcrypt: line("bcrypt", "-B"),
};

const openssl = (kind: string): string =>
  execaSync("openssl", ["passwd", kind, "-stdin"], { input: PASSWORD }).stdout.trim();

/** A user file as somebody has kept it, made by Apache's program and OpenSSL's. */
const KEPT = [
  execaSync("htpasswd", ["-nbB", "nbb", PASSWORD]).stdout.trim(),
  `openssl-apr1:${openssl("-apr1")}`,
  `openssl-6:${openssl("-6")}`,
];

for (const variant of VARIANTS) {
  describe(`passwords of which there are only hashes, on ${variant}`, function () {
    this.timeout(60_000);
    let gateway: GatewayOnHost;
    let round = 0;

    before(async function () {
      needHost(this);
      gateway = await GatewayOnHost.on(await startVariant(variant));
    });
    after(() => gateway?.stop());

    const people = (lines: Record<string, string>) =>
      Object.entries(lines).map(([name, text]) => {
        const hash = readHash(text)?.hash;
        assert.ok(hash, `${text} is a hash that can be used`);
        return { name, role: UserRole.Push, password: "", hash };
      });
    /** A release with such users, beside one whose password the stack has made. */
    const site = async (lines: Record<string, string>) => {
      const users = [...people(lines), { name: "robot", role: UserRole.Push, password: "made", made: true }];
      const { registryPort, uiPort } = gateway.upstreams;
      const ports = { httpsPort: gateway.host.httpsPort, registryNodePort: registryPort, uiNodePort: uiPort };
      const userFile = await htpasswd(users, `round ${++round}`, 4);
      return gatewaySite({ ...ports, guessesPerMinute: 6000, people: users, userFile });
    };
    const put = async (blueprint: Blueprint): Promise<Outcome> =>
      gateway.host.activate("update", activationInput(makeRelease(blueprint), OWNER));

    it("of every kind that an htpasswd file has are let in, and wrong ones are not", async () => {
      const done = await put(gatewayBlueprint(await site(BROUGHT)));
      assert.equal(done.code, 0, done.stderr);
      for (const name of Object.keys(BROUGHT)) {
        assert.equal(await gateway.code(`${name}:${PASSWORD}`), 200, name);
        assert.equal(await gateway.code(`${name}:${PASSWORD}x`), 401, name);
        assert.equal(await gateway.code(`${name}:`), 401, name);
      }
      assert.equal(await gateway.code("robot:made"), 200);
      assert.equal(await gateway.code("robot:"), 401);
      assert.equal(await gateway.code(".nobody:"), 401);
      // Everybody knows this one; it proves the host, and opens nothing.
      for (const name of ["SHA-512-crypt", "SHA-256-crypt"]) {
        assert.equal(await gateway.code(`${name}:Hello world!`), 401);
      }
    });

    it("as the lines of a user file, given to a gateway as its settings, let their users in", async () => {
      const { registryPort, uiPort } = gateway.upstreams;
      const { server, client, ca } = certificates();
      const users = KEPT.map((passwordHash) => ({
        name: passwordHash.slice(0, passwordHash.indexOf(":")),
        role: UserRole.Push,
        passwordHash,
      }));
      const run = await underMocks(
        () =>
          new NginxGateway("main-gateway", {
            gateways: [{ address: "192.0.2.4", hostKey: HOST_KEY, privateKey: newPrivateKey() }],
            registryHost: REGISTRY,
            nodeAddresses: ["127.0.0.1"],
            nodePorts: { registry: registryPort, ui: uiPort },
            httpsPort: gateway.host.httpsPort,
            certificate: { chainPem: server.cert, keyPem: server.key },
            upstreamTls: { caPem: ca.cert, clientCertificatePem: client.cert, clientKeyPem: client.key },
            users,
          }),
      );
      const done = await gateway.host.activate("update", String(run.one("Command").inputs["stdin"]));
      assert.equal(done.code, 0, done.stderr);
      for (const { name } of users) {
        assert.equal(await gateway.code(`${name}:${PASSWORD}`), 200, name);
        assert.equal(await gateway.code(`${name}:${PASSWORD}x`), 401, name);
      }
    });

    it("of a kind that crypt(3) does not know are refused with the kind, and the former release is back", async () => {
      assert.equal((await put(gatewayBlueprint(await site({ apr1: BROUGHT.apr1 })))).code, 0);
      const blueprint = gatewayBlueprint(await site({ apr1: BROUGHT.apr1, sha512: BROUGHT.sha512 }));
      // "$9$" is a kind that no crypt(3) knows, as "$6$" is on a host whose crypt(3) is older or smaller.
      const unknown = (text: string): string => text.replace(/\$6\$/g, "$9$");
      const files: Blueprint["files"] = (place) =>
        blueprint
          .files(place)
          .map((file) => ({ ...file, content: file.path === "known-hashes" ? unknown(file.content) : file.content }));
      const refused = await put({ ...blueprint, files });
      assert.equal(refused.code, 1);
      assert.match(
        refused.stderr,
        /nginx reloaded, but crypt\(3\) of this host does not know SHA-512-crypt, .*users\[\]\.passwordHash.*so the former one is back/s,
      );
      assert.ok(!refused.stderr.includes(BROUGHT.sha512.slice(-20)));
      assert.equal(await gateway.code(`apr1:${PASSWORD}`), 200);
      assert.equal(await gateway.code(`sha512:${PASSWORD}`), 401);
    });

    it("are proven again by drift", async () => {
      const input = activationInput(makeRelease(gatewayBlueprint(await site(BROUGHT))), OWNER);
      assert.equal((await gateway.host.activate("update", input)).code, 0);
      const same = await gateway.host.activate("check", input);
      assert.equal(same.code, 0, same.stdout + same.stderr);
      const release = "$(readlink -f /etc/nginx/private-registry/main-gateway/last-good)";
      const spoiled = await gateway.host.run(`sed -i 's/\\$6\\$/$9$/' ${release}/known-hashes`);
      assert.equal(spoiled.code, 0, spoiled.stderr);
      const differs = await gateway.host.activate("check", input);
      assert.equal(differs.code, 3);
      assert.match(differs.stdout, /^nginx: crypt\(3\) of this host does not know SHA-512-crypt/m);
    });
  });
}
