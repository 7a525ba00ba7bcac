import type { ResourceValidationPolicy } from "@pulumi/policy";
import { type Container, isElsewhere, isRegistry, lastingOf, podsOf, variable } from "./workload";

/** The NodePort of a registry that takes everybody is a way round the gateway and its passwords. */
export const mutualTls: ResourceValidationPolicy = {
  name: "mutual-tls",
  description: "A registry speaks TLS, and takes nobody without a client certificate or a password of its own.",
  enforcementLevel: "mandatory",
  severity: "critical",
  remediationSteps:
    "Leave backend.requireClientCertificate at its default, true. A registry of another make has to say its TLS in " +
    "its variables, REGISTRY_HTTP_TLS_CERTIFICATE and REGISTRY_HTTP_TLS_CLIENTCAS: a config file is not seen.",
  validateResource: ({ type, props }, report) => {
    for (const container of podsOf(type, props).flatMap(lastingOf).filter(isRegistry))
      for (const fault of faultsOf(container)) report(`container ${container.name} ${fault}`);
  },
};

const CLIENT_CAS = "REGISTRY_HTTP_TLS_CLIENTCAS";
/** Version 3 can also ask for a certificate and let in whoever has none. */
const CLIENT_AUTH = "REGISTRY_HTTP_TLS_CLIENTAUTH";
const REQUIRED = "require-and-verify-client-cert";

function faultsOf(container: Container): string[] {
  /** An empty list of YAML is nothing, as an empty text is. */
  const set = (name: string): boolean => !/^\s*(\[\s*\]|""|''|null|~)?\s*$/.test(variable(container, name) ?? "");
  const given = (name: string): boolean => set(name) || isGivenElsewhere(container, name);
  const asked = variable(container, CLIENT_AUTH)?.trim() ?? REQUIRED;
  const asks = set(CLIENT_CAS) && asked === REQUIRED;
  return [
    ...(set("REGISTRY_HTTP_TLS_CERTIFICATE") ? [] : ["serves without TLS"]),
    ...(asks || given("REGISTRY_AUTH_HTPASSWD_PATH") || given("REGISTRY_AUTH_TOKEN_REALM")
      ? []
      : ["takes everybody who reaches its port: no client CA, and no passwords of its own"]),
  ];
}

function isGivenElsewhere(container: Container, name: string): boolean {
  return (container.env ?? []).some((each) => each.name === name) && isElsewhere(container, name);
}
