import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process that is known again after its number was given to another: number, start time and boot. */
export interface ProcessMark {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat: clock ticks after the boot. */
  readonly startTime: string;
  /** /proc/sys/kernel/random/boot_id. */
  readonly boot: string;
}

/** The start time of a process, or undefined if there is none (a zombie counts as none). */
export function startTimeOf(pid: number, proc = "/proc"): string | undefined {
  try {
    const stat = readFileSync(`${proc}/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

const bootId = (): string => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

/** Marks a running process; undefined if it has ended. */
export function markOf(pid: number): ProcessMark | undefined {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime, boot: bootId() };
}

/** True if that very process still runs. */
export function isRunning(mark: ProcessMark): boolean {
  return mark.boot === bootId() && startTimeOf(mark.pid) === mark.startTime;
}

/** Reads a mark that was written as JSON; undefined if the file is missing, cut off or of another process. */
export function readMark(file: string): ProcessMark | undefined {
  try {
    const mark = JSON.parse(readFileSync(file, "utf8")) as ProcessMark;
    return isRunning(mark) ? mark : undefined;
  } catch {
    return undefined;
  }
}

/** Ends a process and waits until it is gone. Nothing happens if it is gone already. */
export async function kill(mark: ProcessMark, signal: NodeJS.Signals = "SIGKILL", waitSeconds = 10): Promise<void> {
  if (!isRunning(mark)) return;
  try {
    process.kill(mark.pid, signal);
  } catch {
    return;
  }
  const gone = await until(() => !isRunning(mark), waitSeconds);
  if (!gone) throw new Error(`process ${mark.pid} did not end within ${waitSeconds} s of a ${signal}`);
}

/** Asks again and again, every 20 ms at first and later every 200 ms. False if the time is over. */
export async function until(condition: () => boolean | Promise<boolean>, seconds: number): Promise<boolean> {
  const end = Date.now() + seconds * 1000;
  for (let pause = 20; ; pause = Math.min(pause * 1.5, 200)) {
    if (await condition()) return true;
    if (Date.now() > end) return false;
    await sleep(pause);
  }
}
