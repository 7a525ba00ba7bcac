import { createHmac } from "node:crypto";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1/persistentVolumeClaim";
import { Secret } from "@pulumi/kubernetes/core/v1/secret";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget";
import * as pulumi from "@pulumi/pulumi";
import { heldBack, release } from "./cluster/dependents";
import { EXISTS, rolledOut } from "./cluster/rollout";
import { waitingWith } from "./cluster/waiting";
import { outputsOf } from "./outputs";
import { createBackup } from "./registry/backup/backup";
import { IMAGES_PATH } from "./registry/environment";
import { type CheckedPod, checkPod } from "./registry/check";
import { createCollectionSchedule } from "./registry/garbage-collection/schedule";
import { createMetrics } from "./registry/monitoring/metrics";
import { podMetadata, selectorLabels } from "./registry/identity";
import { KEY_FILE } from "./registry/storage/object-store";
import { createNetworkPolicy } from "./registry/network-policy";
import type { RegistryPodArgs } from "./registry/pod-args";
import { podSpec, secretVariables } from "./registry/pod-spec";
import { warnOfVersion2 } from "./registry/versions";
import { ROLLOUT_SETTINGS } from "./registry/rollout-settings";

/**
 * The registry and its web UI, as a deployment of one pod with two containers. The pod stays on the node that has the
 * images. A new version starts before the old one goes, and the old one finishes its running pushes and pulls.
 *
 * Registry 2 and 3 are set up alike, by variables only. The registry's variables are kept in the pod, those that are
 * secret in a secret named like the deployment with `-environment`.
 *
 * @example
 * const pod = new RegistryPod("main", {
 *   storage: { hostPath: { nodeName: "node-1" } },
 *   tlsSecretName: secret.secretName,
 *   tlsChecksum: secret.checksum,
 *   httpSecret: config.requireSecret("httpSecret"),
 * });
 */
export class RegistryPod extends pulumi.ComponentResource {
  /** Name of the deployment. */
  public readonly deploymentName: pulumi.Output<string>;
  /** Namespace of the deployment. */
  public readonly namespace: pulumi.Output<string>;

  /** Raises an error that names every argument that is not right. */
  constructor(name: string, args: RegistryPodArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:index:RegistryPod", name, {}, opts);
    const input = checkPod(name, args);
    const { monitoring, collection, allowedCidrs, backup } = input;
    const waiting = waitingWith(`RegistryPod "${name}"`, args, input.waitWithKubectl, ROLLOUT_SETTINGS, this);
    const variables = secretVariables(input);
    const environment = createEnvironment(name, input, variables, this);
    createClaim(name, input, this);
    const collectionConfig = collection && createCollectionConfig(name, input, this);
    const spec = podSpec(input, {
      environmentSecret: environment.metadata.name,
      collectionConfig: collectionConfig?.metadata.name ?? "",
    });
    const annotations = waiting ? EXISTS : awaited(input);
    const deployment = new Deployment(name, deploymentArgs(input, spec, variables, annotations), { parent: this });
    const secrets = variables.apply(Object.values<string>);
    const done = waiting ? rolledOut(deployment, { ...waiting, secrets }) : pulumi.output(undefined);
    createBudget(name, input, this);
    warnOfVersion2(input, this);
    if (collection) createCollectionSchedule(name, { ...input, collection }, this);
    if (monitoring) createMetrics(name, { ...input, monitoring }, this);
    if (allowedCidrs) createNetworkPolicy(name, { ...input, allowedCidrs }, this);
    if (backup) createBackup(name, input, backup, this);
    this.deploymentName = pulumi.all([deployment.metadata.name, done]).apply(([its]) => its);
    this.namespace = pulumi.all([deployment.metadata.namespace, done]).apply(([its]) => its);
    release(this, done);
    this.registerOutputs(outputsOf(this));
  }

  /** What depends on the component waits until its pods serve. */
  protected override initialize(): Promise<unknown> {
    return heldBack(this);
  }
}

function createEnvironment(
  name: string,
  input: CheckedPod,
  variables: pulumi.Output<Record<string, string>>,
  parent: pulumi.Resource,
): Secret {
  const files = pulumi
    .all([variables, input.storage.store?.keyFile ?? "", input.loginFiles])
    .apply(([all, keyFile, login]) => ({ ...all, ...login, ...(keyFile === "" ? {} : { [KEY_FILE]: keyFile }) }));
  const metadata = { name: pulumi.interpolate`${input.name}-environment`, namespace: input.namespace };
  return new Secret(`${name}-environment`, { metadata, data: pulumi.secret(files.apply(encoded)) }, { parent });
}

