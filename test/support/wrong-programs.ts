import * as pulumi from "@pulumi/pulumi";
import {
  AcmeCertificate,
  AcmeResponder,
  NginxGateway,
  PrivateRegistry,
  RegistryPod,
  RegistryService,
  TlsSecret,
} from "../../components";
import { smallest } from "./contract";
import { KEY_PEM } from "./stack-config";

/** As a JavaScript program, which has no compiler's help. */
const loose = (args: object): never => args as never;
const { gateways, users } = smallest;
const gateway = { registryHost: "registry.example.com", nodeAddresses: ["192.0.2.10"], gateways, users };

/** Programs whose arguments are wrong. */
export const IN_PROGRAMS: Record<string, () => unknown> = {
  "a registry with the arguments of 0.1.0": () =>
    new PrivateRegistry(
      "main",
      loose({
        ...smallest,
        uiHost: "ui.example.com",
        mutualTlsGeneration: 1,
        requireClientCertificate: false,
        replicas: 2,
        metrics: { rules: true },
        names: { namespace: "images" },
      }),
    ),
  "a registry with problems in five rooms": () =>
    new PrivateRegistry(
      "main",
      loose({
        ...smallest,
        registryHost: "registry",
        access: { bcryptCost: 20, realm: 5 },
        nginx: { readTimeoutSeconds: "900" },
        storage: { hostPath: { nodeName: "node-1" }, backup: { claimName: "a", hostPath: "/b" } },
        certificate: { issuer: "letsencrypt" },
        cluster: { nodePorts: { registry: 70000 } },
      }),
    ),
  "a registry with an output where a plain value is meant": () =>
    new PrivateRegistry(
      "main",
      loose({
        ...smallest,
        registry: { replicas: pulumi.output(2) },
        cluster: { pullSecrets: pulumi.output([]) },
        ui: { host: "ui.example.com", kind: pulumi.output("joxit") },
      }),
    ),
  "a registry of a name that is too long for the hosts, and no arguments": () =>
    new PrivateRegistry("a-registry-whose-name-is-longer-than-it-may-be", loose({})),
  "a registry whose late values are wrong": () =>
    new PrivateRegistry("main", {
      ...smallest,
      cluster: { names: { deployment: pulumi.output("Not_A_Name") } },
    }),
  "a gateway by itself": () =>
    new NginxGateway(
      "edge",
      loose({
        ...gateway,
        hosts: gateways,
        gateways: [],
        certificate: { chainPem: "chain.pem" },
        upstreamTls: { clientCertificatePem: "client.pem" },
        users: [{ name: "ci", role: "push" }],
      }),
    ),
  "a pod by itself": () =>
    new RegistryPod(
      "registry",
      loose({
        storage: { s3: {} },
        tlsSecretName: "TLS",
        httpSecret: "",
        registry: { log: { level: "loud" }, size: { cpu: "1" } },
        monitoring: { serviceMonitor: true },
      }),
    ),
  "a certificate by itself": () =>
    new AcmeCertificate(
      "site",
      loose({
        names: ["*.example.com", "a.example.com"],
        keyGeneration: "2",
        contacts: "ops@example.com",
        dns01: { hook: {} },
      }),
    ),
  "a responder and its hosts": () =>
    new AcmeResponder(
      "port-80",
      loose({
        gateways: [{ address: "gw 1", hostKey: "ssh-rsa AAAAB3NzaC1yc2E", privateKey: KEY_PEM }],
        names: [],
        accountThumbprint: "short",
      }),
    ),
  "a service and a secret": () => [
    new RegistryService(
      "registry",
      loose({ registryNodePort: 30300, uiNodePort: 30300, name: "Kube_Registry", port: 5000 }),
    ),
    new TlsSecret("tls", loose({})),
  ],
};
