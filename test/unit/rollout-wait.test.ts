import assert from "node:assert/strict";
import { KubectlError } from "../../components/cluster/kubectl";
import type { Snapshot } from "../../components/cluster/objects";
import { type Outcome, waitForRollout } from "../../components/cluster/wait";
import { cameUp, container, deployment, ended, pod, SERVING } from "../support/rollout";
import { snapshot, unscheduled, waiting } from "../support/rollout";

/** What the cluster says at a second, and what came of it. */
type Script = (second: number) => Snapshot | Error;

/** Waits by a clock of its own, ten minutes at most. */
async function wait(script: Script): Promise<{ outcome: Outcome; told: string[]; looks: number }> {
  let second = 0;
  let looks = 0;
  const told: string[] = [];
  const world = {
    look: (whole: boolean): Promise<Snapshot> => {
      looks++;
      const said = script(second);
      if (said instanceof Error) return Promise.reject(said);
      return Promise.resolve(whole ? said : { ...said, replicaSets: [], pods: [], events: [] });
    },
    tell: ({ word }: { word: string }) => void told.push(`${word} at ${second}`),
    now: () => second,
    sleep: (seconds: number) => {
      second += seconds;
      return Promise.resolve();
    },
  };
  return { outcome: await waitForRollout(world, 600), told, looks };
}

const served = snapshot([], [], deployment(SERVING));
const stuck = snapshot([pod(unscheduled("0/1 nodes are available: 1 Insufficient cpu."))]);
const crash = (times: number) =>
  snapshot([
    pod({ containerStatuses: [waiting("CrashLoopBackOff", "", { restartCount: times, lastState: ended(1) })] }),
  ]);
const initializing = snapshot([
  pod({ initContainerStatuses: [container({ running: {} }, { name: "cleaning" })], containerStatuses: [] }),
]);
const running = snapshot([
  pod({ containerStatuses: [container({ running: {} }, { restartCount: 1, lastState: ended(1) })] }),
]);

describe("the wait for a rollout", () => {
  it("asks once where it is done", async () => {
    const { outcome, looks, told } = await wait(() => served);
    assert.deepEqual([outcome.kind, outcome.seconds, looks, told], ["done", 0, 1, []]);
  });

  it("ends with the new version, whatever there was before", async () => {
    const { outcome, told } = await wait((second) => (second < 25 ? stuck : served));
    assert.deepEqual([outcome.kind, outcome.seconds, told], ["done", 26, ["Unschedulable at 7"]]);
  });

  it("ends when a reason has lasted, and tells each reason once", async () => {
    const { outcome, told } = await wait(() => stuck);
    assert.equal(outcome.kind, "failed");
    assert.ok(outcome.seconds >= 32 && outcome.seconds <= 34, String(outcome.seconds));
    assert.deepEqual(told, ["Unschedulable at 7"]);
    assert.equal(outcome.reasons[0]?.word, "Unschedulable");
  });

  it("counts anew when a reason was gone", async () => {
    const { outcome } = await wait((second) => (second === 20 ? snapshot([pod()]) : stuck));
    assert.ok(outcome.seconds >= 51 && outcome.seconds <= 53, String(outcome.seconds));
  });

  it("does not end while a container that has failed runs once more", async () => {
    const again = await wait((second) => (second < 20 ? crash(1) : second < 100 ? running : served));
    assert.equal(again.outcome.kind, "done");
    const down = await wait((second) => (second < 20 ? crash(1) : second < 40 ? running : crash(2)));
    assert.deepEqual([down.outcome.kind, down.outcome.seconds], ["failed", 40]);
  });

  it("ends after ten minutes where no reason is final", async () => {
    const { outcome } = await wait(() => running);
    assert.equal(outcome.kind, "failed");
    assert.ok(outcome.seconds >= 600 && outcome.seconds <= 602, String(outcome.seconds));
  });

  it("does not wait for what came up and broke later", async () => {
    const broken = snapshot([], [], deployment({ conditions: [cameUp("2026-11-29T12:00:09Z")] }));
    const { outcome, looks } = await wait(() => broken);
    assert.deepEqual([outcome.kind, looks], ["broken-since", 3]);
  });

  it("does not wait for long for a restart by others, unless it fails", async () => {
    const annotations = { "kubectl.kubernetes.io/restartedAt": "2026-11-29T12:10:00Z" };
    const restarted = deployment({}, { template: { metadata: { annotations } } });
    const { outcome } = await wait(() => ({ ...initializing, deployment: restarted }));
    assert.equal(outcome.kind, "restarting");
    assert.ok(outcome.seconds >= 30 && outcome.seconds <= 32, String(outcome.seconds));
    const failing = await wait(() => ({ ...stuck, deployment: restarted }));
    assert.equal(failing.outcome.kind, "failed");
    const ours = await wait((second) => (second < 300 ? initializing : served));
    assert.deepEqual([ours.outcome.kind, ours.outcome.seconds >= 300], ["done", true]);
  });

  it("goes on through half a minute without an answer, and no longer", async () => {
    const silence = new KubectlError("failed", "connection refused");
    const short = await wait((second) => (second < 25 ? silence : served));
    assert.equal(short.outcome.kind, "done");
    await assert.rejects(
      wait(() => silence),
      silence,
    );
    const now = new KubectlError("refused", "deployments is forbidden");
    let looks = 0;
    const refused = wait(() => {
      looks++;
      return now;
    });
    await assert.rejects(refused, now);
    assert.equal(looks, 1);
  });
});
