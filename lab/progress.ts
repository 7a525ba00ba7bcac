import { existsSync, readFileSync } from "node:fs";
import { Listr, PRESET_TIMER } from "listr2";
import { Say } from "./step";
import { throttled } from "./throttle";

/** How often a log says what a job is doing, in milliseconds; that it starts, ends or fails is always said. */
const LOG_INTERVAL = 10_000;

/** One line of the display. */
export interface Job {
  readonly title: string;
  /** True if there is nothing to do; asked when its turn comes. */
  isDone?(): Promise<boolean>;
  run(say: Say): Promise<void>;
  /** Path of the log that tells more if it fails. */
  log?(): string;
}

/** How long a job took. */
export interface Timing {
  readonly title: string;
  readonly seconds: number;
}

/** One job that failed. */
export interface Failure {
  readonly title: string;
  readonly error: Error;
  readonly log?: string;
}

/** Some jobs failed; the message tells all that a person needs, with the end of each one's log. */
export class JobsFailed extends Error {
  constructor(readonly failures: readonly Failure[]) {
    super(failures.map(describe).join("\n\n"));
    this.name = "JobsFailed";
  }
}

/**
 * Runs stages of jobs one after the other, the jobs of a stage side by side, with a line for each: on a terminal it
 * says what the job is doing now, elsewhere a plain line says it every ten seconds. Every job of a stage ends before
 * `JobsFailed` is thrown.
 */
export async function runStages(stages: readonly (readonly Job[])[], interval = LOG_INTERVAL): Promise<Timing[]> {
  const timings: Timing[] = [];
  for (const stage of stages) {
    const failures: Failure[] = [];
    const list = new Listr(
      stage.map((job) => ({
        title: job.title,
        skip: async () => ((await isDone(job)) ? `${job.title}: there already` : false),
        task: async (_context: unknown, task: { output: string }) => {
          const started = process.hrtime.bigint();
          try {
            await runShown(job, (line) => (task.output = line), interval);
            timings.push({ title: job.title, seconds: Number(process.hrtime.bigint() - started) / 1e9 });
          } catch (error) {
            const log = job.log?.();
            failures.push({ title: job.title, error: error as Error, ...(log === undefined ? {} : { log }) });
            throw new Error(firstLine(error as Error), { cause: error });
          }
        },
      })),
      {
        concurrent: true,
        exitOnError: false,
        collectErrors: false,
        registerSignalListeners: false,
        renderer: "default",
        fallbackRenderer: "verbose",
        fallbackRendererCondition: () => !isTerminal(),
        rendererOptions: { timer: PRESET_TIMER, collapseSkips: true, showErrorMessage: false },
        fallbackRendererOptions: { timer: PRESET_TIMER, logTitleChange: false },
      },
    );
    await list.run();
    if (failures.length > 0) throw new JobsFailed(failures);
  }
  return timings;
}

/** Runs a job, whose output is redrawn in place on a terminal; elsewhere its lines name the job, and are few. */
async function runShown(job: Job, show: Say, interval: number): Promise<void> {
  if (isTerminal()) return job.run(show);
  const log = throttled((now) => show(`${job.title}: ${now}`), interval);
  try {
    await job.run(log.say);
  } finally {
    log.flush();
  }
}

/** True if the display can be redrawn in place. */
function isTerminal(): boolean {
  return process.stdout.isTTY && process.stdout.columns > 0 && process.env["CI"] !== "true";
}

async function isDone(job: Job): Promise<boolean> {
  try {
    return (await job.isDone?.()) ?? false;
  } catch {
    return false;
  }
}

const firstLine = (error: Error): string => error.message.split("\n")[0] ?? "";

function describe({ title, error, log }: Failure): string {
  const lines = [`${title} failed: ${error.message}`];
  const end = log === undefined ? "" : endOfLog(log);
  if (end !== "") lines.push(`the end of ${log}:`, end);
  return lines.join("\n");
}

/** The last lines of a log, indented; nothing if there is none. */
export function endOfLog(file: string, count = 15): string {
  if (!existsSync(file)) return "";
  const lines = readFileSync(file, "utf8").trimEnd().split("\n").slice(-count);
  return lines
    .map((line) => `  ${line.slice(0, 400)}`)
    .join("\n")
    .trimEnd();
}
