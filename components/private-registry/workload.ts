import { hkdfSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { given } from "../checks/omit-undefined";
import { UiKind } from "../registry/args";
import { RegistryPod } from "../registry-pod";
import { RegistryService } from "../registry-service";
import { TlsSecret } from "../tls-secret";
import type { PrivateRegistryArgs } from "./args";
import { createKey, type InnerCertificate } from "./mutual-tls";
import { networkPolicy, uiIsOpen, uiKind } from "./network-policy";

/** The secret that the registry reads: its certificate, and which client certificates it trusts. */
export function createSecret(
  name: string,
  args: PrivateRegistryArgs,
  certificate: { chainPem: pulumi.Input<string>; keyPem: pulumi.Input<string> },
  client: InnerCertificate | undefined,
  parent: pulumi.Resource,
): TlsSecret {
  return new TlsSecret(
    `${name}-tls`,
    {
      chainPem: certificate.chainPem,
      keyPem: certificate.keyPem,
      ...(client ? { clientCaPem: client.caPem } : {}),
      ...given({ name: args.names?.tlsSecret, namespace: args.names?.namespace }),
      ...given({ adopt: args.names?.adoptTlsSecret }),
    },
    { parent },
  );
}

/** The pod; warns if its UI would be a way round the password. */
export function createPod(
  name: string,
  args: PrivateRegistryArgs,
  secret: TlsSecret,
  parent: pulumi.Resource,
): RegistryPod {
  const kind = uiKind(args);
  const requireClientCertificate = args.requireClientCertificate ?? true;
  if (uiIsOpen(args)) {
    void pulumi.log.warn(
      `Whoever reaches the UI's port on a node reads all images without a password: the UI ${kind} asks the registry by itself. ` +
        "A NetworkPolicy limits the ports to the gateways, if the cluster's network holds such policies. " +
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
      ...given({ backup: args.backup, networkPolicy: networkPolicy(args) }),
      ...given({ name: args.names?.deployment, namespace: args.names?.namespace, appLabel: args.names?.appLabel }),
    },
    { parent },
  );
}

/** The service with the two NodePorts. */
export function createService(name: string, args: PrivateRegistryArgs, parent: pulumi.Resource): RegistryService {
  return new RegistryService(
    `${name}-service`,
    {
      withUi: uiKind(args) !== UiKind.None,
      localTraffic: networkPolicy(args) !== undefined,
      ...given({ registryPort: args.registry?.port, uiPort: args.ui?.port }),
      ...given({ registryNodePort: args.nodePorts?.registry, uiNodePort: args.nodePorts?.ui }),
      ...given({ name: args.names?.service, namespace: args.names?.namespace, appLabel: args.names?.appLabel }),
    },
    { parent },
  );
}

/** Made from a key of the stack, so that it is the same in every run (RFC 5869). */
function createHttpSecret(name: string, parent: pulumi.Resource): pulumi.Output<string> {
  return pulumi
    .secret(createKey(`${name}-http-key`, parent).privateKeyPem)
    .apply((key) => Buffer.from(hkdfSync("sha256", key, "", "registry http secret", 32)).toString("hex"));
}
