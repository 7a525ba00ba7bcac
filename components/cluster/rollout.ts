import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import type { Deployment } from "@pulumi/kubernetes/apps/v1/deployment";
import * as pulumi from "@pulumi/pulumi";
import type { ProviderAccess } from "./access";
import type { RolloutSettings } from "./advice";
import { type Kubectl, KubectlError, withKubectl } from "./kubectl";
import { lastLines, oneLine } from "./last-lines";
import { type DeploymentName, logOf, look } from "./look";
import { failureMessage, reasonLine, type Told } from "./message";
import type { Reason } from "./reasons/reason";
import { restartedAt } from "./versions";
import { type Outcome, waitForRollout } from "./wait";

/** As long as Pulumi's own wait: seconds. */
const TIMEOUT_SECONDS = 600;

/**
 * For a deployment that is waited for here: Pulumi waits until it exists. Its `pulumi.com/skipAwait` would also make it
 * go on before a deleted deployment is gone.
 */
export const EXISTS = { "pulumi.com/waitFor": "jsonpath={.metadata.uid}" };

/** What a rollout's error needs to know of its deployment. */
export interface RolloutOptions {
  /** By which the deployment's cluster is asked. */
  access: pulumi.Output<ProviderAccess>;
  settings: RolloutSettings;
  /** Values that no message may show. */
  secrets: pulumi.Input<pulumi.Input<string>[]>;
  /** The setting that leaves the wait to Pulumi: "cluster.waitWithKubectl". */
  choice: string;
  /** Default: 600 seconds. */
  timeoutSeconds?: number;
}

/** True in an `up`: not in a preview, nor under the mocks of a test, where there is no engine. */
function isUp(): boolean {
  return !pulumi.runtime.isDryRun() && pulumi.runtime.getEngine() !== undefined;
}

/** Throws if this is an `up` without a kubectl to wait with: before the pods are changed. */
export function requireKubectl(subject: string, choice: string): void {
  if (!isUp()) return;
  const ends = process.platform === "win32" ? [".exe"] : [""];
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  if (folders.some((folder) => ends.some((end) => existsSync(join(folder, `kubectl${end}`))))) return;
  throw new pulumi.RunError(
    `${subject} waits for its pods with kubectl, and there is none in PATH; ` +
      `install kubectl, or set ${choice} to false, and Pulumi waits by itself and names no reasons. No pod was changed`,
  );
}

/**
 * Is there when all pods of a deployment are of its new version and serve. Rejects with the reasons of scheduler,
 * kubelet and containers if one of them won't pass by itself, or after the timeout. In every `up`, changed or not: a
 * deployment that failed is unchanged for Pulumi. One that came up and broke later is a warning, since nothing in this
 * `up` is to blame, which may well be there to repair something else. At once in a preview and under mocks.
 */
export function rolledOut(deployment: Deployment, options: RolloutOptions): pulumi.Output<void> {
  if (!isUp()) return pulumi.output(undefined);
  const { name, namespace } = deployment.metadata;
  const known = pulumi.all([name, namespace, options.access, options.secrets, deployment.id]);
  return pulumi.unsecret(known).apply(async ([its, within, { rendersOnly, ...where }, secrets]) => {
    if (rendersOnly) return;
    await withKubectl(where, (kubectl) =>
      followed({ deployment, name: { name: its, namespace: within }, kubectl, secrets, options }),
    );
  });
}

interface Followed {
  deployment: Deployment;
  name: DeploymentName;
  kubectl: Kubectl;
  secrets: readonly string[];
  options: RolloutOptions;
}

async function followed({ deployment, name, kubectl, secrets, options }: Followed): Promise<void> {
  const world = {
    look: async (whole: boolean) => look(kubectl, name, whole),
    tell: (reason: Reason) => void pulumi.log.info(`waiting: ${reasonLine(shown(reason, secrets))}`, deployment),
    now: () => performance.now() / 1000,
    sleep: (seconds: number) => sleep(seconds * 1000),
  };
  const outcome = await waitForRollout(world, options.timeoutSeconds ?? TIMEOUT_SECONDS).catch((error: unknown) => {
    throw error instanceof KubectlError ? failed(unanswered(error, name, options.choice), deployment) : error;
  });
  if (outcome.kind === "done") return;
  const told = await Promise.all(outcome.reasons.slice(0, 4).map((each) => withLines(each, name, kubectl, secrets)));
  if (outcome.kind === "failed") {
    throw failed(failureMessage({ ...failureOf(outcome), told }, options.settings), deployment);
  }
  const reasons = told.map(({ reason }) => reasonLine(reason)).join("; ") || "the cluster names no reason";
  const { name: its, namespace } = name;
  const since = restartedAt(outcome.snapshot.deployment);
  const what =
    outcome.kind === "restarting"
      ? `was restarted at ${since} by others, and is not waited for`
      : "came up once, and does not serve now";
  void pulumi.log.warn(`${its} in ${namespace} ${what}: ${reasons}`, deployment);
}

const failureOf = ({ snapshot: { deployment }, seconds }: Outcome) => ({ deployment, seconds });

async function withLines(
  reason: Reason,
  { namespace }: DeploymentName,
  kubectl: Kubectl,
  secrets: readonly string[],
): Promise<Told> {
  const lines = lastLines(await logOf(kubectl, namespace, reason), secrets);
  return { reason: shown(reason, secrets), lines };
}

const shown = (reason: Reason, secrets: readonly string[]): Reason => ({
  ...reason,
  message: oneLine(reason.message, secrets),
});

/** The cluster could not be asked. */
function unanswered({ kind, message }: KubectlError, { name, namespace }: DeploymentName, choice: string): string {
  if (kind === "not-found") {
    return (
      `the deployment ${name} is not in the namespace ${namespace}, although Pulumi's state has it: ` +
      "somebody has deleted it. Run pulumi up --refresh, which makes it again"
    );
  }
  return (
    `kubectl can't say whether the deployment ${name} in the namespace ${namespace} came up: ${message}. ` +
    `It asks with the kubeconfig and the context of the stack's provider; with ${choice} set to false ` +
    "Pulumi waits by itself"
  );
}

/**
 * An error that is shown as it is. The SDK writes the name of each property that fails by an error into that error's
 * message, and has Node print the whole error, with its resource and all that hangs on it: that takes a minute.
 */
function failed(message: string, resource: pulumi.Resource): Error {
  return Object.defineProperties(new pulumi.ResourceError(message, resource, true), {
    message: { get: () => message, set: () => undefined },
    [inspect.custom]: { value: () => message },
  });
}
