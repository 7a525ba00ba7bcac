import type * as pulumi from "@pulumi/pulumi";
import { omitUndefined } from "../checks/omit-undefined";
import { from } from "../checks/origin";
import { defaultsOf } from "../checks/value";
import { type MirrorsArgs, type MirrorUpstreamArgs, UPSTREAM } from "../mirrors/args";
import { PROXY_PORT, READER_PORT } from "../mirrors/services";
import { slugOf, urlOf } from "../mirrors/upstream";
import { RegistryPod } from "../registry-pod";
import { APP_LABEL } from "../registry/pod-args";
import type { RegistryStorageArgs } from "../registry/storage/args";
import type { PrivateRegistryArgs } from "./args";
import { mirrorOriginOf } from "./origins";
import { allowedCidrs } from "./network-policy";
import type { PodNeeds } from "./workload";

/** What a mirror is called among the stack's resources. */
export function mirrorResource(name: string, { name: upstream }: MirrorUpstreamArgs): string {
  return `${name}-mirror-${slugOf(upstream)}`;
}

/** What a mirror is called in the cluster. */
export function mirrorName(args: PrivateRegistryArgs, { name }: MirrorUpstreamArgs): string {
  const label = args.cluster?.names?.appLabel;
  const base = typeof label === "string" ? label : APP_LABEL.default;
  return `${base}-mirror-${slugOf(name)}`.slice(0, 63).replace(/-+$/, "");
}

/** One upstream, and its place in the list. */
export interface Placed {
  upstream: MirrorUpstreamArgs;
  index: number;
}

/**
 * The pod of one mirror: a cache of one registry and, on the same disk, a reader. One a registry, since a pod with all
 * of them would be unready with any of them, and be started anew for each other's password.
 */
export function createMirrorPod(
  name: string,
  args: PrivateRegistryArgs,
  { upstream, index }: Placed,
  { secret, httpSecret, namespace }: PodNeeds,
  parent: pulumi.Resource,
): RegistryPod {
  const { cluster, monitoring, scheduling } = args;
  const mirrors = args.mirrors as MirrorsArgs;
  const called = mirrorName(args, upstream);
  const { username, password, ttlHours = defaultsOf(UPSTREAM).ttlHours, caPem } = upstream;
  const settings = {
    storage: storageOf(upstream, called),
    registry: {
      port: PROXY_PORT,
      proxy: {
        remoteUrl: upstream.url ?? urlOf(upstream.name),
        ttlHours,
        ...omitUndefined({ username, password, caPem }),
      },
      ...omitUndefined({ image: mirrors.image, resources: mirrors.resources }),
    },
    readerPort: READER_PORT,
    tlsSecretName: secret.secretName,
    tlsChecksum: secret.checksum,
    httpSecret,
    requireClientCertificate: args.backend?.requireClientCertificate ?? true,
    name: called,
    appLabel: called,
    ...omitUndefined({ scheduling, monitoring, namespace }),
    ...omitUndefined({ waitWithKubectl: cluster?.waitWithKubectl, allowedCidrs: allowedCidrs(name, args) }),
  };
  const resource = mirrorResource(name, upstream);
  return new RegistryPod(resource, from(mirrorOriginOf(name, index), settings), { parent });
}

/** Of its own in any case: a full one must never stop the registry. It goes with the mirror. */
function storageOf({ name, storage }: MirrorUpstreamArgs, called: string): RegistryStorageArgs {
  const { hostPath, claim } = storage;
  if (claim) {
    const claimName = `${called}-cache`;
    return { claim: { name: claimName, deleteImages: claimName, ...claim } };
  }
  return { hostPath: { path: `/data/docker_mirrors/${slugOf(name)}`, ...hostPath } };
}
