import assert from "node:assert/strict";
import { ask } from "../../rig/stack/https";
import { credentials } from "../../rig/stack/images";
import { labVariable } from "../../rig/stack/lab";
import { type Operation, registryPods, settle, type Settings, up, withConfig } from "../../rig/stack/stack";

interface Broken {
  what: string;
  settings: Settings;
  /** What the error has to say, line by line. */
  says: RegExp[];
}

/** A secret that is not there is in test/golden/rollout/: each of these takes most of a minute. */
const BROKEN: Broken[] = [
  {
    what: "a CPU request that fits no node",
    settings: { "registry.resources.requests.cpu": "500", "registry.resources.limits.cpu": "500" },
    says: [/- Unschedulable \(pod kube-registry-v0-[\w-]+\): .*Insufficient cpu/, /fix: .*registry\.resources/],
  },
  {
    what: "an image that does not exist",
    settings: { "registry.image": "registry:there-is-no-such-tag" },
    says: [
      /- (ErrImagePull|ImagePullBackOff) \(pod .*, container registry\): .*there-is-no-such-tag/,
      /registry\.image/,
    ],
  },
  {
    what: "a registry that ends at its start",
    settings: { "registry.environment.REGISTRY_LOG_LEVEL": "as loud as possible" },
    says: [
      /- CrashLoopBackOff \(pod .*, container registry\): it ended with exit code \d/,
      /the last lines of registry in kube-registry-v0-/,
      /as loud as possible/,
    ],
  },
];

/** That an `up` has failed in time with what is the matter, and shows no secret. */
function explains(failed: Operation, says: readonly RegExp[]): void {
  assert.notEqual(failed.exitCode, 0, failed.all);
  for (const pattern of [/the deployment kube-registry-v0 in the namespace kube-system did not come up/, ...says]) {
    assert.match(failed.all, pattern);
  }
  assert.match(failed.all, /Nothing is lost: one pod serves/);
  assert.doesNotMatch(failed.all, /unhandled exception|PRIVATE KEY|error serializing/);
  assert.ok(!failed.all.includes(credentials("push").password));
  assert.ok(failed.seconds < 75, `it took ${failed.seconds.toFixed(1)} s`);
}

async function serves(): Promise<void> {
  const { status } = await ask(labVariable("LAB_REGISTRY_HOST"), "/v2/", { auth: credentials("pull").auth });
  assert.equal(status, 200);
}

describe("6a. pods that do not come up", () => {
  before(settle);
  after(settle);

  for (const { what, settings, says } of BROKEN) {
    it(`${what}: the up fails within a minute with the reason, and the former pod goes on`, async () => {
      await withConfig(settings, async () => {
        const failed = await up();
        console.log(`      ${failed.seconds.toFixed(1)} s`);
        explains(failed, says);
      });
      await serves();
    });
  }

  it("a failed up is not taken for a good one by the next, which changes nothing", async () => {
    const { settings = {}, says = [] } = BROKEN.at(-1) ?? {};
    await withConfig(settings, async () => {
      const again = await up();
      explains(again, says);
      assert.deepEqual([...again.changes.keys()], []);
    });
  });

  it("the next good up heals it, and one without a change is as quick as before", async () => {
    await settle();
    await serves();
    assert.equal((await registryPods()).length, 1);
    const unchanged = await up("--expect-no-changes");
    console.log(`      an up without a change: ${unchanged.seconds.toFixed(1)} s`);
    assert.equal(unchanged.exitCode, 0, unchanged.all);
  });
});
