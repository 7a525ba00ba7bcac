import { execa } from "execa";
import { kubectlFlags } from "../../components/internal";
import type { ClusterOptions } from "../../smoke/cluster";

/** Runs kubectl with these words and resolves to what it printed; rejects with what it said instead. */
export type Kubectl = (...words: string[]) => Promise<string>;

/** kubectl for the cluster that the options name. */
export function kubectlOf(options: ClusterOptions): Kubectl {
  const flags = kubectlFlags(options);
  return async (...words) => {
    const unchanged = { reject: false, stripFinalNewline: false } as const;
    const ran = await execa("kubectl", [...flags, ...words, "--request-timeout=30s"], unchanged);
    if (ran.exitCode === 0) return ran.stdout;
    if (ran.code === "ENOENT") throw new Error("there is no kubectl here; install it, or put its folder into PATH");
    const said = (ran.stderr ?? "").trim().split("\n").at(-1) ?? "";
    throw new Error(`kubectl: ${said || `exit code ${String(ran.exitCode)}`}`);
  };
}
