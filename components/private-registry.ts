import { hkdfSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { CertificateIssuer } from "./acme/args";
import { accountThumbprint } from "./acme/thumbprint";
import { AcmeCertificate } from "./acme-certificate";
import { AcmeResponder } from "./acme-responder";
import { given } from "./checks/given";
import { NginxGateway } from "./nginx-gateway";
import type { PrivateRegistryArgs } from "./private-registry/args";
import { type ClientCertificate, createClientCertificate, createKey } from "./private-registry/client-certificate";
import { dockerConfig } from "./private-registry/docker-config";
import { createPullSecrets } from "./private-registry/pull-secrets";
import { UiKind } from "./registry/args";
import { uiProxies } from "./registry/ui";
import { RegistryPod } from "./registry-pod";
import { RegistryService } from "./registry-service";
import { TlsSecret } from "./tls-secret";

/**
 * A private Docker registry with a web UI, a trusted certificate and users: the pod in the cluster, the nginx gateways before it, and the
 * certificate that all of them serve.
 *
 * @example
 * const registry = new PrivateRegistry("main", {
 *   registryHost: "registry.example.com",
 *   uiHost: "ui.example.com",
 *   nodeAddresses: ["192.0.2.10", "192.0.2.11"],
 *   storage: { hostPath: { nodeName: "node-1" } },
 *   gateways: [{ address: "gw1.example.com", privateKey: config.requireSecret("sshKey"), hostKey: "ssh-ed25519 AAAA..." }],
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

  /** Raises an error that names every argument that is not right. */
  constructor(name: string, args: PrivateRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:index:PrivateRegistry", name, {}, opts);
    const certificate = createCertificate(name, args, this);
    const client = args.requireClientCertificate === false ? undefined : createClientCertificate(name, this);
    const secret = createSecret(name, args, certificate, client, this);
    const pod = createPod(name, args, secret, this);
    const service = createService(name, args, this);
    const gateway = createGateway(name, args, certificate, client, [pod, service], this);
    this.registryUrl = gateway.registryUrl;
    this.uiUrl = gateway.uiUrl;
    this.certificateChain = certificate.chainPem;
    this.certificateNotAfter = certificate.notAfter;
    this.certificateRenewAt = certificate.renewAt;
    this.registryNodePort = service.registryNodePort;
    this.uiNodePort = service.uiNodePort;
    this.tlsSecretName = secret.secretName;
    this.namespace = secret.namespace;
    this.dockerConfigs = dockerConfigs(args);
    createPullSecrets(name, args.pullSecrets, this.dockerConfigs, this);
    this.gatewayReleaseHash = gateway.releaseHash;
    this.registerOutputs({
      registryUrl: this.registryUrl,
      uiUrl: this.uiUrl,
      certificateChain: this.certificateChain,
      certificateNotAfter: this.certificateNotAfter,
      certificateRenewAt: this.certificateRenewAt,
      registryNodePort: this.registryNodePort,
      uiNodePort: this.uiNodePort,
      tlsSecretName: this.tlsSecretName,
      namespace: this.namespace,
      dockerConfigs: this.dockerConfigs,
      gatewayReleaseHash: this.gatewayReleaseHash,
    });
  }
}

/** With HTTP-01 the responder first: it has to answer before the CA asks. Without it nothing of the stack is on port 80. */
function createCertificate(name: string, args: PrivateRegistryArgs, parent: pulumi.Resource): AcmeCertificate {
  const names = args.uiHost === undefined ? [args.registryHost] : [args.registryHost, args.uiHost];
  const { issuer = CertificateIssuer.Acme, dns01 } = args.certificate;
  if (issuer !== CertificateIssuer.Acme) {
    return new AcmeCertificate(`${name}-certificate`, { ...args.certificate, names }, { parent });
  }
  const accountKeyPem = pulumi.secret(
    args.certificate.accountKeyPem ?? createKey(`${name}-account-key`, parent).privateKeyPem,
  );
  const settings = { ...args.certificate, names, accountKeyPem };
  if (dns01) return new AcmeCertificate(`${name}-certificate`, settings, { parent });
  const responder = new AcmeResponder(
    `${name}-responder`,
    {
      hosts: args.gateways,
      names,
      accountThumbprint: pulumi.unsecret(accountKeyPem.apply(accountThumbprint)),
    },
    { parent },
  );
  return new AcmeCertificate(`${name}-certificate`, settings, { parent, dependsOn: responder });
}

/** The roots of a certificate of the stack's own CA, which no host knows by itself. */
function ownCa(
  { certificate: { issuer } }: PrivateRegistryArgs,
  certificate: AcmeCertificate,
): pulumi.Input<string> | undefined {
  return issuer === CertificateIssuer.PrivateCa ? certificate.issuerPem : undefined;
}

