import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { runDrill } from "../../cli/drill";
import { type Kubectl, kubectlOf } from "../../cli/drill/cluster";
import { type Pod, progressOf, warningOf } from "../../cli/drill/state";
import { chosen, drillsIn } from "../../cli/drill/target";

const DRILL = { name: "kube-registry-v0-drill", namespace: "kube-system" };
const HEAD = "urn:pulumi:dev::private-registry::private-registry:index:PrivateRegistry";
const POD = `${HEAD}$private-registry:index:RegistryPod$kubernetes:batch/v1:CronJob::main`;

/** What a cluster answers, look for look: a pod, its log, and what kubectl fails with. */
interface Look {
  pod?: Pod["status"];
  log?: string;
  failed?: string;
  error?: string;
}

/** A cluster that goes from one look to the next at each question for the job, and stays with the last. */
function cluster(looks: Look[], events: object[] = []) {
  const asked: string[] = [];
  let at = -1;
  const look = (): Look => looks[Math.max(0, Math.min(at, looks.length - 1))] ?? {};
  const kubectl: Kubectl = (...words) => {
    asked.push(words.join(" "));
    const [, , verb, kind] = words;
    if (verb === "get" && kind === "job") at++;
    if (verb === "get" && look().error !== undefined) return Promise.reject(new Error(look().error));
    if (verb === "logs") {
      const { log } = look();
      return log === undefined ? Promise.reject(new Error("kubectl: no log")) : Promise.resolve(log);
    }
    const { pod, failed } = look();
    const conditions = failed === undefined ? [] : [{ type: "Failed", status: "True", reason: failed }];
    const answers: Record<string, object> = {
      job: { status: { conditions } },
      pods: { items: pod ? [{ metadata: { name: "the-pod" }, status: pod }] : [] },
      events: { items: events },
    };
    return Promise.resolve(verb === "get" ? JSON.stringify(answers[kind ?? ""]) : "");
  };
  const lines: string[] = [];
  const run = (more: { startSeconds?: number; totalSeconds?: number } = {}) =>
    runDrill(kubectl, DRILL, { pauseMs: 1, onLine: (line) => lines.push(line), ...more });
  return { asked, lines, run };
}

const state = (container: object): Pod["status"] => ({ containerStatuses: [{ state: container }] });
const running = state({ running: {} });
const ended = (exitCode: number, reason = "Completed") => state({ terminated: { exitCode, reason } });

