import type { ResourceValidationPolicy } from "@pulumi/policy";
import { type Container, containersOf, isRegistry, type PodSpec, podOf, variable } from "./workload";

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
    const pod = podOf(type, props);
    for (const container of containersOf(pod).filter(isRegistry)) {
      const root = variable(container, "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY");
      if (root !== undefined && !isOnVolume(pod, container, root)) {
        report(`the images of container ${container.name}, in ${root}, go with the pod`);
      }
    }
    if (/^kubernetes:core\/[^:]+:PersistentVolumeClaim$/.test(type) && !opts.protect && !isKept(props)) {
      report("the claim, and what it holds, goes with the stack");
    }
  },
};

/** True if the path is on a volume that outlives the pod. */
function isOnVolume(pod: PodSpec | undefined, container: Container, path: string): boolean {
  const mount = (container.volumeMounts ?? []).find(({ mountPath }) => covers(mountPath, path));
  const volume = (pod?.volumes ?? []).find(({ name }) => name === mount?.name);
  return volume?.hostPath !== undefined || volume?.persistentVolumeClaim !== undefined;
}

function covers(mountPath: string, path: string): boolean {
  return path === mountPath || path.startsWith(mountPath.endsWith("/") ? mountPath : `${mountPath}/`);
}

function isKept(props: Record<string, unknown>): boolean {
  const metadata = props["metadata"] as { annotations?: Record<string, string> } | undefined;
  return metadata?.annotations?.[KEPT] === "keep";
}