/**
 * Images outlive the stack: the claim stays in the cluster unless its deletion was asked for. The annotation says so to
 * policies.
 */
function createClaim(name: string, { storage, namespace, readerPort }: CheckedPod, parent: pulumi.Resource): void {
  const { claim } = storage;
  if (!claim) return;
  const fate = readerPort ? "cache" : "keep";
  const kept = claim.deleteImages && !readerPort ? {} : { "private-registry/on-destroy": fate };
  new PersistentVolumeClaim(
    `${name}-images`,
    {
      metadata: { name: claim.name, namespace, annotations: { "pulumi.com/skipAwait": "true", ...kept } },
      spec: {
        accessModes: [claim.accessMode],
        resources: { requests: { storage: pulumi.interpolate`${claim.sizeGiB}Gi` } },
        ...(claim.storageClass ? { storageClassName: claim.storageClass } : {}),
      },
    },
    { parent, retainOnDelete: !claim.deleteImages },
  );
}

function createCollectionConfig(name: string, input: CheckedPod, parent: pulumi.Resource): ConfigMap {
  const metadata = { name: pulumi.interpolate`${input.name}-cleaning`, namespace: input.namespace };
  const text = `version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: ${IMAGES_PATH}\n`;
  return new ConfigMap(`${name}-cleaning`, { metadata, data: { "config.yml": text } }, { parent });
}

/** A node that is emptied takes one pod at a time. */
function createBudget(name: string, input: CheckedPod, parent: pulumi.Resource): void {
  if (input.registry.replicas < 2) return;
  const matchLabels = selectorLabels(input);
  const metadata = { name: input.name, namespace: input.namespace };
  new PodDisruptionBudget(name, { metadata, spec: { maxUnavailable: 1, selector: { matchLabels } } }, { parent });
}

function deploymentArgs(
  input: CheckedPod,
  spec: ReturnType<typeof podSpec>,
  variables: pulumi.Output<Record<string, string>>,
  annotations: Record<string, string>,
): ConstructorParameters<typeof Deployment>[1] {
  const own = selectorLabels(input);
  const checksums = {
    "checksum/tls-secret": input.tlsChecksum,
    "checksum/environment": pulumi.unsecret(variables.apply(fingerprint)),
  };
  const metadata = podMetadata(input.scheduling, { labels: own, annotations: checksums });
  return {
    metadata: { name: input.name, namespace: input.namespace, labels: own, ...annotated(annotations) },
    spec: {
      replicas: input.registry.replicas,
      revisionHistoryLimit: 3,
      selector: { matchLabels: own },
      strategy: strategy(input),
      template: { metadata, spec },
    },
  };
}

function annotated(annotations: Record<string, string>): { annotations?: Record<string, string> } {
  return Object.keys(annotations).length > 0 ? { annotations } : {};
}

/**
 * The next pod first, unless it can't have the volume before, or may not write while the last one collects, or keeps
 * the times at which things end, as a mirror does.
 */
function strategy(input: CheckedPod) {
  return recreated(input)
    ? { type: "Recreate" }
    : { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
}

function recreated({ storage, collection, readerPort }: CheckedPod): boolean {
  return storage.exclusive || collection !== undefined || readerPort !== undefined;
}

/**
 * What Pulumi waits for where it waits by itself. With `Recreate` the deployment's conditions still tell of the last
 * pods while these are stopped and no others are there: by them Pulumi's own rule ends an `up` in which the next pods
 * may yet fail. These counts are right as soon as the new generation is observed.
 */
function awaited(input: CheckedPod): Record<string, string> {
  if (!recreated(input)) return {};
  const counts = ["updatedReplicas", "availableReplicas", "replicas"];
  const all = counts.map((count) => `jsonpath={.status.${count}}=${input.registry.replicas}`);
  return { "pulumi.com/waitFor": JSON.stringify(all) };
}

function encoded(data: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, Buffer.from(value).toString("base64")]));
}

/**
 * Changes when a secret variable does. Keyed with the random one among them, so that nobody can try passwords against
 * it.
 */
function fingerprint(data: Record<string, string>): string {
  const { REGISTRY_HTTP_SECRET: key = "", ...others } = data;
  return createHmac("sha256", key)
    .update(JSON.stringify(Object.entries(others).sort()))
    .digest("hex");
}