describe("the command drill", () => {
  it("makes a job of the drill's own, hands on its log as it comes, each line once, and ends as it does", async () => {
    for (const code of [0, 1, 2]) {
      const { asked, lines, run } = cluster([
        {},
        { pod: running, log: "one\ntw" },
        { pod: running, log: "one\ntwo\nthr" },
        { pod: ended(code), log: "one\ntwo\nthree\nfour" },
      ]);
      assert.equal(await run(), code);
      assert.match(asked[0] ?? "", /^--namespace kube-system create job (\S+) --from=cronjob\/kube-registry-v0-drill$/);
      const name = /create job (\S+)/.exec(asked[0] ?? "")?.[1] ?? "";
      assert.ok(name.startsWith("kube-registry-v0-drill-") && name.length <= DRILL.name.length + 11, name);
      assert.deepEqual(lines.slice(0, -1), [`job kube-system/${name}`, "one", "two", "three", "four"]);
      assert.ok(lines.at(-1)?.endsWith(`: kubectl -n kube-system logs job/${name}`));
      assert.ok(!asked.some((words) => words.includes("delete")), "the job's log stays");
    }
  });

  it("says why its pod waits, once, and removes the job of one that never starts", async () => {
    const pod = {
      conditions: [
        { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes have the node-2" },
      ],
    };
    const { asked, lines, run } = cluster([{ pod }]);
    await assert.rejects(
      run({ startSeconds: 0.05 }),
      /^Error: the drill's pod did not start in 0\.05 s, and its job was removed: Unschedulable: 0\/1 nodes have the node-2$/,
    );
    assert.deepEqual(lines.slice(1), ["the drill waits: Unschedulable: 0/1 nodes have the node-2"]);
    assert.match(asked.at(-1) ?? "", /^--namespace kube-system delete job \S+ --wait=false --ignore-not-found$/);
  });

  it("says each of two reasons once, between which a pod goes to and fro", async () => {
    const waiting = (reason: string) => ({ pod: state({ waiting: { reason } }) });
    const looks = [waiting("ErrImagePull"), waiting("ImagePullBackOff"), waiting("ErrImagePull")];
    const { lines, run } = cluster([...looks, { pod: ended(0), log: "" }]);
    assert.equal(await run(), 0);
    assert.deepEqual(lines.slice(1, -1), ["the drill waits: ErrImagePull", "the drill waits: ImagePullBackOff"]);
  });

  it("says what the cluster warns of where the pod itself says nothing", async () => {
    const about = (name: string, message: string, lastTimestamp: string, type = "Warning") => ({
      type,
      reason: "FailedMount",
      message,
      lastTimestamp,
      involvedObject: { name },
    });
    const events = [
      about("the-pod", "older", "2026-11-29T10:00:00Z"),
      about("the-pod", "no such claim", "2026-11-29T11:00:00Z"),
      about("the-pod", "all is well", "2026-11-29T12:00:00Z", "Normal"),
      about("other", "of another", "2026-11-29T12:00:00Z"),
      { ...about("the-pod", "no DNS", "2026-11-29T12:00:00Z"), reason: "MissingClusterDNS" },
    ];
    const pod = state({ waiting: { reason: "ContainerCreating" } });
    const { lines, run } = cluster([{ pod }, { pod: ended(0), log: "" }], events);
    assert.equal(await run(), 0);
    assert.equal(lines[1], "the drill waits: FailedMount: no such claim");
    assert.equal(warningOf(events as never, ["nothing"]), "");
  });

  it("calls no end a result that the script has not come to itself", async () => {
    const cut = (look: Look, said: RegExp) => assert.rejects(cluster([look]).run(), said);
    await cut(
      { pod: ended(137, "OOMKilled"), log: "one\n" },
      /cut short by the cluster: OOMKilled \(exit code 137\); kub/,
    );
    const evicted = { phase: "Failed", reason: "Evicted", message: "The node was low on ephemeral-storage." };
    await cut({ pod: evicted }, /cut short by the cluster: Evicted: The node was low on ephemeral-storage\.; kubectl/);
    await cut({ failed: "DeadlineExceeded" }, /cut short by the cluster: DeadlineExceeded; kubectl/);
    await cut({ pod: { phase: "Failed" } }, /cut short by the cluster: the cluster says no reason; kubectl/);
  });

  it("goes on after looks that fail, ends after too many, and when it takes too long", async () => {
    const error = "kubectl: connection refused";
    const some = cluster([
      { pod: running, log: "" },
      ...Array<Look>(10).fill({ error }),
      { pod: ended(0), log: "x\n" },
    ]);
    assert.equal(await some.run(), 0);
    assert.ok(some.lines.includes("x"));
    await assert.rejects(
      cluster([{ error }]).run(),
      /^Error: kubectl: connection refused; the drill goes on in the cl/,
    );
    const slow = cluster([{ pod: running, log: "" }]);
    await assert.rejects(
      slow.run({ totalSeconds: 0.05 }),
      /not done after 0\.05 s, and goes on in the cluster; kubectl/,
    );
    assert.ok(!slow.asked.some((words) => words.includes("delete")));
  });

  it("asks which cluster it is if that has no such drill", async () => {
    const missing = 'kubectl: Error from server (NotFound): cronjobs.batch "kube-registry-v0-drill" not found';
    const other: Kubectl = () => Promise.reject(new Error(missing));
    await assert.rejects(
      runDrill(other, DRILL, { onLine: () => undefined }),
      /not found; is it the stack's cluster that kubectl asks\? See --context; pulumi up --refresh makes it anew$/,
    );
  });

  it("calls kubectl for the cluster that is named, and says what it said last", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "drill-"));
    const { PATH = "" } = process.env;
    try {
      process.env["PATH"] = folder;
      await assert.rejects(
        kubectlOf({})("get", "pods"),
        /^Error: there is no kubectl here; install it, or put its fold/,
      );
      const program = `#!/bin/sh
[ "$1" != fail ] || { echo one >&2; echo two >&2; exit 3; }
[ "$1" != mute ] || exit 4
echo "$@"
`;
      fs.writeFileSync(path.join(folder, "kubectl"), program, { mode: 0o755 });
      const said = await kubectlOf({ kubeconfig: "/k", context: "prod" })("get", "pods");
      assert.equal(said, "--kubeconfig /k --context prod get pods --request-timeout=30s\n");
      await assert.rejects(kubectlOf({})("fail"), /^Error: kubectl: two$/);
      await assert.rejects(kubectlOf({})("mute"), /^Error: kubectl: exit code 4$/);
    } finally {
      process.env["PATH"] = PATH;
      fs.rmSync(folder, { recursive: true });
    }
  });

  it("finds its job in the stack's state, and says what to do without one, or with several", () => {
    const drill = { urn: `${POD}-drill`, id: "kube-system/kube-registry-v0-drill" };
    const others = [
      { urn: `${POD}-backup`, id: "kube-system/kube-registry-v0-backup" },
      { urn: `${HEAD}$kubernetes:batch/v1:CronJob::my-drill`, id: "other/my-drill" },
      { urn: `${POD}-drill`, id: "kube-system/older-drill", delete: true },
      { urn: `${POD}-drill` },
    ];
    const found = drillsIn({ deployment: { resources: [...others, drill] } });
    assert.deepEqual(found, [DRILL]);
    assert.deepEqual(chosen(found), DRILL);
    assert.deepEqual(drillsIn({}), []);
    assert.throws(
      () => chosen([]),
      /^Error: this stack has no drill: set storage\.backup and run pulumi up with this ver/,
    );
    const two = [DRILL, { name: "test-drill", namespace: "test" }];
    assert.throws(
      () => chosen(two),
      /--job must be one of kube-registry-v0-drill, test-drill, got nothing; this stack/,
    );
    assert.deepEqual(chosen(two, "test-drill"), two[1]);
    assert.throws(() => chosen(found, "no-drill"), /--job must be one of kube-registry-v0-drill, got no-drill/);
  });

  it("takes a pod's place in its life from what Kubernetes says of it", () => {
    const of = (status: Pod["status"]) => progressOf({}, { metadata: { name: "a" }, status });
    assert.deepEqual(of(running), { state: "running", why: "" });
    const pulling = { waiting: { reason: "ImagePullBackOff", message: "no such image" } };
    assert.deepEqual(of(state(pulling)), { state: "waiting", why: "ImagePullBackOff: no such image" });
    assert.deepEqual(of({}), { state: "waiting", why: "" });
    assert.deepEqual(of(ended(0)), { state: "ended", exitCode: 0, why: "Completed" });
  });
});
