import { Provider } from "@pulumi/kubernetes/provider";
import { PrivateRegistry } from "./components";
import { loadConfig } from "./config";

const { registry: args, kubeconfig, kubeContext } = loadConfig();

/** The cluster. A renewed certificate has to change its secret in place: replaced, it would be gone for a moment. */
const cluster = new Provider("cluster", {
  enableSecretMutable: true,
  enableServerSideApply: true,
  ...(kubeconfig ? { kubeconfig } : {}),
  ...(kubeContext ? { context: kubeContext } : {}),
});
const registry = new PrivateRegistry("main", args, { providers: [cluster] });

export const registryUrl = registry.registryUrl;
export const uiUrl = registry.uiUrl;
export const certificateChain = registry.certificateChain;
export const certificateNotAfter = registry.certificateNotAfter;
export const certificateRenewAt = registry.certificateRenewAt;
export const registryNodePort = registry.registryNodePort;
export const uiNodePort = registry.uiNodePort;
export const tlsSecretName = registry.tlsSecretName;
export const namespace = registry.namespace;
export const dockerConfigs = registry.dockerConfigs;
export const gatewayReleaseHash = registry.gatewayReleaseHash;
