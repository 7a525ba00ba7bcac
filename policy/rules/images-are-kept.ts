import type { ResourceValidationPolicy } from "@pulumi/policy";
import { type Container, containersOf, isRegistry, type PodSpec, podsOf, variable } from "./workload";

/**
 * By this the registry's own component says that its claim outlives the stack; the engine does not show the option to
 * policies.
 */
export const KEPT = "private-registry/on-destroy";

/** Images that go with a pod, or with a stack, are images that somebody misses. */
export const imagesAreKept: ResourceValidationPolicy = {
  name: "images-are-kept",
  description: "A registry's images are in no emptyDir, and a claim is protected or outlives the stack.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    "Keep images on a hostPath, in a claim without storage.claim.deleteImages or with the option protect, or in an " +
    "object store.",
  validateResource: ({ type, props, opts }, report) => {
    for (const pod of podsOf(type, props))
      for (const fault of ofPod(pod, (props["spec"] ?? {}) as Claims)) report(fault);
    if (/^kubernetes:core\/[^:]+:PersistentVolumeClaim$/.test(type) && !opts.protect && !isKept(props)) {
      report("the claim, and what it holds, goes with the stack");
    }
  },
};

function ofPod(pod: PodSpec, { volumeClaimTemplates = [], persistentVolumeClaimRetentionPolicy }: Claims): string[] {
  const claims = new Set(volumeClaimTemplates.map(({ metadata }) => metadata?.name ?? ""));
  const goes = claims.size > 0 && persistentVolumeClaimRetentionPolicy?.whenDeleted === "Delete";
  return containersOf(pod)
    .filter(isRegistry)
    .flatMap((container) => {
      const place = placeOf(container);
      const of = `the images of container ${container.name}`;
      return [
        ...(place === undefined || isOnVolume(pod, container, place, claims)
          ? []
          : [`${of}, in ${place}, go with the pod`]),
        ...(goes ? [`${of} go with the StatefulSet: its claims' whenDeleted is Delete`] : []),
      ];
    });
}

interface Claims {
  volumeClaimTemplates?: { metadata?: { name?: string } }[];
  persistentVolumeClaimRetentionPolicy?: { whenDeleted?: string };
}

const ROOT = "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY";
/** The root directory of distribution where nothing is said. */
const DEFAULT_ROOT = "/var/lib/registry";
const OBJECT_STORE = /^REGISTRY_STORAGE_(S3|S3AWS|GCS|AZURE|SWIFT|OSS|COS)(_|$)/;

/** The directory of the images; undefined if they are in an object store. */
function placeOf(container: Container): string | undefined {
  if (variable(container, ROOT) !== undefined) return variable(container, ROOT);
  const driver = variable(container, "REGISTRY_STORAGE");
  if (driver === "inmemory") return "its memory";
  const store = (container.env ?? []).some(({ name }) => OBJECT_STORE.test(name));
  return store || (driver !== undefined && driver !== "filesystem") ? undefined : DEFAULT_ROOT;
}

/** Kinds of volumes that go with the pod, or hold a copy of something else. */
const PASSING = ["emptyDir", "ephemeral", "configMap", "secret", "downwardAPI", "projected", "image"];

/** True if the path, with all that is below it, is on a volume that outlives the pod. */
function isOnVolume(pod: PodSpec, container: Container, path: string, claims: ReadonlySet<string>): boolean {
  const mounts = container.volumeMounts ?? [];
  const around = mounts.filter(({ mountPath }) => covers(mountPath, path));
  const [nearest] = around.sort((one, other) => other.mountPath.length - one.mountPath.length);
  const below = mounts.filter(({ mountPath }) => mountPath !== path && covers(path, mountPath));
  const lasts = (name: string | undefined): boolean => {
    const volume = (pod.volumes ?? []).find((each) => each.name === name);
    if (volume === undefined) return name !== undefined && claims.has(name);
    const kinds = Object.keys(volume).filter((kind) => kind !== "name" && volume[kind] !== undefined);
    return kinds.length > 0 && !kinds.some((kind) => PASSING.includes(kind));
  };
  return [nearest, ...below].every((mount) => lasts(mount?.name));
}

function covers(mountPath: string, path: string): boolean {
  return path === mountPath || path.startsWith(mountPath.endsWith("/") ? mountPath : `${mountPath}/`);
}

function isKept(props: Record<string, unknown>): boolean {
  const metadata = props["metadata"] as { annotations?: Record<string, string> } | undefined;
  // A mirror's cache holds nothing that can't be fetched again.
  return ["keep", "cache"].includes(metadata?.annotations?.[KEPT] ?? "");
}