function createSecret(
  name: string,
  args: PrivateRegistryArgs,
  certificate: AcmeCertificate,
  client: ClientCertificate | undefined,
  parent: pulumi.Resource,
): TlsSecret {
  return new TlsSecret(
    `${name}-tls`,
    {
      chainPem: certificate.chainPem,
      keyPem: certificate.keyPem,
      ...(client ? { clientCaPem: client.caPem } : {}),
      ...given({ name: args.names?.tlsSecret, namespace: args.names?.namespace }),
    },
    { parent },
  );
}

function createPod(name: string, args: PrivateRegistryArgs, secret: TlsSecret, parent: pulumi.Resource): RegistryPod {
  const kind = uiKind(args);
  const requireClientCertificate = args.requireClientCertificate ?? true;
  if (uiProxies(kind) && !requireClientCertificate) {
    void pulumi.log.warn(
      `Whoever reaches the UI's port on a node reads all images without a password: the UI ${kind} asks the registry by itself. ` +
        "Set requireClientCertificate to true, or use the UI joxit.",
      parent,
    );
  }
  return new RegistryPod(
    `${name}-pod`,
    {
      storage: args.storage,
      tlsSecretName: secret.secretName,
      tlsChecksum: secret.checksum,
      httpSecret: createHttpSecret(name, parent),
      requireClientCertificate,
      ui: { ...args.ui, kind },
      registryHost: args.registryHost,
      ...(args.uiHost === undefined ? {} : { uiUrl: pulumi.interpolate`https://${args.uiHost}` }),
      ...given({ registry: args.registry, shutdown: args.shutdown, replicas: args.replicas, proxy: args.proxy }),
      ...given({ scheduling: args.scheduling, serviceAccountName: args.serviceAccountName }),
      ...given({ notifications: args.notifications, cleaning: args.cleaning, metrics: args.metrics }),
      ...given({ name: args.names?.deployment, namespace: args.names?.namespace, appLabel: args.names?.appLabel }),
    },
    { parent },
  );
}

function createService(name: string, args: PrivateRegistryArgs, parent: pulumi.Resource): RegistryService {
  return new RegistryService(
    `${name}-service`,
    {
      withUi: uiKind(args) !== UiKind.None,
      ...given({ registryPort: args.registry?.port, uiPort: args.ui?.port }),
      ...given({ registryNodePort: args.nodePorts?.registry, uiNodePort: args.nodePorts?.ui }),
      ...given({ name: args.names?.service, namespace: args.names?.namespace, appLabel: args.names?.appLabel }),
    },
    { parent },
  );
}

/** The gateways last: a release is proven by what the registry answers through it. */
function createGateway(
  name: string,
  args: PrivateRegistryArgs,
  certificate: AcmeCertificate,
  client: ClientCertificate | undefined,
  dependsOn: pulumi.Resource[],
  parent: pulumi.Resource,
): NginxGateway {
  return new NginxGateway(
    `${name}-gateway`,
    {
      ...args.gateway,
      hosts: args.gateways,
      registryHost: args.registryHost,
      nodeAddresses: args.nodeAddresses,
      certificate: { chainPem: certificate.chainPem, keyPem: certificate.keyPem },
      upstreamTls: {
        ...given({ caPem: args.trustedRootsPem ?? ownCa(args, certificate) }),
        ...(client ? { clientCertificatePem: client.certificatePem, clientKeyPem: client.keyPem } : {}),
      },
      users: args.users,
      ...given({ uiHost: args.uiHost, nodePorts: args.nodePorts }),
    },
    { parent, dependsOn },
  );
}

/** Without a name for it there is no UI. */
function uiKind(args: PrivateRegistryArgs): UiKind {
  return args.uiHost === undefined ? UiKind.None : (args.ui?.kind ?? UiKind.Joxit);
}

/** Made from a key of the stack, so that it is the same in every run (RFC 5869). */
function createHttpSecret(name: string, parent: pulumi.Resource): pulumi.Output<string> {
  return pulumi
    .secret(createKey(`${name}-http-key`, parent).privateKeyPem)
    .apply((key) => Buffer.from(hkdfSync("sha256", key, "", "registry http secret", 32)).toString("hex"));
}

function dockerConfigs(args: PrivateRegistryArgs): pulumi.Output<Record<string, string>> {
  return pulumi.secret(
    pulumi
      .all([args.registryHost, pulumi.all(args.users.map((user) => pulumi.all([user.name, user.password])))])
      .apply(([host, users]): Record<string, string> =>
        Object.fromEntries(users.map(([user, password]) => [user, dockerConfig(host, user, password)])),
      ),
  );
}
