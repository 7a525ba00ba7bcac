import type { ResourceValidationPolicy } from "@pulumi/policy";
import { type PodSpec, podOf } from "./workload";

/** A pod with a hostPath that moves to another node finds none of its data there. */
export const hostPathPinned: ResourceValidationPolicy = {
  name: "host-path-pinned",
  description: "A pod with a hostPath volume is pinned to the node that has the data.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    "Set storage.hostPath.nodeName (or nodeLabels), or in a pod of your own nodeSelector or a required node affinity.",
  validateResource: ({ type, props }, report) => {
    const pod = podOf(type, props);
    const paths = (pod?.volumes ?? []).flatMap((volume) => volume.hostPath?.path ?? []);
    // A DaemonSet runs on every node by intent.
    if (paths.length === 0 || !pod || isPinned(pod) || type.endsWith(":DaemonSet")) return;
    report(`the pod uses ${paths.join(" and ")} of whatever node it lands on`);
  },
};

function isPinned({ nodeName, nodeSelector, affinity }: PodSpec): boolean {
  return (
    nodeName !== undefined ||
    Object.keys(nodeSelector ?? {}).length > 0 ||
    affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined
  );
}
