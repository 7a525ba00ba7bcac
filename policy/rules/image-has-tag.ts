import type { ResourceValidationPolicy } from "@pulumi/policy";
import { containersOf, hidesItsPod, podsOf } from "./workload";

/** Without a tag, and with `latest`, a restart of the pod may run another program. */
export const imageHasTag: ResourceValidationPolicy = {
  name: "image-has-tag",
  description: "Every container's image has a tag other than latest, or a digest.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps: "Name the version: registry:2.8.3, or registry@sha256:...",
  validateResource: ({ type, props }, report) => {
    // The other rules look at containers, too: one of them has to say that there is none to look at.
    if (hidesItsPod(type, props)) report("no container is found in it: the policies can't judge what it runs");
    for (const pod of podsOf(type, props)) {
      for (const { name, image = "" } of containersOf(pod))
        if (!isPinned(image)) report(`the image "${image}" of container ${name} has no tag, or latest`);
      for (const { name, image } of pod.volumes ?? [])
        if (image && !isPinned(image.reference ?? "")) report(`the image of volume ${name} has no tag, or latest`);
    }
  },
};

function isPinned(image: string): boolean {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return true;
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  return tag !== undefined && tag !== "latest";
}
