import type { ResourceValidationPolicy } from "@pulumi/policy";
import { isRegistry, podOf, variable } from "./workload";

/** The NodePort of a registry that takes everybody is a way round the gateway and its passwords. */
export const mutualTls: ResourceValidationPolicy = {
  name: "mutual-tls",
  description: "A registry speaks TLS, and takes nobody without a client certificate or a password of its own.",
  enforcementLevel: "mandatory",
  severity: "critical",
  remediationSteps: "Leave backend.requireClientCertificate at its default, true.",
  validateResource: ({ type, props }, report) => {
    const pod = podOf(type, props);
    for (const container of (pod?.containers ?? []).filter(isRegistry)) {
      const set = (name: string): boolean => Boolean(variable(container, name));
      if (!set("REGISTRY_HTTP_TLS_CERTIFICATE")) report(`container ${container.name} serves without TLS`);
      const own = (container.env ?? []).some(({ name }) => /^REGISTRY_AUTH_(HTPASSWD_PATH|TOKEN_REALM)$/.test(name));
      if (!set("REGISTRY_HTTP_TLS_CLIENTCAS") && !own) {
        report(
          `container ${container.name} takes everybody who reaches its port: no client CA, and no passwords of its own`,
        );
      }
    }
  },
};
