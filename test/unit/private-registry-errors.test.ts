import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { PrivateRegistry, type PrivateRegistryArgs, UserRole } from "../../components";
import { answer, smallest } from "../support/contract";
import { underMocks } from "../../rig/pulumi/mocks";

const [gateway] = smallest.gateways;
const late = pulumi.output;
const made = (args: object) =>
  underMocks(() => new PrivateRegistry("main", { ...smallest, access: { bcryptCost: 4 }, ...args }), { answer });

describe("wrong arguments of PrivateRegistry", () => {
  it("are named all at once, before any resource is registered", async () => {
    const wrong = {
      ...smallest,
      registryHost: "a b",
      gateways: undefined,
      ui: { host: "ui.example.com", path: "ui" },
      backend: { generation: "x" },
      registry: { replicas: 2 },
      cluster: { nodePorts: { registry: 0 } },
      uiHost: "ui.example.com",
    } as unknown as PrivateRegistryArgs;
    const run = await underMocks(() => {
      try {
        return new PrivateRegistry("main", wrong);
      } catch (error) {
        return error;
      }
    });
    assert.deepEqual(run.resources, []);
    assert.ok(run.result instanceof pulumi.RunError, "a program is shown no stack trace");
    const [first, ...problems] = run.result.message.split("\n");
    assert.equal(first, 'PrivateRegistry "main": 8 settings are not right');
    const expected = [
      /^ {2}- backend\.generation must be a whole number from 0 to 1000, as a text such as "1", got "x"; /,
      /^ {2}- cluster\.nodePorts\.registry must be 1-65535, got 0; leave it out to use 30299$/,
      /^ {2}- gateways must be set, got nothing; /,
      /^ {2}- registry\.replicas must be 1 with this storage, got 2; /,
      /^ {2}- registryHost must be a host name such as .*, got "a b"; /,
      /^ {2}- ssh\.privateKey must be set, got nothing; /,
      /^ {2}- ui\.path must be a path such as \/ui\/, .*, got "ui"; /,
      /^ {2}- uiHost must be a setting that exists, got an unknown one; it is ui\.host now$/,
    ];
    problems.sort().forEach((problem, index) => assert.match(problem, expected[index] ?? /^$/));
  });

  const cases: Record<string, [object, string]> = {
    registryHost: [{ registryHost: late("a b") }, "a host name"],
    "gateways[0].port": [{ gateways: [{ ...gateway, port: late(0) }] }, "1-65535"],
    "users[0].generation": [{ users: [{ name: "ci", role: UserRole.Push, generation: late("") }] }, "a text of 1-64"],
    "access.realm": [{ access: { bcryptCost: 4, realm: late('"') } }, "1-80 printable"],
    "certificate.accountKeyPem": [
      { certificate: { termsAgreed: true, accountKeyPem: late("hunter2") } },
      "an unencrypted",
    ],
    "certificate.trustedRootsPem": [
      { certificate: { termsAgreed: true, trustedRootsPem: late("hunter2") } },
      "one or more",
    ],
    "certificate.timeoutSeconds": [{ certificate: { termsAgreed: true, timeoutSeconds: late(0) } }, "10-3600"],
    "nginx.readTimeoutSeconds": [{ nginx: { readTimeoutSeconds: late(0) } }, "1-86400"],
    "registry.port": [{ registry: { port: late(0) } }, "1-65535"],
    "registry.environment": [{ registry: { environment: late({ "A B": "" }) } }, "names of letters"],
    "ui.path": [{ ui: { host: "ui.example.com", path: late("ui") } }, "a path"],
    "storage.hostPath.path": [
      { storage: { hostPath: { nodeName: "node-1", path: late("data") } } },
      "an absolute path",
    ],
    "scheduling.labels.team": [{ scheduling: { labels: { team: late("a b") } } }, "63 letters"],
    "cluster.namespace": [{ cluster: { namespace: late("A") } }, "lower-case"],
    "cluster.allowedCidrs[0]": [{ cluster: { allowedCidrs: [late("10.0.0.0")] } }, "a range"],
    "cluster.nodePorts.ui": [{ ui: { host: "ui.example.com" }, cluster: { nodePorts: { ui: late(0) } } }, "1-65535"],
    "cluster.names.tlsSecret": [{ cluster: { names: { tlsSecret: late("A") } } }, "lower-case"],
    "cluster.names.service": [{ cluster: { names: { service: late("A") } } }, "lower-case"],
    "cluster.pullSecrets[0].user": [
      { cluster: { pullSecrets: [{ namespace: "apps", user: late("a") }] } },
      "one of ci, ",
    ],
    "cluster.pullSecrets[0].secretName": [
      { cluster: { pullSecrets: [{ namespace: "apps", user: "ci", secretName: late("A") }] } },
      "lower-case",
    ],
  };
  for (const [path, [args, expected]] of Object.entries(cases)) {
    it(`are told in its words where they show late: ${path}`, async () => {
      await assert.rejects(made(args), ({ message }: Error) => {
        const text = `PrivateRegistry "main": 1 setting is not right\n  - ${path} must be ${expected}`;
        assert.ok(message.includes(text), message);
        assert.doesNotMatch(message, /hunter2/);
        return true;
      });
    });
  }

  it("are no error where null stands for a table or list that is left out", async () => {
    const nothing = { cluster: null, backend: null, users: [{ ...smallest.users[0], repositories: null }] };
    for (const args of [nothing, { cluster: { nodePorts: null, names: null, pullSecrets: null } }]) {
      assert.ok((await made(args)).resources.length > 20);
    }
  });

  it("take a key that is known only later as it is", async () => {
    const key = pulumi.all([gateway?.privateKey]).apply(([pem]) => pem ?? "");
    const run = await made({ certificate: { termsAgreed: true, accountKeyPem: key } });
    const { inputs, secrets } = run.one("AcmeChain");
    assert.ok(createPrivateKey(String(inputs["accountKeyPem"])));
    assert.ok(secrets.includes("accountKeyPem"));
  });
});
