import { stackState } from "../stack";

/** The job of a stack's drill, as the cluster knows it: a CronJob. */
export interface DrillJob {
  name: string;
  namespace: string;
}

/** The drills that a stack's state has. `args` go to `pulumi stack export`: `["--stack", "dev"]`. */
export async function drillsOf(args: readonly string[]): Promise<DrillJob[]> {
  return drillsIn(await stackState(args));
}

/** The drills in an exported state. Its secrets are not needed. */
export function drillsIn(exported: unknown): DrillJob[] {
  const { deployment } = exported as { deployment?: { resources?: { urn: string; id?: string; delete?: boolean }[] } };
  return (deployment?.resources ?? []).flatMap(({ urn, id, delete: goes }) => {
    if (!/private-registry:index:RegistryPod\$kubernetes:batch\/v1:CronJob::.*-drill$/.test(urn) || goes) return [];
    const [namespace, name] = id?.split("/") ?? [];
    return namespace && name ? [{ namespace, name }] : [];
  });
}

/** The drill that is meant, of those of a stack. */
export function chosen(drills: readonly DrillJob[], wanted?: string): DrillJob {
  const found = wanted === undefined ? drills : drills.filter(({ name }) => name === wanted);
  const [one, ...others] = found;
  if (one && others.length === 0) return one;
  if (drills.length === 0) {
    throw new Error(
      "this stack has no drill: set storage.backup and run pulumi up with this version; an object store has backups " +
        "of its own, which a drill can't restore",
    );
  }
  const names = drills.map(({ name }) => name).join(", ");
  throw new Error(`--job must be one of ${names}, got ${wanted ?? "nothing"}; this stack has several registries`);
}
