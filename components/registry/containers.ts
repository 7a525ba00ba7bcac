import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import type { CheckedPod } from "./check";
import { CLEANING_PATH, collectCommand, serveCommand } from "./garbage-collection/collection";
import { KEY_FILE_PATH } from "./storage/object-store";
import { probes, registryProbes } from "./probes";

type Container = k8s.core.v1.Container;
type Variables = pulumi.Input<k8s.core.v1.EnvVar[]>;

/**
 * The container `registry`. Its root file system is read-only and it has no capability: it listens on a high port and owns its files.
 */
export function registryContainer(input: CheckedPod, env: Variables): Container {
  const { registry } = input;
  const container = common("registry", { ...registry, env, waitSeconds: input.waitSeconds });
  if (input.metricsPort !== undefined) {
    container.ports = [
      { name: "registry", containerPort: registry.port, protocol: "TCP" },
      { name: "metrics", containerPort: input.metricsPort, protocol: "TCP" },
    ];
  }
  return {
    ...container,
    ...serveCommand(input),
    ...fromSecrets(input),
    ...registryProbes(input),
    volumeMounts: mounts(input),
    securityContext: registrySecurity(input),
  };
}

/** The container that removes unused layers before the registry starts; it sees the same images by the same variables. */
export function cleaningContainer(input: CheckedPod, env: Variables): Container {
  const args = (untagged: boolean): string[] => [
    "garbage-collect",
    ...(untagged ? ["--delete-untagged"] : []),
    `${CLEANING_PATH}/config.yml`,
  ];
  return {
    name: "cleaning",
    image: input.registry.image,
    command: collectCommand(input),
    args: input.cleaning?.deleteUntagged.apply(args) ?? args(false),
    env,
    ...fromSecrets(input),
    resources: { requests: input.registry.size, limits: input.registry.size },
    volumeMounts: [...mounts(input), { name: "cleaning-config", mountPath: CLEANING_PATH, readOnly: true }],
    securityContext: registrySecurity(input),
  };
}

/**
 * The container `registry-ui`. The known images start as root, write their settings into their pages and then run as somebody else, so they keep
 * what they need for that, unless they run as another user from the start.
 */
export function uiContainer(input: CheckedPod, image: pulumi.Input<string>, env: Variables): Container {
  const { ui, waitSeconds } = input;
  const rights = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID"];
  return {
    ...common("registry-ui", { ...ui, image, env, waitSeconds }),
    ...probes("registry-ui"),
    securityContext: {
      allowPrivilegeEscalation: false,
      ...(ui.runAsUser === undefined
        ? { capabilities: { drop: ["ALL"], add: rights } }
        : { capabilities: { drop: ["ALL"] }, ...asUser(ui.runAsUser) }),
    },
  };
}

/** The variables that secrets of the user's own hold. */
function fromSecrets({ registry: { secretNames } }: CheckedPod): Pick<Container, "envFrom"> {
  if (!secretNames) return {};
  return { envFrom: secretNames.apply((names) => names.map((name) => ({ secretRef: { name } }))) };
}

/** The user id of the registry and of what works on its images; undefined for the image's own, which is root. */
export function registryUser({ registry, storage }: CheckedPod): number | undefined {
  return registry.runAsUser ?? (storage.ownedByRoot ? undefined : 1000);
}

function registrySecurity(input: CheckedPod): k8s.core.v1.SecurityContext {
  const user = registryUser(input);
  return {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
    ...(user === undefined ? {} : asUser(user)),
  };
}

function asUser(user: number): k8s.core.v1.SecurityContext {
  return { runAsUser: user, runAsGroup: user, runAsNonRoot: user !== 0 };
}

function mounts({ registry, storage }: CheckedPod): k8s.core.v1.VolumeMount[] {
  return [
    ...(storage.volume ? [{ name: "image-store", mountPath: registry.storagePath }] : []),
    { name: "cert-dir", mountPath: registry.certificatePath, readOnly: true },
    { name: "tmp", mountPath: "/tmp" },
    ...(storage.store?.keyFile ? [{ name: "storage-credentials", mountPath: KEY_FILE_PATH, readOnly: true }] : []),
  ];
}

interface CommonParts {
  image: pulumi.Input<string>;
  port: pulumi.Input<number>;
  env: Variables;
  waitSeconds: pulumi.Output<number>;
  /** Request and limit of CPU and memory; none if left out. */
  size?: { cpu: pulumi.Input<string>; memory: pulumi.Input<string> } | undefined;
}

function common(name: string, parts: CommonParts): Container {
  const amount = parts.size;
  return {
    name,
    image: parts.image,
    env: parts.env,
    ports: [{ name, containerPort: parts.port, protocol: "TCP" }],
    lifecycle: parts.waitSeconds.apply((seconds) => (seconds > 0 ? { preStop: { sleep: { seconds } } } : {})),
    ...(amount ? { resources: { requests: amount, limits: amount } } : {}),
  };
}
