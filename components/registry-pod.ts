import { createHmac } from "node:crypto";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment";
import { Secret } from "@pulumi/kubernetes/core/v1/secret";
import * as pulumi from "@pulumi/pulumi";
import type { RegistryPodArgs } from "./registry/args";
import { type CheckedPod, checkPod } from "./registry/check";
import { podSpec } from "./registry/pod-spec";

/**
 * The registry and its web UI, as a deployment of one pod with two containers. The pod stays on the node that has the images. A new version
 * starts before the old one goes, and the old one finishes its running pushes and pulls.
 *
 * Registry 2 and 3 are set up alike, by variables only. The registry's variables are kept in the pod, those that are secret in a secret
 * named like the deployment with `-environment`.
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
    const secretData = pulumi
      .all([input.registry.secretEnvironment, input.httpSecret])
      .apply(([more, httpSecret]): Record<string, string> => ({ ...more, REGISTRY_HTTP_SECRET: httpSecret }));
    const environment = new Secret(
      `${name}-environment`,
      {
        metadata: { name: pulumi.interpolate`${input.name}-environment`, namespace: input.namespace },
        data: secretData.apply(encoded),
      },
      { parent: this },
    );
    const deployment = new Deployment(name, deploymentArgs(args, input, environment, secretData), { parent: this });
    this.deploymentName = deployment.metadata.name;
    this.namespace = deployment.metadata.namespace;
    this.registerOutputs({ deploymentName: this.deploymentName, namespace: this.namespace });
  }
}

function deploymentArgs(
  args: RegistryPodArgs,
  input: CheckedPod,
  environment: Secret,
  secretData: pulumi.Output<Record<string, string>>,
): ConstructorParameters<typeof Deployment>[1] {
  const labels = { "k8s-app": input.appLabel, version: input.versionLabel };
  const annotations = {
    "checksum/tls-secret": args.tlsChecksum,
    "checksum/environment": pulumi.unsecret(secretData.apply(fingerprint)),
  };
  const spec = podSpec(input, {
    requireClientCertificate: args.requireClientCertificate ?? false,
    deleteEnabled: args.registry?.deleteEnabled ?? false,
    uiTitle: args.ui?.title,
    uiUrl: args.uiUrl,
    registryHost: args.registryHost,
    environmentSecretName: environment.metadata.name,
  });
  return {
    metadata: { name: input.name, namespace: input.namespace, labels },
    spec: {
      replicas: 1,
      revisionHistoryLimit: 3,
      selector: { matchLabels: labels },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: { metadata: { labels, annotations }, spec },
    },
  };
}

function encoded(data: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, Buffer.from(value).toString("base64")]));
}

/** Changes when a secret variable does. Keyed with the random one among them, so that nobody can try passwords against it. */
function fingerprint(data: Record<string, string>): string {
  const { REGISTRY_HTTP_SECRET: key = "", ...others } = data;
  return createHmac("sha256", key)
    .update(JSON.stringify(Object.entries(others).sort()))
    .digest("hex");
}
