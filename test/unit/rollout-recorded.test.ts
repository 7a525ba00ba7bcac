import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Snapshot } from "../../components/cluster/objects";
import { reasonLine } from "../../components/cluster/message";
import { reasonsOf } from "../../components/cluster/reasons/reasons";
import { countsOf, hasServed, isDone, podsByVersion } from "../../components/cluster/versions";

/** What a cluster of Kubernetes 1.35 said of the lab's registry, without what nobody reads. */
function recorded(name: string): Snapshot {
  return JSON.parse(readFileSync(join(__dirname, `../golden/rollout/${name}.json`), "utf8")) as Snapshot;
}

const REASONS = {
  unschedulable: /^Unschedulable \(pod [\w-]+\): 0\/1 nodes are available: 1 Insufficient cpu\./,
  image: /^ImagePullBackOff \(pod [\w-]+, container registry\): Back-off pulling .*: failed to pull and unpack image/,
  crash: /^CrashLoopBackOff \(pod [\w-]+, container registry\): it ended with exit code 1 \(Error\), \d times so far$/,
  "missing-secret": /^CreateContainerConfigError \(.* registry\): secret "there-is-no-such-secret" not found$/,
  "image-of-first-container": /^ErrImagePull \(pod [\w-]+, container cleaning\): failed to pull and unpack image/,
};

describe("what the lab's cluster said of a rollout", () => {
  for (const [name, says] of Object.entries(REASONS)) {
    it(`${name} is one reason, which is final within half a minute`, () => {
      const snapshot = recorded(name);
      assert.equal(isDone(snapshot.deployment), false);
      assert.equal(hasServed(snapshot), false);
      const [reason, ...others] = reasonsOf(snapshot);
      assert.ok(reason);
      assert.deepEqual(others, []);
      assert.match(reasonLine(reason), says);
      assert.ok((reason.finalAfterSeconds ?? Infinity) <= 30);
    });
  }

  it("goes on with the former pod beside the new one, and without one where it has to go first", () => {
    const beside = recorded("crash");
    assert.equal(countsOf(beside.deployment).available, 1);
    assert.deepEqual([podsByVersion(beside).current.length, podsByVersion(beside).former.length], [1, 1]);
    const alone = recorded("image-of-first-container");
    assert.equal(countsOf(alone.deployment).available, 0);
    assert.deepEqual([podsByVersion(alone).current.length, podsByVersion(alone).former.length], [1, 0]);
  });

  it("a node that takes no pods, after the version had come up, is no fault of this up", () => {
    const cordoned = recorded("broken-since");
    assert.equal(isDone(cordoned.deployment), false);
    assert.ok(hasServed(cordoned));
    assert.match(reasonsOf(cordoned).map(reasonLine).join(), /^Unschedulable .*node\(s\) were unschedulable/);
  });

  it("done is done", () => {
    const { deployment, ...others } = recorded("done");
    assert.ok(isDone(deployment));
    assert.ok(hasServed({ deployment, ...others }));
    assert.deepEqual(reasonsOf({ deployment, ...others }), []);
  });
});
