import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import { UiKind } from "./args";
import type { CheckedPod } from "./check";
import { registryContainer, uiContainer } from "./containers";
import { registryVariables } from "./environment";
import { uiVariables } from "./ui";

/** What the pod's variables need beyond the checked arguments. */
export interface PodContext {
  requireClientCertificate: pulumi.Input<boolean>;
  deleteEnabled: pulumi.Input<boolean>;
  uiTitle: pulumi.Input<string | undefined>;
  uiUrl: pulumi.Input<string | undefined>;
  registryHost: pulumi.Input<string | undefined>;
  /** Name of the secret with the registry's secret variables. */
  environmentSecretName: pulumi.Input<string>;
}

type Variable = k8s.core.v1.EnvVar;

/** The pod: the registry, beside it the UI, the images and the certificate. */
export function podSpec(input: CheckedPod, context: PodContext): k8s.core.v1.PodSpec {
  const { registry, ui, waitSeconds } = input;
  const containers = [registryContainer({ ...registry, waitSeconds, env: registryEnv(input, context) })];
  if (ui.image) containers.push(uiContainer({ ...ui, image: ui.image, waitSeconds, env: uiEnv(input, context) }));
  return {
    nodeSelector: input.storage.nodeSelector,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    terminationGracePeriodSeconds: pulumi
      .all([waitSeconds, input.drainSeconds])
      .apply(([wait, drain]) => wait + drain + 10),
    containers,
    volumes: [
      input.storage.volume,
      { name: "cert-dir", secret: { secretName: input.tlsSecretName } },
      { name: "tmp", emptyDir: {} },
    ],
  };
}

function registryEnv(input: CheckedPod, context: PodContext): pulumi.Output<Variable[]> {
  const { registry } = input;
  const secretNames = pulumi.unsecret(registry.secretEnvironment.apply((all) => Object.keys(all)));
  return pulumi
    .all([
      pulumi.output({
        port: registry.port,
        storagePath: registry.storagePath,
        certificatePath: registry.certificatePath,
        certificateFile: input.certificateFile,
        keyFile: input.keyFile,
        requireClientCertificate: context.requireClientCertificate,
        deleteEnabled: context.deleteEnabled,
        drainSeconds: input.drainSeconds,
      }),
      registry.environment,
      secretNames,
      context.environmentSecretName,
    ])
    .apply(([settings, more, secrets, secretName]) => [
      ...listed({ ...registryVariables(settings), ...more }, secrets),
      ...["REGISTRY_HTTP_SECRET", ...secrets].map((name) => ({
        name,
        valueFrom: { secretKeyRef: { name: secretName, key: name } },
      })),
    ]);
}

function uiEnv(input: CheckedPod, context: PodContext): pulumi.Output<Variable[]> {
  const settings = pulumi.output({
    port: input.ui.port,
    registryPort: input.registry.port,
    deleteEnabled: context.deleteEnabled,
    title: context.uiTitle,
    pageUrl: context.uiUrl,
    registryHost: context.registryHost,
  });
  const kind: UiKind = input.ui.kind;
  return pulumi
    .all([settings, input.ui.environment])
    .apply(([plain, more]) => listed({ ...uiVariables({ ...plain, kind }), ...more }));
}

/** Variables as Kubernetes lists them, without those that come from elsewhere. */
function listed(all: Record<string, string>, except: readonly string[] = []): Variable[] {
  return Object.entries(all)
    .filter(([name]) => !except.includes(name))
    .map(([name, value]) => ({ name, value }));
}
