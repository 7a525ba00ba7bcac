import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { drift } from "../../cli/drift";
import type { WrittenRelease } from "../../cli/gateways/written";
import { revoke } from "../../cli/revoke";
import { revocationInput } from "../../components/nginx/kind";
import { htpasswd } from "../../components/nginx/users/users";
import { REGISTRY } from "../../rig/gateway/fixture";
import { alice, bob, GatewayOnHost, WHO } from "../../rig/gateway/on-host";
import { startVariant, VARIANTS } from "../../rig/gateway/variants";
import { needHost } from "../../rig/hosts/nginx-host";
import { type Sshd, startSshd } from "../../rig/hosts/sshd";

for (const variant of VARIANTS) {
  describe(`a password that is revoked, on ${variant}`, function () {
    this.timeout(60_000);
    let gateway: GatewayOnHost;
    let sshd: Sshd;

    before(async function () {
      needHost(this);
      gateway = await GatewayOnHost.on(await startVariant(variant));
      sshd = await startSshd(gateway.host);
    });
    after(() => gateway?.stop());

    const revokes = async (...names: string[]): Promise<string> => {
      const done = await gateway.host.activate("revoke", revocationInput("main-gateway", names));
      assert.equal(done.code, 0, done.stderr);
      assert.match(done.stdout, /^private-registry: done revoke main-gateway {2}\d+$/m);
      return done.stdout;
    };

    it("ends at once, remembered or not, in all releases on the disk; others stay", async () => {
      await gateway.put({ realm: "Another" });
      assert.equal(await gateway.code(WHO.pull), 200);
      assert.equal(await gateway.code(WHO.push), 200);
      const said = await revokes(bob.name, "nobody-here");
      assert.match(
        said,
        /: what opened as bob here until now opens nothing any more\n.*: there is no user nobody-here here/,
      );
      assert.equal(await gateway.code(WHO.pull), 401);
      assert.equal(await gateway.code(WHO.push), 200);
      const hash = (await htpasswd([bob], REGISTRY, 4)).split("\n")[0] ?? "";
      const left = await gateway.host.run(`grep -rlF '${hash}' /etc/nginx /run; true`);
      assert.equal(left.stdout, "", "his hash is nowhere on the host");
    });

    it("does not come back with a release that still has it, and drift calls that no difference", async () => {
      await gateway.put({ realm: "A third" });
      assert.equal(await gateway.code(WHO.pull), 401);
      assert.equal(await gateway.code(WHO.push), 200);
      const check = await gateway.host.activate("check", await gateway.input({ realm: "A third" }));
      assert.equal(check.code, 0, check.stdout);
      assert.match(check.stdout, /warning: revoked on this host.*: bob/);
    });

    it("is forgotten once a release without it was live: a new password opens", async () => {
      await gateway.put({ people: [alice, { ...bob, password: "a new one" }] });
      assert.equal(await gateway.code(WHO.pull), 401);
      assert.equal(await gateway.code("bob:a new one"), 200);
      assert.equal((await gateway.host.run("cat /etc/nginx/private-registry/main-gateway/revoked")).code, 1);
      await gateway.put();
      assert.equal(await gateway.code(WHO.pull), 200, "and the former one, if the stack has it again");
    });

    it("of an up that has stopped half-way is the former one: the new one stays where it is", async () => {
      const people = [alice, { ...bob, password: "the new one" }];
      const former = await gateway.input();
      await gateway.put({ people });
      const common = { host: "127.0.0.1", port: sshd.port, user: sshd.user, hostKey: sshd.hostKey, confirmed: true };
      const privateKey = readFileSync(sshd.keyFile, "utf8");
      const first = { ...common, name: "a", urn: "a", privateKey, stdin: await gateway.input({ people }) };
      const second = { ...first, name: "b", urn: "b", port: 1, stdin: former };
      const [done] = await revoke([first, second], ["bob"]);
      assert.deepEqual(done?.said, ["what opened as bob here until now opens nothing any more"]);
      assert.equal(await gateway.code("bob:the new one"), 200);
      assert.equal(await gateway.code(WHO.pull), 401);
      await gateway.put();
    });

    it("is revoked at every host that answers, and the others are said", async () => {
      const there: WrittenRelease = {
        name: "main-gateway-a",
        urn: "urn:a",
        host: "127.0.0.1",
        port: sshd.port,
        user: sshd.user,
        privateKey: readFileSync(sshd.keyFile, "utf8"),
        hostKey: sshd.hostKey,
        stdin: await gateway.input(),
        confirmed: true,
      };
      const down = { ...there, name: "main-gateway-b", urn: "urn:b", port: 1 };
      const responder = { ...there, name: "main-responder-a", urn: "urn:c", stdin: "site='main-responder'\n" };
      const results = await revoke([down, there, responder], ["alice"]);
      assert.deepEqual(
        results.map(({ name, said, failure }) => [name, said, failure === undefined]),
        [
          ["main-gateway-b", [], false],
          ["main-gateway-a", ["what opened as alice here until now opens nothing any more"], true],
        ],
      );
      assert.match(results[0]?.failure ?? "", /127\.0\.0\.1:1: .*ECONNREFUSED/);
      assert.equal(await gateway.code(WHO.push), 401);
      const reports = await drift([down, there]);
      assert.match(reports[0]?.failure ?? "", /ECONNREFUSED/);
      assert.deepEqual(reports[1]?.differences, [], "a host that is down does not keep the others from being compared");
    });
  });
}
