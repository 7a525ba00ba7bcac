import type { RolloutSettings } from "../cluster/advice";

/** Which settings change what about the registry's pods, for the advice of a rollout that fails. */
export const ROLLOUT_SETTINGS: RolloutSettings = {
  containers: { registry: "registry", cleaning: "registry", "registry-ui": "ui" },
  place: "storage.hostPath.nodeName and scheduling",
  tolerations: "scheduling.tolerations",
  storage: "storage",
  secrets: "registry.secretNames",
};
