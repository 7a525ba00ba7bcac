import assert from "node:assert/strict";
import { ask, servedFingerprint } from "../../rig/stack/https";
import { credentials } from "../../rig/stack/images";
import { gatewayFiles, kubectl, labVariable } from "../../rig/stack/lab";
import { preview, settle, type Settings, up, withConfig, type Operation } from "../../rig/stack/stack";

/** What must be the same after a run that was refused. */
async function world(): Promise<string[]> {
  const objects = ["deployment/kube-registry-v0", "secret/registry-tls-secret", "service/kube-registry"];
  const spec = ["-o", "jsonpath={.metadata.uid} {.metadata.generation} {.data} {.spec}"];
  const cluster = objects.map((object) => kubectl("-n", "kube-system", "get", object, ...spec));
  const host = labVariable("LAB_REGISTRY_HOST");
  return Promise.all([...cluster, gatewayFiles(), servedFingerprint(host)]);
}

interface Mistake {
  what: string;
  settings: Settings;
  says?: RegExp[];
  /** Whole lines that it says, as they are printed. */
  lines?: string[];
  /** True if secrets are not encrypted. Default false. */
  open?: boolean;
  /** True if the program itself refuses it, so that a preview shows it too. */
  inPreview: boolean;
}

const PORT_ADVICE = "leave it out to use 30299";
/** The first line of what the program says. */
const notRight = (settings: string): string => `Pulumi.lab.yaml: ${settings} not right`;

const MISTAKES: Mistake[] = [
  {
    what: "a wrong SSH host key",
    settings: {
      "gateways[0].hostKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINmvQsmFvbHkOhRzOv3KcKWGzgF+BpWgtN/OoQZyTpjL",
      "nginx.readTimeoutSeconds": 902,
    },
    says: [/host key|hostKey|mismatch/i],
    inPreview: false,
  },
  {
    what: "an unreachable gateway",
    settings: { "gateways[0].address": "10.231.0.99", "nginx.readTimeoutSeconds": 902 },
    says: [/10\.231\.0\.99/, /dial|connect|timeout|unreachable|no route/i],
    inPreview: false,
  },
  {
    what: "an unreachable CA",
    settings: { "certificate.directory": "https://10.231.0.3:1/dir" },
    says: [/10\.231\.0\.3:1/],
    inPreview: false,
  },
  {
    what: "an unknown config key",
    settings: { registryHots: "registry.example.com" },
    lines: [
      notRight("1 setting is"),
      "  - registryHots must be a setting that exists, got an unknown one; " +
        "did you mean registryHost? Rename it, or remove it: pulumi config rm registryHots",
    ],
    inPreview: true,
  },
  {
    what: "an unknown key in a table",
    settings: { "registry.replica": 2 },
    lines: [
      notRight("1 setting is"),
      "  - registry.replica must be a setting that exists, got an unknown one; " +
        "did you mean registry.replicas? Rename it, or remove it: pulumi config rm --path 'registry.replica'",
    ],
    inPreview: true,
  },
  {
    what: "a key of 0.1.0",
    settings: { registryNodePort: "30300" },
    says: [/registryNodePort/, /cluster\.nodePorts\.registry/],
    lines: [notRight("1 setting is")],
    inPreview: true,
  },
  {
    what: "a port out of range",
    settings: { "cluster.nodePorts.registry": 70000 },
    lines: [notRight("1 setting is"), `  - cluster.nodePorts.registry must be 1-65535, got 70000; ${PORT_ADVICE}`],
    inPreview: true,
  },
  {
    what: "three mistakes at once",
    settings: { "cluster.nodePorts.registry": 0, registryHost: "https://registry", "ui.kind": "pretty" },
    says: [/^ *- registryHost must be [^\n]*, got "https:\/\/registry"; /m],
    lines: [
      notRight("3 settings are"),
      `  - cluster.nodePorts.registry must be 1-65535, got 0; ${PORT_ADVICE}`,
      '  - ui.kind must be joxit or konradkleine, got "pretty"; leave it out to use joxit',
    ],
    inPreview: true,
  },
  {
    what: "a password in the open beside an encrypted one",
    settings: { "users[2].name": "newcomer", "users[2].role": "pull", "users[2].password": "correct horse battery" },
    open: true,
    lines: [
      notRight("1 setting is"),
      "  - users[2].password must be encrypted, got a secret in the open; set it with " +
        "pulumi config set --secret --path 'users[2].password', and take it for known to others",
    ],
    inPreview: true,
  },
];

function explains(operation: Operation, mistake: Mistake): void {
  assert.notEqual(operation.exitCode, 0);
  for (const pattern of mistake.says ?? []) assert.match(operation.all, pattern);
  // The CLI indents what it prints of a program.
  const printed = operation.all.split("\n").map((line) => line.trim());
  for (const line of mistake.lines ?? []) {
    assert.ok(
      printed.some((each) => each.endsWith(line.trim())),
      `${line}\nis not in\n${operation.all}`,
    );
  }
  assert.ok(!operation.all.includes(credentials("push").password));
  assert.doesNotMatch(operation.all, /PRIVATE KEY|correct horse battery/);
}

describe("6. what can't work says so, and changes nothing", () => {
  before(settle);
  after("and the next up works", async () => {
    await settle();
    const auth = credentials("pull").auth;
    assert.equal((await ask(labVariable("LAB_REGISTRY_HOST"), "/v2/", { auth })).status, 200);
  });

  for (const mistake of MISTAKES) {
    it(mistake.what, async () => {
      const before = await world();
      const flags = mistake.open ? ["--plaintext"] : [];
      await withConfig(
        mistake.settings,
        async () => {
          if (mistake.inPreview) explains(await preview(), mistake);
          explains(await up(), mistake);
        },
        ...flags,
      );
      assert.deepEqual(await world(), before);
    });
  }
});
