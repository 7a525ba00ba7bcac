import type { RolloutSettings } from "../cluster/advice";

/** Which settings change what about a verifier's pods, for the advice of a rollout that fails. */
export const VERIFIER_ROLLOUT: RolloutSettings = {
  containers: {
    nginx: "access.verifier.nginx",
    prepare: "access.verifier.nginx",
    "oauth2-proxy": "access.verifier.oauth2Proxy",
  },
  place: "scheduling",
  tolerations: "scheduling.tolerations",
  storage: "access.verifier",
  secrets: "cluster.names.tlsSecret",
};
