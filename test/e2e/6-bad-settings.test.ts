import assert from "node:assert/strict";
import { ask, servedFingerprint } from "../../rig/stack/https";
import { credentials } from "../../rig/stack/images";
import { gatewayFiles, kubectl, labVariable } from "../../rig/stack/lab";
import { preview, settle, up, withConfig, type Operation } from "../../rig/stack/stack";

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
  settings: Record<string, string>;
  says: RegExp[];
  /** True if the program itself refuses it, so that a preview shows it too. */
  inPreview: boolean;
}

const MISTAKES: Mistake[] = [
  {
    what: "a wrong SSH host key",
    settings: {
      "gateways[0].hostKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINmvQsmFvbHkOhRzOv3KcKWGzgF+BpWgtN/OoQZyTpjL",
      readTimeoutSeconds: "902",
    },
    says: [/host key|hostKey|mismatch/i],
    inPreview: false,
  },
  {
    what: "an unreachable gateway",
    settings: { "gateways[0].address": "10.231.0.99", readTimeoutSeconds: "902" },
    says: [/10\.231\.0\.99/, /dial|connect|timeout|unreachable|no route/i],
    inPreview: false,
  },
  {
    what: "an unreachable CA",
    settings: { acmeDirectory: "https://10.231.0.3:1/dir" },
    says: [/10\.231\.0\.3:1/],
    inPreview: false,
  },
  {
    what: "an unknown config key",
    settings: { registryHots: "registry.example.com" },
    says: [/registryHots/, /registryHost/],
    inPreview: true,
  },
  {
    what: "a port out of range",
    settings: { registryNodePort: "5000" },
    says: [/registryNodePort/, /30000-32767/, /5000/],
    inPreview: true,
  },
  {
    what: "three mistakes at once",
    settings: { registryNodePort: "1", registryHost: "https://registry", uiKind: "pretty" },
    says: [/registryNodePort/, /registryHost/, /uiKind/],
    inPreview: true,
  },
];

function explains(operation: Operation, mistake: Mistake): void {
  assert.notEqual(operation.exitCode, 0);
  for (const pattern of mistake.says) assert.match(operation.all, pattern);
  assert.ok(!operation.all.includes(credentials("push").password));
  assert.doesNotMatch(operation.all, /PRIVATE KEY/);
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
      await withConfig(mistake.settings, async () => {
        if (mistake.inPreview) explains(await preview(), mistake);
        explains(await up(), mistake);
      });
      assert.deepEqual(await world(), before);
    });
  }
});
