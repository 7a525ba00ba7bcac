import * as pulumi from "@pulumi/pulumi";
import { outputsOf } from "./outputs";
import type { PrivateRegistryArgs } from "./private-registry/args";
import { createCertificate } from "./private-registry/certificate";
import { checkPrivateRegistry } from "./private-registry/check";
import { dockerConfigs } from "./private-registry/docker-config";
import { createGateway, trustedRoots } from "./private-registry/gateway";
import { createMirrors } from "./private-registry/mirrors";
import { createMutualTls } from "./private-registry/mutual-tls";
import { withPasswords } from "./private-registry/passwords";
import { createNodes, forOtherNodes } from "./private-registry/nodes";
import { createNamespace } from "./private-registry/namespace";
import { createVerifiers } from "./private-registry/verifiers";
import { createAudienceRole } from "./private-registry/pod-identities";
import { createPullSecrets } from "./private-registry/pull-secrets";
import { createSso } from "./private-registry/sso";
import { createHttpSecret, createPod, createSecret, createService } from "./private-registry/workload";

/**
 * A private Docker registry with a web UI, a trusted certificate and users: the pod in the cluster, the nginx gateways
 * before it, and the certificate that all of them serve.
 *
 * @example
 * const registry = new PrivateRegistry("main", {
 *   registryHost: "registry.example.com",
 *   ui: { host: "ui.example.com" },
 *   nodeAddresses: ["192.0.2.10", "192.0.2.11"],
 *   storage: { hostPath: { nodeName: "node-1" } },
 *   gateways: [{ address: "gw1.example.com", hostKey: "ssh-ed25519 AAAA..." }],
 *   ssh: { privateKey: config.requireSecret("sshKey") },
 *   users: [{ name: "ci", role: UserRole.Push, password: config.requireSecret("ciPassword") }],
 *   certificate: { directory: "production", termsAgreed: true },
 * });
 */
export class PrivateRegistry extends pulumi.ComponentResource {
  /** The registry's URL. */
  public readonly registryUrl: pulumi.Output<string>;
  /** The web UI's URL; empty if there is none. */
  public readonly uiUrl: pulumi.Output<string>;
  /** The served certificate and its issuers, in PEM, leaf first. */
  public readonly certificateChain: pulumi.Output<string>;
  /** Roots, in PEM, by which clients verify the certificate; empty if those that every system knows will do. */
  public readonly trustedRootsPem: pulumi.Output<string>;
  /** End of the certificate's validity, ISO 8601. */
  public readonly certificateNotAfter: pulumi.Output<string>;
  /** From when on an `up` renews the certificate, ISO 8601. */
  public readonly certificateRenewAt: pulumi.Output<string>;
  /** Port of the registry on every node. */
  public readonly registryNodePort: pulumi.Output<number>;
  /** Port of the web UI on every node; 0 if there is none. */
  public readonly uiNodePort: pulumi.Output<number>;
  /** Name of the TLS secret. */
  public readonly tlsSecretName: pulumi.Output<string>;
  /** Namespace of everything in the cluster. */
  public readonly namespace: pulumi.Output<string>;
  /** By user, what `~/.docker/config.json` holds after a login. A secret. */
  public readonly dockerConfigs: pulumi.Output<Record<string, string>>;
  /** Hash of the release that the gateways serve. */
  public readonly gatewayReleaseHash: pulumi.Output<string>;
  /** Hash of the release that the nodes have, known when all have been asked; empty if there are no `nodeHosts`. */
  public readonly nodeReleaseHash: pulumi.Output<string>;

  /**
   * What nodes need to get to the mirrors that the stack does not write over SSH, as JSON, for `npm run nodes`; empty
   * without mirrors. A secret.
   */
  public readonly nodeMirrors: pulumi.Output<string>;

  /** Raises an error that names every argument that is not right. */
  constructor(name: string, args: PrivateRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    checkPrivateRegistry(name, args);
    super("private-registry:index:PrivateRegistry", name, {}, opts);
    const users = withPasswords(name, args, this);
    const namespace = createNamespace(name, args, this);
    const certificate = createCertificate(name, args, this);
    const mutualTls = createMutualTls(name, args, this);
    const secret = createSecret(name, args, { certificate, mutualTls, namespace }, this);
    const podNeeds = { secret, namespace, httpSecret: createHttpSecret(name, this) };
    const pod = createPod(name, args, podNeeds, this);
    const service = createService(name, args, namespace, this);
    const verifiers = createVerifiers(name, args, secret, namespace, this);
    const sso = createSso(name, args, secret, namespace, this);
    createAudienceRole(name, args, this);
    const dependsOn = [pod, service, ...verifiers.components, ...(sso ? [sso.component] : [])];
    const needs = { certificate, mutualTls, users, verifiers: verifiers.known, sso: sso?.known };
    const gateway = createGateway(name, args, needs, { parent: this, dependsOn });
    const mirrors = createMirrors(name, args, { pod: podNeeds, certificate, mutualTls }, this);
    this.registryUrl = gateway.registryUrl;
    this.uiUrl = gateway.uiUrl;
    this.certificateChain = certificate.chainPem;
    this.trustedRootsPem = pulumi.output(trustedRoots(args, certificate) ?? "");
    this.certificateNotAfter = certificate.notAfter;
    this.certificateRenewAt = certificate.renewAt;
    this.registryNodePort = service.registryNodePort;
    this.uiNodePort = service.uiNodePort;
    this.tlsSecretName = secret.secretName;
    this.namespace = secret.namespace;
    this.dockerConfigs = dockerConfigs(args.registryHost, users);
    createPullSecrets(name, args, this.dockerConfigs, this);
    this.gatewayReleaseHash = gateway.releaseHash;
    this.nodeReleaseHash = createNodes(name, args, certificate, mirrors, { parent: this, dependsOn: [gateway] });
    this.nodeMirrors = forOtherNodes(args, mirrors);
    this.registerOutputs(outputsOf(this));
  }
}
