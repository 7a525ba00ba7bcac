import * as fs from "node:fs";

const TICKS = 100; // USER_HZ, on every Linux that Node runs on

/**
 * Seconds of CPU that all processes of a name on this machine have used since they were started, threads too: proc(5),
 * `stat`.
 */
export function cpuOf(name: string): number {
  const ticks = processes(name).map(({ fields }) => Number(fields[11]) + Number(fields[12]));
  return sum(ticks) / TICKS;
}

/** MiB of memory that all processes of a name have for themselves, without files that they map: proc(5), `RssAnon`. */
export function memoryOf(name: string): number {
  const kib = processes(name).map(({ id }) => Number(/^RssAnon:\s+(\d+)/m.exec(read(`/proc/${id}/status`))?.[1] ?? 0));
  return sum(kib) / 1024;
}

/** The processes of a name, each with the fields of its `stat` after the name. */
function processes(name: string): { id: string; fields: string[] }[] {
  return fs
    .readdirSync("/proc")
    .filter((each) => /^\d+$/.test(each))
    .flatMap((id) => {
      const [, found, rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(read(`/proc/${id}/stat`)) ?? [];
      return found === name ? [{ id, fields: rest.split(" ") }] : [];
    });
}

const sum = (values: number[]): number => values.reduce((all, each) => all + each, 0);

/** Empty if the process has gone meanwhile. */
function read(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
