import assert from "node:assert/strict";
import type { Reason } from "../../components/cluster/reasons/reason";
import { reasonsOf } from "../../components/cluster/reasons/reasons";
import { hasServed, isDone } from "../../components/cluster/versions";
import { cameUp, CHANGED, container, deployment, ended, pod, READY, SERVING } from "../support/rollout";
import { snapshot, unscheduled, waiting } from "../support/rollout";
import { of } from "../support/rollout-image-rows";
import { ROOM, ROWS } from "../support/rollout-rows";

describe("the reasons of a rollout", () => {
  for (const { what, is, ...given } of ROWS) {
    it(what, () => {
      const found = reasonsOf(given.snapshot ?? snapshot([pod(given.pod)], given.events));
      assert.equal(found.length, 1, JSON.stringify(found));
      const [{ word, fault, message, finalAfterSeconds: final, log }] = found as [Reason];
      assert.deepEqual({ word, fault, final, log }, { word: is.word, fault: is.fault, final: is.final, log: is.log });
      assert.match(message, is.says);
    });
  }

  it("are the same ones for the next pod, and for every pod with the same fault", () => {
    const first = pod(of(waiting("CrashLoopBackOff", "", { restartCount: 2, lastState: ended(1) })), { name: "one" });
    const second = pod(of(container(ended(1))), { name: "two" });
    assert.equal(reasonsOf(snapshot([first]))[0]?.key, reasonsOf(snapshot([second]))[0]?.key);
    assert.equal(reasonsOf(snapshot([first, second])).length, 1);
  });

  it("are one for each container that is at fault", () => {
    const ui = waiting("ErrImagePull", "not found", { name: "registry-ui" });
    const found = reasonsOf(snapshot([pod(of(container(ended(1)), ui))]));
    assert.deepEqual(found.map((each) => each.container).sort(), ["registry", "registry-ui"]);
  });

  it("are none of pods that serve, go, or are of a former version or of somebody else", () => {
    const broken = of(container(ended(1)));
    const foreign = pod(broken, { name: "foreign" });
    foreign.metadata.ownerReferences = [{ uid: "somebody" }];
    const pods = [pod({ conditions: READY }), pod(broken, { former: true }), foreign];
    assert.deepEqual(reasonsOf(snapshot(pods)), []);
  });

  it("are none before the controller has seen the change", () => {
    const before = snapshot([pod(unscheduled(ROOM))], [], deployment({ observedGeneration: 1 }));
    assert.deepEqual(reasonsOf(before), []);
  });
});

describe("a rollout", () => {
  it("is done when all pods are new, serve, and no former one is left", () => {
    assert.ok(isDone(deployment(SERVING)));
    for (const status of [
      { ...SERVING, observedGeneration: 1 },
      { ...SERVING, replicas: 2 },
      { ...SERVING, availableReplicas: 0 },
      { ...SERVING, updatedReplicas: 0 },
    ]) {
      assert.equal(isDone(deployment(status)), false, JSON.stringify(status));
    }
    assert.equal(isDone(deployment(SERVING, { replicas: 2 })), false);
    assert.ok(isDone(deployment({ replicas: 0, updatedReplicas: 0 }, { replicas: 0 })));
  });

  it("has been done when its version came up after Pulumi's last change", () => {
    const served = (...conditions: Parameters<typeof cameUp>): boolean =>
      hasServed(snapshot([], [], deployment({ conditions: [cameUp(...conditions)] })));
    assert.ok(served("2026-11-29T12:00:09Z"));
    assert.ok(served(CHANGED));
    assert.equal(served("2026-11-29T11:59:59Z"), false, "a change of the number of pods came after it");
    assert.equal(served("2026-11-29T12:00:09Z", "kube-registry-v0-former"), false, "it tells of the former version");
    assert.equal(hasServed(snapshot()), false);
    const unseen = deployment({ conditions: [cameUp(CHANGED)], observedGeneration: 1 });
    assert.equal(hasServed(snapshot([], [], unseen)), false);
    const byNobody = deployment({ conditions: [cameUp(CHANGED)] });
    byNobody.metadata.managedFields = [];
    assert.equal(hasServed(snapshot([], [], byNobody)), false, "nobody knows when it was changed");
  });
});
