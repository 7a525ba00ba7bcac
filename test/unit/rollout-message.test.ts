import assert from "node:assert/strict";
import { adviceFor } from "../../components/cluster/advice";
import { lastLines, oneLine } from "../../components/cluster/last-lines";
import { failureMessage, reasonLine } from "../../components/cluster/message";
import { reasonsOf } from "../../components/cluster/reasons/reasons";
import { ROLLOUT_SETTINGS } from "../../components/registry/rollout-settings";
import { deployment, ended, pod, snapshot, unscheduled, waiting } from "../support/rollout";
import { ROOM, ROWS } from "../support/rollout-rows";

const crash = snapshot([
  pod({ containerStatuses: [waiting("CrashLoopBackOff", "", { restartCount: 3, lastState: ended(1) })] }),
]);

describe("the error of a rollout", () => {
  it("says what is the matter, the container's last lines and what to do", () => {
    const [reason] = reasonsOf(crash);
    assert.ok(reason);
    const text = failureMessage(
      { deployment: deployment(), seconds: 41.6, told: [{ reason, lines: ["one", "two"] }] },
      ROLLOUT_SETTINGS,
    );
    assert.deepEqual(text.split("\n"), [
      "the deployment kube-registry-v0 in the namespace kube-system did not come up within 42 s " +
        "(pods: 1 wanted, 1 of the new version, 0 ready of any version)",
      "  - CrashLoopBackOff (pod kube-registry-v0-new-abcde, container registry): " +
        "it ended with exit code 1 (Error), 3 times so far",
      "    the last lines of registry in kube-registry-v0-new-abcde:",
      "      one",
      "      two",
      "    fix: correct what its last lines name; its variables come from registry.environment and storage",
      "No pod serves now.",
      "What was changed in the cluster stays. Correct the setting, or put the former one back, and run pulumi up again.",
    ]);
  });

  it("says that the former version goes on", () => {
    const [reason] = reasonsOf(snapshot([pod(unscheduled(ROOM))]));
    assert.ok(reason);
    const failure = { deployment: deployment({ availableReplicas: 1 }), seconds: 31, told: [{ reason, lines: [] }] };
    const text = failureMessage(failure, ROLLOUT_SETTINGS);
    assert.match(text, /^Nothing is lost: one pod serves, and goes on until the new version does\.$/m);
    assert.match(text, /^ {2}- Unschedulable \(pod [\w-]+\): 0\/1 nodes are available: 1 Insufficient cpu\./m);
    assert.match(text, /^ {4}fix: ask for less by registry\.resources and ui\.resources, or make room on a node/m);
  });

  it("says so where the cluster names no reason", () => {
    const text = failureMessage({ deployment: deployment(), seconds: 600, told: [] }, ROLLOUT_SETTINGS);
    assert.match(text, /the cluster names no reason; kubectl -n kube-system describe deployment,pods may say more/);
  });

  it("has one thing to do for each fault, with the settings of its container", () => {
    for (const { snapshot: whole, pod: status, events } of ROWS) {
      for (const reason of reasonsOf(whole ?? snapshot([pod(status)], events))) {
        const advice = adviceFor(reason, ROLLOUT_SETTINGS, "kube-system");
        assert.match(advice, /^[a-z].{10,}[^.]$/, reason.word);
        assert.doesNotMatch(advice, /undefined/);
      }
    }
    const reason = { key: "", word: "", message: "", tellAfterSeconds: 0, fault: "memory" as const };
    const of = (container: string): string => adviceFor({ ...reason, container }, ROLLOUT_SETTINGS, "x");
    assert.match(of("registry-ui"), /ui\.resources/);
    assert.match(of("cleaning"), /registry\.resources/);
  });

  it("keeps each reason on a line", () => {
    const reason = { key: "", word: "NotReady", message: "a\nb\u001b[31m c", tellAfterSeconds: 0 };
    assert.equal(reasonLine({ ...reason, fault: "readiness" }), "NotReady: a b c");
  });
});

describe("a container's last lines", () => {
  it("are twenty, without empty ones, none longer than 300 characters", () => {
    const log = Array.from({ length: 50 }, (_, index) => `line ${index}\n\n`).join("");
    const lines = lastLines(`${log}${"x".repeat(1000)}`, []);
    assert.equal(lines.length, 20);
    assert.equal(lines[0], "line 31");
    assert.equal(lines.at(-1), `${"x".repeat(300)}...`);
  });

  it("show no secret of the stack, whole or in part", () => {
    const secrets = ["correct horse battery", '[{"headers":{"X-Key":["0123456789abcdef"]}}]', "short"];
    const lines = lastLines("key 0123456789abcdef\npassword correct horse battery!\na short word", secrets);
    assert.deepEqual(lines, ["key [secret]", "password [secret]!", "a short word"]);
  });

  it("show nothing that looks like one", () => {
    const shown = (line: string): string | undefined => lastLines(line, [])[0];
    assert.equal(shown("get https://joe:hunter2@example.com/v2/"), "get https://joe:[secret]@example.com/v2/");
    assert.equal(shown("Authorization: Basic am9lOmh1bnRlcjI="), "Authorization: Basic [secret]");
    assert.equal(shown('header="Bearer abcdefghijklmnop"'), 'header="Bearer [secret]"');
    assert.equal(shown("secretkey=AKIAabcdefgh region=eu"), "secretkey=[secret] region=eu");
    assert.equal(shown("?X-Amz-Signature=abcdef0123&x=1"), "?X-Amz-Signature=[secret]&x=1");
    assert.equal(
      shown('level=fatal msg="open /certs/domain.crt: no such file"'),
      'level=fatal msg="open /certs/domain.crt: no such file"',
    );
  });

  it("obey no terminal's orders", () => {
    assert.deepEqual(lastLines("a\u001b[2J\u0007b\r\n", []), ["ab"]);
    assert.equal(oneLine("a\n\n  b"), "a b");
  });
});
