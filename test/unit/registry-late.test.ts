import assert from "node:assert/strict";
import { RegistryLogLevel } from "../../components/registry/args";
import type { RegistryPodArgs } from "../../components/registry/pod-args";
import { pod, variables } from "../../rig/registry/pod";

const late = <T>(value: T): Promise<T> => Promise.resolve(value);
const notifications = [{ name: "hook", url: "https://hook.example.com" }];
const host = "ui.example.com";

const WRONG: Record<string, { args: Partial<RegistryPodArgs>; message: RegExp }> = {
  "a log level that tells the secrets of notices": {
    args: { registry: { notifications, log: { level: late(RegistryLogLevel.Info) } } },
    message: /registry\.log\.level must be error or warn beside notifications, got "info"; .*logs the secrets/,
  },
  "a UI's port that only root may take": {
    args: { ui: { host, runAsUser: 101, port: late(80) } },
    message: /ui\.port must be 1024-65535 with runAsUser, got 80/,
  },
  "a UI's port that the registry has": {
    args: { ui: { host, port: 8080 }, registry: { port: late(8080) } },
    message: /ui\.port must be a port other than registry\.port, got 8080/,
  },
};

describe("settings of a pod's containers that go together, known late", () => {
  for (const [what, { args, message }] of Object.entries(WRONG)) {
    it(`refuse ${what}`, async () => {
      await assert.rejects(pod(args), message);
    });
  }

  it("take what fits, and a port of the UI's where there is no UI", async () => {
    const log = { level: late(RegistryLogLevel.Error) };
    const env = await variables("registry", { registry: { notifications, log, port: late(80) } });
    assert.equal(env["REGISTRY_LOG_LEVEL"], '"error"');
    assert.equal(env["REGISTRY_HTTP_ADDR"], '":80"');
  });
});
