import { adviceFor, type RolloutSettings } from "./advice";
import { oneLine } from "./last-lines";
import type { Deployment } from "./objects";
import type { Reason } from "./reasons/reason";
import { countsOf } from "./versions";

/** A reason with what its container said last. */
export interface Told {
  reason: Reason;
  lines: readonly string[];
}

/** Of what an error tells. */
export interface Failure {
  deployment: Deployment;
  /** How long was waited: seconds. */
  seconds: number;
  told: readonly Told[];
}

/** The error of a rollout that has failed: what is the matter, the cluster's reasons, and what to do. */
export function failureMessage({ deployment, seconds, told }: Failure, settings: RolloutSettings): string {
  const { name, namespace = "default" } = deployment.metadata;
  const { wanted, updated, available } = countsOf(deployment);
  const head = [
    `the deployment ${name} in the namespace ${namespace} did not come up within ${Math.round(seconds)} s `,
    `(pods: ${wanted} wanted, ${updated} of the new version, ${available} ready of any version)`,
  ].join("");
  const reasons = told.flatMap(({ reason, lines }) => [
    `  - ${reasonLine(reason)}`,
    ...(lines.length > 0 ? [`    the last lines of ${reason.container} in ${reason.pod}:`] : []),
    ...lines.map((line) => `      ${line}`),
    `    fix: ${adviceFor(reason, settings, namespace)}`,
  ]);
  const silent = `  - the cluster names no reason; kubectl -n ${namespace} describe deployment,pods may say more`;
  const end =
    "What was changed in the cluster stays. Correct the setting, or put the former one back, and run pulumi up again.";
  return [head, ...(told.length > 0 ? reasons : [silent]), servingNote(available), end].join("\n");
}

/** What users see meanwhile. */
function servingNote(available: number): string {
  if (available === 0) return "No pod serves now.";
  return `Nothing is lost: ${available === 1 ? "one pod serves" : `${available} pods serve`}, and goes on until the new version does.`;
}

/** A reason in a line: "Unschedulable (pod kube-registry-v0-x): 0/1 nodes are available". */
export function reasonLine({ word, pod, container, message }: Reason): string {
  const where = [pod && `pod ${pod}`, container && `container ${container}`].filter(Boolean).join(", ");
  return `${word}${where ? ` (${where})` : ""}: ${oneLine(message)}`;
}
