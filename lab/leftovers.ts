import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { kill, markOf } from "./hosts";
import { Lab } from "./lab";

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly isPulumi: boolean;
}

/**
 * Ends what runs of Pulumi on the lab's backend: a `pulumi` that is still at work, and the plugins that a killed one
 * leaves behind. A shell that has read the lab's variables is none of them.
 */
export async function endPulumi(lab: Lab): Promise<void> {
  const all = processes(`PULUMI_HOME=${lab.pulumi.home}`);
  const found = new Set(all.filter((one) => one.isPulumi).map((one) => one.pid));
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const one of all) if (found.has(one.parent)) found.add(one.pid);
  }
  for (const pid of found) {
    const mark = markOf(pid);
    if (mark) await kill(mark);
  }
}

/** All processes of the machine; those with that variable and a name of Pulumi's are marked. */
function processes(variable: string): Process[] {
  return readdirSync("/proc").flatMap((entry) => {
    try {
      if (!/^\d+$/.test(entry)) return [];
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      const words = readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0").slice(0, 2);
      const named = words.some((word) => path.basename(word).startsWith("pulumi"));
      const variables = named ? readFileSync(`/proc/${entry}/environ`, "utf8").split("\0") : [];
      return [{ pid: Number(entry), parent, isPulumi: variables.includes(variable) }];
    } catch {
      return []; // it has ended
    }
  });
}
