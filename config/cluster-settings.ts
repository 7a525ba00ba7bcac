import * as rules from "../components";
import { keep, setting, whole } from "./setting";

/** The keys of what runs in the cluster. */
export const clusterSettings = {
  registryImage: setting(
    "string",
    "Image of the registry, version 2 or 3, with a tag or digest.",
    { default: "registry:2" },
    rules.image("registry:2"),
  ),
  registryCpu: setting(
    "string",
    "CPU of the registry, request and limit.",
    { default: "100m" },
    rules.quantity("100m"),
  ),
  registryMemory: setting(
    "string",
    "Memory of the registry, request and limit.",
    { default: "100Mi" },
    rules.quantity("100Mi"),
  ),
  registryPort: setting("integer", "Port of the registry in the pod. 1-65535.", { default: 5000 }, rules.port(5000)),
  registryNodePort: setting(
    "integer",
    "Port of the registry on every node. 30000-32767.",
    { default: 30299 },
    rules.nodePort(30299),
  ),
  registryEnvironment: setting("object", "More variables for the registry, by name.", {
    example: '{ "REGISTRY_LOG_LEVEL": "debug" }',
  }),
  registrySecretEnvironment: setting(
    "object",
    "More variables for the registry whose values are secrets, each set with `--secret --path`.",
    { secret: true },
  ),
  registryStoreCheck: setting(
    "string",
    `When the pod is out of service for its store: ${Object.values(rules.StoreCheck).join(", ")}. write: broken or full; read: broken; port: never.`,
    { default: rules.StoreCheck.Write },
    rules.oneOf(Object.values(rules.StoreCheck), keep(rules.StoreCheck.Write)),
  ),
  deleteEnabled: setting("boolean", "True if users with role push may delete images.", { default: false }),
  requireClientCertificate: setting(
    "boolean",
    "True if the registry takes nobody but the gateways. If false, whoever reaches a node's port needs no password.",
    { default: true },
  ),
  allowedCidrs: setting(
    "array",
    "Who may connect to the ports of registry and UI, where the cluster's network holds NetworkPolicies: the gateways' addresses as the nodes see them. `nodes` are then those with a pod. Default: anybody, but for the UI konradkleine without requireClientCertificate.",
    { example: '["192.0.2.20/32"]' },
  ),
  uiKind: setting(
    "string",
    `The web UI: ${Object.values(rules.UiKind).join(", ")}.`,
    { default: rules.UiKind.Joxit },
    rules.oneOf(Object.values(rules.UiKind), keep(rules.UiKind.Joxit)),
  ),
  uiImage: setting(
    "string",
    "Image of the web UI, with a tag or digest. Default: joxit/docker-registry-ui:2 or konradkleine/docker-registry-frontend:v2.",
    {},
    rules.image("the UI's own"),
  ),
  uiTitle: setting(
    "string",
    "Title of the web UI. Default: the name of the registry.",
    {},
    rules.text(200, "leave it out"),
  ),
  uiPort: setting("integer", "Port of the web UI in the pod. 1-65535.", { default: 80 }, rules.port(80)),
  uiNodePort: setting(
    "integer",
    "Port of the web UI on every node. 30000-32767.",
    { default: 30949 },
    rules.nodePort(30949),
  ),
  uiEnvironment: setting("object", "More variables for the web UI, by name.", { example: '{ "THEME": "dark" }' }),
  waitSeconds: setting(
    "integer",
    "How long a stopping pod goes on while the nodes learn of it. Seconds, 0-300; more than 0 needs Kubernetes 1.30.",
    { default: 5 },
    whole(0, 300, 5),
  ),
  drainSeconds: setting(
    "integer",
    "How long a stopping pod then finishes running pushes and pulls, at most. Seconds, 1-3600.",
    { default: 300 },
    whole(1, 3600, 300),
  ),
  namespace: setting(
    "string",
    "Namespace of everything in the cluster; it has to be there.",
    { default: "kube-system" },
    rules.labelName("kube-system"),
  ),
  createNamespace: setting(
    "boolean",
    "True to make the namespace, which must then not be kube-system. It outlives the stack, with the claims in it.",
    { default: false },
  ),
  adoptTlsSecret: setting("boolean", "True to take over a TLS secret of that name that was made by hand.", {
    default: false,
  }),
  registrySecretNames: setting(
    "array",
    "Secrets of your own in the namespace whose keys are variables of the registry, such as `REGISTRY_STORAGE_S3_SECRETKEY`.",
  ),
  deploymentName: setting(
    "string",
    "Name of the deployment.",
    { default: "kube-registry-v0" },
    rules.objectName("kube-registry-v0"),
  ),
  serviceName: setting(
    "string",
    "Name of the service.",
    { default: "kube-registry" },
    rules.labelName("kube-registry"),
  ),
  tlsSecretName: setting(
    "string",
    "Name of the TLS secret.",
    { default: "registry-tls-secret" },
    rules.objectName("registry-tls-secret"),
  ),
  logLevel: setting(
    "string",
    `How much the registry logs: ${Object.values(rules.RegistryLogLevel).join(", ")}. Default: info, and with notifications warn.`,
    {},
    rules.oneOf(Object.values(rules.RegistryLogLevel), keep(rules.RegistryLogLevel.Info)),
  ),
  logFormat: setting(
    "string",
    `In which form: ${Object.values(rules.RegistryLogFormat).join(", ")}.`,
    { default: rules.RegistryLogFormat.Text },
    rules.oneOf(Object.values(rules.RegistryLogFormat), keep(rules.RegistryLogFormat.Text)),
  ),
  serviceAccountName: setting(
    "string",
    "A service account of your own, by which the cloud knows the pod.",
    {},
    rules.objectName("the namespace's own"),
  ),
  priorityClassName: setting("string", "Priority class of the pod.", {}, rules.objectName("the cluster's own")),
  nodeSelector: setting("object", "More labels that a node must have to run the pod.", {
    example: '{ "disk": "ssd" }',
  }),
  tolerations: setting("array", "Taints of nodes that the pod bears, as Kubernetes writes them.", {
    items: "object",
    example: '[{ "key": "images", "operator": "Exists" }]',
  }),
  podLabels: setting("object", "More labels of the pod."),
  podAnnotations: setting("object", "More annotations of the pod."),
  pullSecrets: setting(
    "array",
    "Secrets by which pods of other namespaces pull. Each has `namespace` and `user`, and may have `secretName` (private-registry) and `defaultServiceAccount` (false).",
    { items: "object", example: '[{ "namespace": "default", "user": "reader", "defaultServiceAccount": true }]' },
  ),
  kubeconfig: setting(
    "string",
    "Content of a kubeconfig file. Default: what kubectl uses (KUBECONFIG, ~/.kube/config).",
    { secret: true },
  ),
  smokeTest: setting(
    "boolean",
    "True if every `up` ends by a smoke test of the whole registry (`npm run smoke`), and fails if that does.",
    { default: false },
  ),
  kubeContext: setting("string", "Context in the kubeconfig. Default: its current one."),
};
