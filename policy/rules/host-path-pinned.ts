import type { ResourceValidationPolicy } from "@pulumi/policy";
import { type PodSpec, podsOf } from "./workload";

/** A pod with a hostPath that moves to another node finds none of its data there. */
export const hostPathPinned: ResourceValidationPolicy = {
  name: "host-path-pinned",
  description: "A pod with a hostPath volume is pinned to the node that has the data.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    "Set storage.hostPath.nodeName (or nodeLabels), or in a pod of your own nodeSelector or a required node affinity.",
  validateResource: ({ type, props }, report) => {
    const spec = (props["spec"] ?? {}) as PersistentVolumeSpec;
    if (/^kubernetes:core\/[^:]+:PersistentVolume$/.test(type) && spec.hostPath && !spec.nodeAffinity?.required)
      report(`the volume is ${spec.hostPath.path} of whatever node its pod lands on: set nodeAffinity.required`);
    // A DaemonSet runs on every node by intent.
    if (/:DaemonSet(Patch)?$/.test(type)) return;
    for (const pod of podsOf(type, props)) {
      const paths = (pod.volumes ?? []).flatMap((volume) => volume.hostPath?.path ?? []);
      if (paths.length > 0 && !isPinned(pod))
        report(`the pod uses ${paths.join(" and ")} of whatever node it lands on`);
    }
  },
};

interface PersistentVolumeSpec {
  hostPath?: { path: string };
  nodeAffinity?: { required?: object };
}

/** Labels that all nodes of a cluster have in common, as a rule. */
const COMMON = /^(beta\.)?kubernetes\.io\/(os|arch)$/;

function isPinned({ nodeName, nodeSelector, affinity }: PodSpec): boolean {
  return (
    nodeName !== undefined ||
    Object.keys(nodeSelector ?? {}).some((label) => !COMMON.test(label)) ||
    affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined
  );
}
