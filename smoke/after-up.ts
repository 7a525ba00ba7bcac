import * as pulumi from "@pulumi/pulumi";
import type * as smokeTest from "../cli/smoke";
import { withKubeconfigFile } from "../components/internal";

/** By which cluster the stack works. */
export interface StackCluster {
  /** Content of a kubeconfig file; undefined for kubectl's own. */
  kubeconfig?: pulumi.Input<string> | undefined;
  /** Context in it; undefined for its current one. */
  kubeContext?: string | undefined;
}

/**
 * Ends an `up` by a smoke test, whether something has changed or not, and makes it fail if the test does. It is no
 * resource, since a resource runs only when its inputs change, nor a hook, whose failure is a mere warning. A preview
 * does not run it.
 * @param outputs The stack's outputs; the test begins when all of them are known.
 */
export function smokeAfterUp(outputs: Record<string, pulumi.Input<unknown>>, cluster: StackCluster): void {
  if (pulumi.runtime.isDryRun()) return;
  pulumi.all([pulumi.output(outputs), cluster.kubeconfig]).apply(async ([known, kubeconfig]) => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- not to be loaded by runs that don't need it
    const { counts, smoke, table, targetOf } = require("../cli/smoke") as typeof smokeTest;
    const run = (options: smokeTest.SmokeOptions) =>
      smoke(targetOf(known), { ...options, context: cluster.kubeContext });
    const { ok, checks } = await (kubeconfig === undefined
      ? run({})
      : withKubeconfigFile(kubeconfig, (file) => run({ kubeconfig: file })));
    if (ok) return pulumi.log.info(`smoke test: ${counts(checks)}`);
    const failed = checks.filter(({ status }) => status === "failed");
    throw new pulumi.RunError(`the smoke test failed; npm run smoke makes it again\n${table(failed)}`);
  });
}
