import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { NginxGateway, UserRole } from "../../components";
import { create, diff, update, type UserFileInputs } from "../../components/nginx/users/user-file-life";
import { htpasswd } from "../../components/nginx/users/users";
import { certificates, REGISTRY } from "../../rig/gateway/fixture";
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
    assert.ok(sent.includes(Buffer.from("user-0:from the state\n").toString("base64")));
  });
});
