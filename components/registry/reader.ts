import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import type { CheckedPod } from "./check";
import { common, mounts, registrySecurity } from "./containers";
import { listed, registrySettings, written } from "./environment";
import { probes } from "./probes";

/**
 * The container `reader`: a registry on the disk of a cache that asks nobody. It answers what the cache has fetched
 * while that one hangs, starts anew, or has no room.
 */
export function readerContainer(input: CheckedPod, port: pulumi.Output<number>): k8s.core.v1.Container {
  const { registry } = input;
  const settings = pulumi.output({
    port,
    certificateFile: input.certificateFile,
    keyFile: input.keyFile,
    requireClientCertificate: input.requireClientCertificate,
    uploadHours: registry.uploadHours,
    logLevel: registry.log.level,
    logFormat: registry.log.format,
    drainSeconds: registry.shutdown.drainSeconds,
    memory: registry.memory ?? pulumi.output<string | undefined>(undefined),
  });
  const env = settings.apply((plain) => {
    const own = registrySettings({ ...plain, deleteEnabled: false, readOnly: true, debugAddress: "", metrics: false });
    const maintenance = { uploadpurging: { enabled: false }, readonly: { enabled: true } };
    return listed(written({ ...own, REGISTRY_STORAGE_MAINTENANCE: maintenance }));
  });
  return {
    ...common("reader", { ...registry, port, env, resources: resources(input) }),
    ...probes("reader"),
    // Without the login of the cache, which it has no use for.
    volumeMounts: mounts({ ...input, isCache: false }),
    securityContext: registrySecurity(input),
  };
}

/** It works only when the cache does not, and then it has as much to do. */
function resources({ registry }: CheckedPod): CheckedPod["registry"]["resources"] {
  const { limits } = registry.resources;
  const requests = { cpu: pulumi.output("10m"), memory: pulumi.output("32Mi") };
  return { requests, ...(limits ? { limits } : {}) };
}
