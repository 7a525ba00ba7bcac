import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { NginxGateway, UserRole } from "../../components";
import { create, diff, update, type UserFileInputs } from "../../components/nginx/users/user-file-life";
import { htpasswd } from "../../components/nginx/users/users";
import { certificates, fileOf, REGISTRY } from "../../rig/gateway/fixture";
import { underMocks, USER_FILE } from "../../rig/pulumi/mocks";
import { HOST_KEY, newPrivateKey } from "../support/ssh-made";

const inputs: UserFileInputs = {
  realm: REGISTRY,
  cost: 4,
  users: [
    { name: "alice", password: "one" },
    { name: "bob", password: "two" },
  ],
};

describe("the hashes of users", () => {
  it("are one file, the same that the package's plugin makes", async () => {
    const { outs } = await create(inputs);
    assert.equal(outs.file, await htpasswd(inputs.users, REGISTRY, 4));
  });

  it("are made only for changed and new users", async () => {
    const { outs: olds } = await create(inputs);
    const marked = { ...olds, file: olds.file.replace(/^alice:.*$/m, "alice:kept").replace(/^bob:.*$/m, "bob:kept") };
    const users = [
      { name: "alice", password: "one" },
      { name: "bob", password: "three" },
      { name: "carol", password: "x" },
    ];
    const { outs } = await update("users", marked, { ...inputs, users });
    const fresh = (await htpasswd(users, REGISTRY, 4)).split("\n");
    assert.deepEqual(outs.file.split("\n"), ["alice:kept", ...fresh.slice(1)]);
    assert.deepEqual(outs.users, users);
  });

  it("tell whose former password is to end: who is gone, or has a different one", async () => {
    const { outs: olds } = await create(inputs);
    assert.equal(olds.left, undefined);
    const change = async (users: UserFileInputs["users"]) => (await update("users", olds, { ...inputs, users })).outs;
    assert.deepEqual((await change([{ name: "alice", password: "new" }])).left, ["alice", "bob"]);
    const added = await change([...inputs.users, { name: "carol", password: "x" }]);
    assert.deepEqual(added.left, []);
    assert.ok(Math.abs((added.leftAt ?? 0) - Date.now()) < 60_000);
  });

  it("are quick ones for passwords that the stack has made, and each kind has a decoy", async () => {
    const users = [
      { name: "alice", password: "chosen" },
      { name: "robot", password: "made", made: true },
    ];
    const { outs } = await create({ ...inputs, cost: 5, users });
    const form = outs.file.split("\n").map((line) => line.slice(0, line.indexOf("$", line.indexOf("$2y$") + 4)));
    assert.deepEqual(form, ["alice:$2y$05", "robot:$2y$04", ".nobody:$2y$04", ".nobody:$2y$05", ""]);
    const chosen = users.map(({ name, password }) => ({ name, password }));
    const { outs: now } = await update("users", outs, { ...inputs, cost: 5, users: chosen });
    assert.match(now.file, /^robot:\$2y\$05\$/m, "a password that is no longer one of the stack's");
    assert.deepEqual(now.left, [], "though the password is the same");
  });

  it("are all made anew with another cost or another registry", async () => {
    const { outs: olds } = await create(inputs);
    for (const changed of [
      { ...inputs, cost: 5 },
      { ...inputs, realm: "other.example.com" },
    ]) {
      const { outs } = await update("users", olds, changed);
      assert.equal(outs.file, await htpasswd(inputs.users, changed.realm, changed.cost));
    }
  });

  it("change with names, passwords, their order, cost and registry, and with nothing else", async () => {
    const { outs } = await create(inputs);
    assert.equal(diff("users", outs, { ...inputs, ...{ __provider: "other code" } }).changes, false);
    const reversed = [...inputs.users].reverse();
    for (const changed of [
      { ...inputs, cost: 5 },
      { ...inputs, users: reversed },
      { ...inputs, realm: "x" },
    ]) {
      assert.equal(diff("users", outs, changed).changes, true);
    }
  });

  const gateway = (count: number) => () => {
    const { server, client, ca } = certificates();
    const users = Array.from({ length: count }, (_, index) => ({
      name: `user-${index}`,
      role: UserRole.Pull,
      password: pulumi.secret(`password ${index}`),
    }));
    return new NginxGateway("main-gateway", {
      gateways: [{ address: "192.0.2.4", hostKey: HOST_KEY }],
      ssh: { privateKey: newPrivateKey() },
      registryHost: REGISTRY,
      nodeAddresses: ["192.0.2.10"],
      certificate: { chainPem: server.cert, keyPem: server.key },
      upstreamTls: { caPem: ca.cert, clientCertificatePem: client.cert, clientKeyPem: client.key },
      users,
      access: { bcryptCost: 4 },
    });
  };
  it("are remembered by a resource, which keeps them secret and waits for nothing that the gateway waits for", async () => {
    const answer = (type: string) => (type === USER_FILE ? { file: "user-0:from the state\n" } : undefined);
    const run = await underMocks(gateway(2), { answer });
    const made = run.one(USER_FILE);
    assert.equal(made.name, "main-gateway-users");
    assert.equal((made.inputs["users"] as unknown[]).length, 2);
    assert.deepEqual([made.after, made.parent], [[], ""]);
    assert.ok(made.secrets.some((path) => path.startsWith("users")));
    assert.deepEqual(made.options.secretOutputs.filter((each) => !each.startsWith("_")).sort(), ["file", "users"]);
    const sent = String(run.one("Command").inputs["stdin"]);
    assert.match(fileOf(sent, "users"), /^user-0:from the state\n\.probe:/);
  });
});
