import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { NginxGateway, PrivateRegistry, type PrivateRegistryArgs, type UserArgs, UserRole } from "../../components";
import { certificates, fileOf, REGISTRY } from "../../rig/gateway/fixture";
import { type Run, underMocks, valueOf } from "../../rig/pulumi/mocks";
import { answer, smallest } from "../support/contract";
import { HOST_KEY, newPrivateKey } from "../support/ssh-made";
import { warned } from "../support/warned";

const APR1 = `$apr1$saltsalt$${"b".repeat(22)}`;
const SHA512 = `$6$saltsalt$${"c".repeat(86)}`;
const BCRYPT = `$2y$12$${"d".repeat(53)}`;
const ci = { name: "ci", role: UserRole.Push, password: "hunter2" };
const alice = { name: "alice", role: UserRole.Pull, passwordHash: pulumi.secret(`alice:${SHA512}`) };

const registry = (users: UserArgs[], more: Partial<PrivateRegistryArgs> = {}): Promise<Run<PrivateRegistry>> =>
  underMocks(() => new PrivateRegistry("main", { ...smallest, users, ...more }), { answer });

const sentTo = (run: Run<unknown>): unknown => run.one("Command", "main-gateway-192-0-2-1").inputs["stdin"];

describe("a user with a password's hash", () => {
  it("is in the user file with it, and gets no password and no docker config", async () => {
    const run = await registry([ci, alice]);
    assert.match(fileOf(sentTo(run), "users"), new RegExp(`^alice:${SHA512.replace(/\$/g, "\\$")}$`, "m"));
    assert.deepEqual(Object.keys(await valueOf(run.result.dockerConfigs)), ["ci"]);
    assert.ok(run.all("PrivateKey").every(({ name }) => name !== "main-password-key"));
    const { secrets } = run.one("Command", "main-gateway-192-0-2-1");
    assert.ok(secrets.includes("stdin"));
  });

  it("of SHA-crypt has the host proven for its kind, and of no other kind", async () => {
    const run = await registry([ci, alice, { ...alice, name: "bob", passwordHash: APR1 }]);
    const proof = fileOf(sentTo(run), "hash-proof").trim().split("\n");
    assert.equal(proof.length, 1);
    const [address = "", port, path, credential = "", kind] = (proof[0] ?? "").split(" ");
    assert.match(address, /^127\./);
    assert.deepEqual([port, kind], ["443", "SHA-512-crypt"]);
    assert.match(path ?? "", /^(\/[0-9a-f]{32}){3}\/known-hash$/);
    const [user] = Buffer.from(credential, "base64").toString().split(":");
    assert.match(fileOf(sentTo(run), "known-hashes"), new RegExp(`^${user}:\\$6\\$saltstring\\$[^\\n]+\\n$`));
    assert.match(fileOf(sentTo(run), "site.conf"), /auth_basic_user_file \S+\/known-hashes;/);
    for (const users of [[ci], [ci, { ...alice, passwordHash: APR1 }], [{ ...alice, passwordHash: BCRYPT }]]) {
      const stdin = sentTo(await registry(users));
      assert.equal(fileOf(stdin, "hash-proof") + fileOf(stdin, "known-hashes"), "");
      assert.doesNotMatch(fileOf(stdin, "site.conf"), /known-hash/);
    }
  });

  it("shows in a preview that it has changed, and never what it is", async () => {
    const shown = async (passwordHash: string) =>
      String((await registry([{ ...alice, passwordHash }])).one("ReleaseFiles", "main-gateway-files").inputs["users"]);
    const [one, other] = [await shown(APR1), await shown(APR1.replace("bb", "cc"))];
    assert.match(one, /^alice \(pull\): hash of its own \[secret\], mark [0-9a-f]{12}$/m);
    assert.notEqual(one, other);
    assert.ok(!one.includes("b".repeat(8)));
  });

  it("is told of in a warning, by name and kind, if it is a weak one; never by the hash", async () => {
    const { said } = await warned(async () => {
      await registry([ci, alice, { ...alice, name: "bob", passwordHash: APR1 }]);
      await registry([ci, { ...alice, passwordHash: BCRYPT }]);
    });
    const weak = said.filter((text) => text.startsWith("weak hashes"));
    assert.equal(weak.length, 1);
    assert.match(weak[0] ?? "", /: alice \(SHA-512-crypt of 5000 rounds\), bob \(apr1\)\. They work, but/);
    assert.match(weak[0] ?? "", /; strong is bcrypt of cost 10, or SHA-crypt of 100000 rounds, and more$/);
    assert.ok(!weak[0]?.includes("cccc") && !weak[0]?.includes("bbbb"));
  });

  it("has no pull secret, since nobody knows the password", async () => {
    await assert.rejects(
      registry([ci, alice], { cluster: { pullSecrets: [{ namespace: "apps", user: "alice" }] } }),
      /cluster\.pullSecrets\[0\]\.user must be one of ci, got "alice"/,
    );
    await assert.rejects(
      registry([ci, alice], { cluster: { pullSecrets: [{ namespace: "apps", user: pulumi.output("alice") }] } }),
      /cluster\.pullSecrets\[0\]\.user must be one of ci, got "alice"/,
    );
  });

  it("has neither a password nor a generation beside it, and its own line, known at once or later", async () => {
    const both = /users\[0\]\.passwordHash must be left out beside a password, got both; leave one of the two out/;
    await assert.rejects(registry([{ ...alice, password: "x" }]), both);
    await assert.rejects(registry([{ ...alice, generation: "2" }]), /generation must be left out beside a password's/);
    const other = /users\[0\]\.passwordHash must be a hash, or the line that begins with "alice:", got the line of an/;
    const line = `bob:${APR1}`;
    for (const passwordHash of [line, pulumi.secret(line)]) {
      await assert.rejects(registry([{ ...alice, passwordHash }]), other);
    }
    for (const passwordHash of ["$1$md5$x", pulumi.secret("$1$md5$x")]) {
      const wrong = registry([{ ...alice, passwordHash }]);
      await assert.rejects(wrong, ({ message }: Error) => {
        assert.match(
          message,
          /users\[0\]\.passwordHash must be a hash of bcrypt .*; make one by: htpasswd -nBC 10 NAME/,
        );
        return !message.includes("$md5");
      });
    }
  });

  it("is enough for a gateway that is used by itself", async () => {
    const { server } = certificates();
    const run = await underMocks(
      () =>
        new NginxGateway("edge", {
          gateways: [{ address: "192.0.2.4", hostKey: HOST_KEY }],
          ssh: { privateKey: newPrivateKey() },
          registryHost: REGISTRY,
          nodeAddresses: ["192.0.2.10"],
          certificate: { chainPem: server.cert, keyPem: server.key },
          users: [alice],
        }),
    );
    const users = fileOf(run.one("Command").inputs["stdin"], "users").split("\n");
    assert.deepEqual(
      users.map((each) => each.slice(0, each.indexOf("$") + 3)),
      ["alice:$6$", ".nobody:$6$", ".probe:$2y", ""],
    );
  });
});
