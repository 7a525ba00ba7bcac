import "./config/quick-start";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { PrivateRegistry } from "./components";
import { loadConfig } from "./config";
import { smokeAfterUp } from "./smoke/after-up";

const { registry: args, kubeconfig: plainKubeconfig, kubeContext, smokeTest } = loadConfig();
const kubeconfig = plainKubeconfig === undefined ? undefined : pulumi.secret(plainKubeconfig);

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
export const trustedRootsPem = registry.trustedRootsPem;
export const certificateNotAfter = registry.certificateNotAfter;
export const certificateRenewAt = registry.certificateRenewAt;
export const registryNodePort = registry.registryNodePort;
export const uiNodePort = registry.uiNodePort;
export const tlsSecretName = registry.tlsSecretName;
export const namespace = registry.namespace;
export const dockerConfigs = registry.dockerConfigs;
export const gatewayReleaseHash = registry.gatewayReleaseHash;
export const nodeReleaseHash = registry.nodeReleaseHash;
export const nodeMirrors = registry.nodeMirrors;
export const gatewayAddresses = args.gateways.map(({ address }) => address);
export const nodeAddresses = args.nodeAddresses;
export const userRoles = pulumi
  .all(args.users.map(({ name, role }) => pulumi.all([name, role ?? "limited"])))
  .apply((users) => Object.fromEntries(users));
export const deleteEnabled = args.registry?.deleteEnabled ?? false;
export const clientCertificateRequired = args.backend?.requireClientCertificate ?? true;

if (smokeTest) {
  const pod = { registryNodePort, uiNodePort, tlsSecretName, namespace, nodeAddresses, clientCertificateRequired };
  const gateways = { registryUrl, uiUrl, certificateChain, trustedRootsPem, gatewayAddresses, gatewayReleaseHash };
  const access = { userRoles, dockerConfigs, deleteEnabled };
  smokeAfterUp({ ...pod, ...gateways, ...access }, { kubeconfig, kubeContext });
}
