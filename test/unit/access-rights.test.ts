import * as assert from "node:assert/strict";
import { NginxGateway, type NginxGatewayArgs, UserRole } from "../../components";
import { readConfig } from "../../config";
import { certificates, REGISTRY } from "../../rig/gateway/fixture";
import { underMocks } from "../../rig/pulumi/mocks";

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHostKeyOfTheTestsHostKeyOfTheTestsHostKeyOfT";
const privateKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nkey of the tests\n-----END OPENSSH PRIVATE KEY-----\n";
const password = "correct horse: battery";

function make(changes: Partial<NginxGatewayArgs>): NginxGateway {
  const { server } = certificates();
  return new NginxGateway("main-gateway", {
    hosts: [{ address: "192.0.2.4", privateKey, hostKey }],
    registryHost: REGISTRY,
    nodeAddresses: ["192.0.2.10"],
    certificate: { chainPem: server.cert, keyPem: server.key },
    users: [{ name: "alice", role: UserRole.Push, password }],
    bcryptCost: 4,
    ...changes,
  });
}

const read = (more: Record<string, string>, encrypted: (key: string) => boolean = () => true) => {
  const raw = {
    registryHost: REGISTRY,
    nodes: '["192.0.2.10"]',
    storageNode: "node-1",
    gateways: JSON.stringify([{ address: "gw1.example.com", hostKey }]),
    sshPrivateKey: privateKey,
    acmeTermsAgreed: "true",
    ...more,
  };
  return readConfig(raw, "Pulumi.test.yaml", encrypted);
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
    const limited = await text({ users: [{ name: "dev", password, repositories }], anonymousPull: ["open/*"] });
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
        anonymousPull: ["**/**"],
      });
    await assert.rejects(underMocks(wrong), (error: Error) => {
      for (const part of [
        "users[0].role must be pull or push, got nothing",
        "users[1].repositories[0].pattern must be parts of a-z0-9._- with slashes between them",
        "users[1].repositories[0].role must be pull or push",
        "anonymousPull[0]",
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
    const { registry } = read({ users: JSON.stringify(users), anonymousPull: '["open/*"]' });
    assert.deepEqual(registry.anonymousPull, ["open/*"]);
    assert.deepEqual(
      registry.users.map(({ role, repositories: rights }) => ({ role, rights })),
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
      "users[1].repositories[0].pattern",
      "users[1].repositories[0].more",
      "users[2].repositories must be a list",
      "anonymousPull",
    ];
    assert.throws(
      () => read({ users: JSON.stringify(wrong), anonymousPull: '["A"]' }),
      ({ message }: Error) => parts.every((part) => message.includes(part)),
    );
  });
});

describe("passwords of the stack's own", () => {
  it("need no encrypted config, and are another for another generation", () => {
    const { registry } = read(
      { users: '[{"name":"ci","role":"push","passwordGeneration":2}]' },
      (each) => each !== "users",
    );
    assert.deepEqual(registry.users, [{ name: "ci", role: "push", passwordGeneration: "2" }]);
    assert.throws(
      () =>
        read(
          { users: '[{"name":"ci","role":"push"},{"name":"b","role":"pull","password":"hunter2"}]' },
          (each) => each !== "users",
        ),
      ({ message }: Error) =>
        message.includes("users must be encrypted, got a secret in the open") && !message.includes("hunter2"),
    );
    assert.throws(() => read({ users: '[{"name":"ci","role":"push","passwordGeneration":[]}]' }), /passwordGeneration/);
  });

  it("are not made by a gateway alone", async () => {
    const wrong = () => make({ users: [{ name: "ci", role: UserRole.Push }] });
    await assert.rejects(underMocks(wrong), /users\[0\]\.password must be a password, got nothing; give one/);
  });
});
