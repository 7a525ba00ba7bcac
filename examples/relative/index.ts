import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { PrivateRegistry } from "../../components";

const config = new pulumi.Config();
const host = config.requireObject<{ address: string; user: string; hostKey: string }>("gateway");

/** A renewed certificate has to change its secret in place. */
const cluster = new Provider("cluster", { enableSecretMutable: true });

const registry = new PrivateRegistry(
  "main",
  {
    registryHost: config.require("registryHost"),
    ui: { host: config.require("uiHost") },
    nodeAddresses: [config.require("nodeAddress")],
    storage: { hostPath: { nodeName: config.require("nodeName") } },
    gateways: [host],
    ssh: { privateKey: config.requireSecret("sshPrivateKey") },
    users: [{ name: "ci", role: "push", password: config.requireSecret("password") }],
    certificate: { termsAgreed: true, directory: config.get("acmeDirectory") ?? "staging" },
  },
  { providers: [cluster] },
);

export const registryUrl = registry.registryUrl;
export const certificateRenewAt = registry.certificateRenewAt;
