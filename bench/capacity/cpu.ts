import * as fs from "node:fs";

const TICKS = 100; // USER_HZ, on every Linux that Node runs on

/** Seconds of CPU that all processes of a name on this machine have used since they were started, threads too: proc(5), `stat`. */
export function cpuOf(name: string): number {
  let ticks = 0;
  for (const pid of fs.readdirSync("/proc").filter((each) => /^\d+$/.test(each))) {
    const [, found, rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(read(`/proc/${pid}/stat`)) ?? [];
    const fields = rest.split(" ");
    if (found === name) ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / TICKS;
}

/** Empty if the process has gone meanwhile. */
function read(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
