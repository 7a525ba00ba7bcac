import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import type { CheckedPod } from "./check";
import { CERTIFICATES_PATH, IMAGES_PATH } from "./environment";
import { COLLECTION_PATH, collectCommand, serveCommand } from "./garbage-collection/collection";
import { UPSTREAM_LOGIN_PATH } from "./features/upstream-login";
import { KEY_FILE_PATH } from "./storage/object-store";
import { probes, registryProbes } from "./probes";
import type { Resources } from "./resources";

type Container = k8s.core.v1.Container;
type Variables = pulumi.Input<k8s.core.v1.EnvVar[]>;

/**
 * The container `registry`. Its root file system is read-only and it has no capability: it listens on a high port and
 * owns its files.
 */
export function registryContainer(input: CheckedPod, env: Variables): Container {
  const { registry } = input;
  const container = common("registry", { ...registry, env });
  if (input.monitoring) {
    container.ports = [
      { name: "registry", containerPort: registry.port, protocol: "TCP" },
      { name: "metrics", containerPort: input.monitoring.port, protocol: "TCP" },
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

/**
 * The container that removes unused layers before the registry starts; it sees the same images by the same variables.
 */
export function collectionContainer(input: CheckedPod, env: Variables): Container {
  const args = (untagged: boolean): string[] => [
    "garbage-collect",
    ...(untagged ? ["--delete-untagged"] : []),
    `${COLLECTION_PATH}/config.yml`,
  ];
  return {
    name: "cleaning",
    image: input.registry.image,
    command: collectCommand(input),
    args: input.collection?.deleteUntagged.apply(args) ?? args(false),
    env,
    ...fromSecrets(input),
    resources: input.registry.resources,
    volumeMounts: [...mounts(input), { name: "cleaning-config", mountPath: COLLECTION_PATH, readOnly: true }],
    securityContext: registrySecurity(input),
  };
}

/**
 * The container `registry-ui`. The known images start as root, write their settings into their pages and then run as
 * somebody else, so they keep what they need for that, unless they run as another user from the start.
 */
export function uiContainer(input: CheckedPod, image: pulumi.Input<string>, env: Variables): Container {
  const { ui, registry } = input;
  const rights = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID"];
  return {
    ...common("registry-ui", { ...ui, image, env, shutdown: registry.shutdown }),
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

/** What has to be known of a pod to tell whose its images are. */
export interface OwnedPod {
  registry: { runAsUser: number | undefined };
  storage: { ownedByRoot: boolean };
}

/** The user id of the registry and of what works on its images; undefined for the image's own, which is root. */
export function registryUser({ registry, storage }: OwnedPod): number | undefined {
  return registry.runAsUser ?? (storage.ownedByRoot ? undefined : 1000);
}

/** The rights of a container that works on the images. */
export function registrySecurity(input: CheckedPod): k8s.core.v1.SecurityContext {
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

/** What a registry of the pod mounts. */
export function mounts({ storage, isCache }: CheckedPod): k8s.core.v1.VolumeMount[] {
  return [
    ...(storage.volume ? [{ name: "image-store", mountPath: IMAGES_PATH }] : []),
    { name: "cert-dir", mountPath: CERTIFICATES_PATH, readOnly: true },
    { name: "tmp", mountPath: "/tmp" },
    ...(storage.store?.keyFile ? [{ name: "storage-credentials", mountPath: KEY_FILE_PATH, readOnly: true }] : []),
    ...(isCache ? [{ name: "upstream-login", mountPath: UPSTREAM_LOGIN_PATH, readOnly: true }] : []),
  ];
}

interface CommonParts {
  image: pulumi.Input<string>;
  port: pulumi.Input<number>;
  env: Variables;
  shutdown: { waitSeconds: pulumi.Output<number> };
  resources: Resources;
}

/** What every container of the pod has. */
export function common(name: string, { image, port, env, shutdown, resources }: CommonParts): Container {
  return {
    name,
    image,
    env,
    ports: [{ name, containerPort: port, protocol: "TCP" }],
    lifecycle: shutdown.waitSeconds.apply((seconds) => (seconds > 0 ? { preStop: { sleep: { seconds } } } : {})),
    ...(Object.keys(resources).length > 0 ? { resources } : {}),
  };
}
