import { setTimeout as sleep } from "node:timers/promises";
import type { Kubectl } from "./cluster";
import { type Event, type Job, type Pod, type Progress, progressOf, warningOf } from "./state";
import type { DrillJob } from "./target";

/** How a drill is waited for. */
export interface WaitOptions {
  /** How long its pod may take to start, in seconds. Default 300: a node or a volume may have to be made. */
  startSeconds?: number;
  /** How long all of it may take, in seconds. Default 4 hours. */
  totalSeconds?: number;
  /** Time between two looks, in milliseconds. Default 2000. */
  pauseMs?: number;
  /** Gets each line as it comes. */
  onLine: (line: string) => void;
}

/**
 * Starts a drill in the cluster, waits for its end, and hands on what it says. Resolves to its exit code: 0 all of the
 * snapshot is whole, 1 something is not, 2 that could not be found out. Rejects if it does not come to an end; a job
 * whose pod does not start is removed.
 */
export async function runDrill(kubectl: Kubectl, drill: DrillJob, options: WaitOptions): Promise<number> {
  const job = new StartedJob(kubectl, drill.namespace, `${drill.name}-${Date.now().toString(36)}`, options.onLine);
  await job.create(drill.name);
  const ended = await waitFor(job, options);
  const { exitCode, why } = ended;
  if (exitCode !== undefined && exitCode <= 2) {
    options.onLine(`the job stays with its log until later ones take its place: ${job.logCommand}`);
    return exitCode;
  }
  const code = exitCode === undefined ? "" : ` (exit code ${exitCode})`;
  throw new Error(`the drill was cut short by the cluster: ${why || NO_REASON}${code}; ${job.logCommand}`);
}

const NO_REASON = "the cluster says no reason";

type End = Extract<Progress, { state: "ended" }>;

async function waitFor(job: StartedJob, options: WaitOptions): Promise<End> {
  const { startSeconds = 300, totalSeconds = 4 * 3600, pauseMs = 2000 } = options;
  const since = Date.now();
  const seconds = (): number => (Date.now() - since) / 1000;
  const said = new Set<string>();
  for (let started = false; ; await sleep(pauseMs)) {
    const progress = await job.look();
    if (progress.state === "ended") return progress;
    started ||= progress.state === "running";
    if (!started) sayOnce(said, await job.hindrance(progress), options);
    if (!started && seconds() > startSeconds) {
      await job.remove();
      const why = [...said].at(-1) ?? NO_REASON;
      throw new Error(`the drill's pod did not start in ${startSeconds} s, and its job was removed: ${why}`);
    }
    if (seconds() > totalSeconds) {
      throw new Error(`the drill is not done after ${totalSeconds} s, and goes on in the cluster; ${job.logCommand}`);
    }
  }
}

/** A pod whose image can't be pulled goes to and fro between two reasons. */
function sayOnce(said: Set<string>, why: string, { onLine }: WaitOptions): void {
  if (why === "" || said.has(why)) return;
  said.add(why);
  onLine(`the drill waits: ${why}`);
}

/** A look that fails may have met an API server that restarts; so many in a row may not. */
const FAILED_LOOKS = 15;

/** A job that was started, and what was already handed on of its log. */
class StartedJob {
  private printed = 0;
  private failures = 0;
  private unread = 0;
  private pod: string | undefined;

  constructor(
    private readonly kubectl: Kubectl,
    private readonly namespace: string,
    private readonly name: string,
    private readonly onLine: (line: string) => void,
  ) {}

  get logCommand(): string {
    return ["kubectl", "-n", this.namespace, "logs", `job/${this.name}`].join(" ");
  }

  async create(cronJob: string): Promise<void> {
    try {
      await this.ask("create", "job", this.name, `--from=cronjob/${cronJob}`);
    } catch (error) {
      const { message } = error as Error;
      const elsewhere =
        "; is it the stack's cluster that kubectl asks? See --context; pulumi up --refresh makes it anew";
      throw new Error(message.includes("NotFound") ? message + elsewhere : message, { cause: error });
    }
    this.onLine(`job ${this.namespace}/${this.name}`);
  }

  /** How far it has come. What is new in its log is handed on. */
  async look(): Promise<Progress> {
    try {
      const job = JSON.parse(await this.ask("get", "job", this.name, "--output=json")) as Job;
      const pods = await this.ask("get", "pods", `--selector=job-name=${this.name}`, "--output=json");
      const [pod] = (JSON.parse(pods) as { items: Pod[] }).items;
      this.pod = pod?.metadata.name ?? this.pod;
      const progress = progressOf(job, pod);
      const read = progress.state === "waiting" || !pod || (await this.readLog(pod.metadata.name, progress));
      this.failures = 0;
      // A pod that was sent away has no log any more.
      return read || progress.state !== "ended" || ++this.unread > 2 ? progress : { state: "running", why: "" };
    } catch (error) {
      if (++this.failures < FAILED_LOOKS) return { state: "waiting", why: (error as Error).message };
      const { message } = error as Error;
      throw new Error(`${message}; the drill goes on in the cluster, ${this.logCommand}`, { cause: error });
    }
  }

  /** Why it does not start, if by the cluster's newest warning about it; empty for no reason. */
  async hindrance({ why }: Progress): Promise<string> {
    if (why !== "") return why;
    const list = await this.ask("get", "events", "--output=json").catch(() => '{"items":[]}');
    return warningOf((JSON.parse(list) as { items: Event[] }).items, [this.name, this.pod ?? this.name]);
  }

  async remove(): Promise<void> {
    await this.ask("delete", "job", this.name, "--wait=false", "--ignore-not-found");
  }

  /** Hands on lines that are whole: the last one may still be written. False if there is no log. */
  private async readLog(pod: string, { state }: Progress): Promise<boolean> {
    const text = await this.ask("logs", pod).catch(() => undefined);
    const lines = (text ?? "").split("\n");
    const whole = state === "ended" && lines.at(-1) !== "" ? lines : lines.slice(0, -1);
    for (const line of whole.slice(this.printed)) this.onLine(line);
    this.printed = Math.max(this.printed, whole.length);
    return text !== undefined;
  }

  private ask(...words: string[]): Promise<string> {
    return this.kubectl("--namespace", this.namespace, ...words);
  }
}
