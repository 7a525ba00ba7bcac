import * as assert from "node:assert/strict";
import { NginxGateway, type NginxGatewayArgs, UserRole } from "../../components";
import { readConfig } from "../../config";
import { inTheOpen } from "../../config/in-the-open";
import { secretsIn } from "../../config/read";
import { STACK } from "../../config/stack";
import { certificates, REGISTRY } from "../../rig/gateway/fixture";
import { underMocks } from "../../rig/pulumi/mocks";
import { HOST_KEY, newPrivateKey } from "../support/ssh-made";

const privateKey = newPrivateKey();
const password = "correct horse: battery";

function make(changes: Partial<NginxGatewayArgs>): NginxGateway {
  const { server } = certificates();
  return new NginxGateway("main-gateway", {
    gateways: [{ address: "192.0.2.4", hostKey: HOST_KEY }],
    ssh: { privateKey },
    registryHost: REGISTRY,
    nodeAddresses: ["192.0.2.10"],
    certificate: { chainPem: server.cert, keyPem: server.key },
    users: [{ name: "alice", role: UserRole.Push, password }],
    ...changes,
    access: { bcryptCost: 4, ...changes.access },
  });
}

/** What a stack's file comes to, in which the keys that `encrypted` names were encrypted. */
const read = (more: Record<string, unknown>, encrypted = (_key: string): boolean => true) => {
  const given = {
    registryHost: REGISTRY,
    nodeAddresses: ["192.0.2.10"],
    gateways: [{ address: "gw1.example.com", hostKey: HOST_KEY }],
    ssh: { privateKey },
    certificate: { termsAgreed: true },
    storage: { hostPath: { nodeName: "node-1" } },
    ...more,
  };
  const raw = Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
  return readConfig(raw, "Pulumi.test.yaml", (values) =>
    inTheOpen(secretsIn(STACK, values), "private-registry", { encrypted }),
  ).registry;
};

describe("rights for repositories", () => {
  it("are in the gateway's text, and refused if they say nothing", async () => {
    const repositories = [
      { pattern: "team/**", role: UserRole.Push },
      { pattern: "base/*", role: UserRole.Pull },
    ];
    const text = async (changes: Partial<NginxGatewayArgs>) => {
      const { stdin } = (await underMocks(() => make(changes))).one("Command").inputs;
      const [, encoded = ""] = /^put \d+ \w+ 'site.conf' <<.*\n([^.]*)\n\.$/m.exec(String(stdin)) ?? [];
      return Buffer.from(encoded, "base64").toString();
    };
    const limited = await text({
      users: [{ name: "dev", password, repositories }],
      access: { anonymousPull: ["open/*"] },
    });
    assert.match(limited, /"~\^dev \(\?:pull\|push\) team\/\S+\\z" yes;/);
    assert.match(limited, /"~\^dev pull base\/\S+\\z" yes;/);
    assert.match(limited, /location = \/\.private-registry\/token \{/);
    assert.doesNotMatch(await text({}), /private-registry\/token|_right|_dropped/);
    const wrong = () =>
      make({
        users: [
          { name: "a", password },
          { name: "b", password, repositories: [{ pattern: "A", role: "admin" as UserRole }] },
        ],
        access: { anonymousPull: ["**/**"] },
      });
    await assert.rejects(underMocks(wrong), (error: Error) => {
      for (const part of [
        "users[0].role must be pull or push, got nothing",
        "users[1].repositories[0].pattern must be parts of a-z0-9._- with slashes between them",
        "users[1].repositories[0].role must be pull or push",
        "access.anonymousPull[0] must be parts of a-z0-9._- with slashes between them",
      ]) {
        assert.ok(error.message.includes(part), `${part} is missing in\n${error.message}`);
      }
      return true;
    });
  });

  it("are config in the place of a role, or besides it", () => {
    const repositories = [{ pattern: "team/**", role: "push" }];
    const users = [
      { name: "dev", password: "x", repositories },
      { name: "ci", role: "pull", password: "x", repositories },
    ];
    const config = read({ users, access: { anonymousPull: ["open/*"] } });
    assert.deepEqual(config.access, { anonymousPull: ["open/*"] });
    assert.deepEqual(
      config.users.map(({ role, repositories: rights }) => ({ role, rights })),
      [
        { role: undefined, rights: repositories },
        { role: "pull", rights: repositories },
      ],
    );
    const wrong = [
      { name: "a", password: "x" },
      { name: "b", password: "x", repositories: [{ pattern: "A b", role: "push", more: 1 }] },
      { name: "c", password: "x", repositories: "team" },
    ];
    const parts = [
      "users[0].role must be pull or push, got nothing",
      "users[1].repositories[0].pattern must be parts of a-z0-9._- with slashes between them",
      "users[1].repositories[0].more must be a setting that exists",
      "users[2].repositories must be a list",
      "access.anonymousPull[0] must be parts of a-z0-9._- with slashes between them",
    ];
    assert.throws(
      () => read({ users: wrong, access: { anonymousPull: ["A"] } }),
      ({ message }: Error) => {
        for (const part of parts) assert.ok(message.includes(part), `${part} is missing in\n${message}`);
        return true;
      },
    );
  });
});

describe("passwords of the stack's own", () => {
  const ci = { name: "ci", role: "push" };
  const usersInTheOpen = (each: string): boolean => each !== "users";

  it("need no encrypted config, and are different for each generation", () => {
    for (const generation of ["2", 2]) {
      const { users } = read({ users: [{ ...ci, generation }] }, usersInTheOpen);
      assert.deepEqual(users, [{ ...ci, generation: "2" }]);
    }
    assert.throws(
      () => read({ users: [ci, { name: "b", role: "pull", password: "hunter2" }] }, usersInTheOpen),
      ({ message }: Error) =>
        message.includes("users[1].password must be encrypted, got a secret in the open") &&
        !message.includes("hunter2"),
    );
    assert.throws(() => read({ users: [{ ...ci, generation: [] }] }), /users\[0\]\.generation must be a text/);
    assert.throws(
      () => read({ users: [{ ...ci, passwordGeneration: "2" }] }),
      /users\[0\]\.passwordGeneration must be a setting that exists/,
    );
  });

  it("are not made by a gateway on its own", async () => {
    const wrong = () => make({ users: [{ name: "ci", role: UserRole.Push }] });
    await assert.rejects(underMocks(wrong), /users\[0\]\.password must be set, got nothing; give one/);
  });
});
