import { Namespace } from "@pulumi/kubernetes/core/v1/namespace";
import { Secret } from "@pulumi/kubernetes/core/v1/secret";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { smallRegistry } from "./small-registry";

const config = new pulumi.Config();
const provider = new Provider("cluster", { enableSecretMutable: true });

/** The applications of this stack pull from the registry of another stack, as one of its users. */
const shared = new pulumi.StackReference(config.require("registryStack"));
const logins = shared.requireOutput("dockerConfigs") as pulumi.Output<Record<string, string>>;
const namespace = new Namespace("apps", { metadata: { name: "apps" } }, { provider });
const login = new Secret(
  "pull",
  {
    metadata: { name: "shared-registry", namespace: namespace.metadata.name },
    type: "kubernetes.io/dockerconfigjson",
    stringData: { ".dockerconfigjson": logins.apply((byUser) => byUser[config.require("pullUser")] ?? "{}") },
  },
  { provider },
);

export const sharedRegistry = shared.requireOutput("registryUrl");
export const pullSecret = login.metadata.name;

/** And there is a second, smaller registry, of the parts that it needs. */
const small = smallRegistry("small", config, namespace.metadata.name, provider);

export const smallRegistryHost = config.require("smallRegistryHost");
export const smallRegistryChain = small.certificate.chainPem;
export const smallRegistryRelease = small.gateway.releaseHash;
