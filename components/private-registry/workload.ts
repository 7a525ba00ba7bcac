import { hkdfSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { omitUndefined } from "../checks/omit-undefined";
import { from } from "../checks/origin";
import { RegistryPod } from "../registry-pod";
import { RegistryService } from "../registry-service";
import { TlsSecret } from "../tls-secret";
import type { PrivateRegistryArgs } from "./args";
import { createKey, type MutualTls } from "./mutual-tls";
import { allowedCidrs, limitsPorts } from "./network-policy";
import { hasUi, uiIsOpen } from "./open-ui";
import { originOf } from "./origins";

/** The namespace of everything; undefined: the default one. */
export type Namespace = pulumi.Input<string> | undefined;

/** The secret that the registry reads: its certificate, and which client certificates it trusts. */
export function createSecret(
  name: string,
  { cluster }: PrivateRegistryArgs,
  needs: {
    certificate: { chainPem: pulumi.Input<string>; keyPem: pulumi.Input<string> };
    mutualTls: MutualTls;
    namespace: Namespace;
  },
  parent: pulumi.Resource,
): TlsSecret {
  const { certificate, mutualTls, namespace } = needs;
  const { client, registry } = mutualTls;
  const settings = {
    chainPem: registry?.certificatePem ?? certificate.chainPem,
    keyPem: registry?.keyPem ?? certificate.keyPem,
    ...(client ? { clientCaPem: client.caPem } : {}),
    ...omitUndefined({ name: cluster?.names?.tlsSecret, namespace, adopt: cluster?.adoptTlsSecret }),
  };
  return new TlsSecret(`${name}-tls`, from(originOf(name, "secret"), settings), { parent });
}

/** What a pod needs of the registry's other parts. */
export interface PodNeeds {
  secret: TlsSecret;
  httpSecret: pulumi.Output<string>;
  namespace: Namespace;
}

/** The pod; warns if its UI would be a way round the password. */
export function createPod(
  name: string,
  args: PrivateRegistryArgs,
  { secret, httpSecret, namespace }: PodNeeds,
  parent: pulumi.Resource,
): RegistryPod {
  if (uiIsOpen(args)) {
    void pulumi.log.warn(
      `Whoever reaches the UI's port on a node reads all images without a password: the UI ${args.ui?.kind} asks the registry by itself. ` +
        "A NetworkPolicy limits the ports to the gateways, if the cluster's network enforces such policies. " +
        "Set backend.requireClientCertificate to true, or use the UI joxit.",
      parent,
    );
  }
  const { cluster, registry, ui, monitoring, scheduling } = args;
  const settings = {
    storage: args.storage,
    tlsSecretName: secret.secretName,
    tlsChecksum: secret.checksum,
    httpSecret,
    requireClientCertificate: args.backend?.requireClientCertificate ?? true,
    registryHost: args.registryHost,
    ...omitUndefined({ registry, ui, monitoring, scheduling }),
    ...omitUndefined({ serviceAccountName: cluster?.serviceAccountName, allowedCidrs: allowedCidrs(name, args) }),
    ...omitUndefined({ waitWithKubectl: cluster?.waitWithKubectl }),
    ...omitUndefined({ name: cluster?.names?.deployment, namespace, appLabel: cluster?.names?.appLabel }),
  };
  return new RegistryPod(`${name}-pod`, from(originOf(name, "pod"), settings), { parent });
}

/** The service with the two NodePorts. */
export function createService(
  name: string,
  args: PrivateRegistryArgs,
  namespace: Namespace,
  parent: pulumi.Resource,
): RegistryService {
  const { names, nodePorts } = args.cluster ?? {};
  const settings = {
    withUi: hasUi(args),
    localTraffic: limitsPorts(args),
    ...omitUndefined({ registryPort: args.registry?.port, uiPort: args.ui?.port }),
    ...omitUndefined({ registryNodePort: nodePorts?.registry, uiNodePort: nodePorts?.ui }),
    ...omitUndefined({ name: names?.service, namespace, appLabel: names?.appLabel }),
  };
  return new RegistryService(`${name}-service`, from(originOf(name, "service"), settings), { parent });
}

/** Made from a key of the stack, so that it is the same in every run (RFC 5869). */
export function createHttpSecret(name: string, parent: pulumi.Resource): pulumi.Output<string> {
  return pulumi
    .secret(createKey(`${name}-http-key`, parent).privateKeyPem)
    .apply((key) => Buffer.from(hkdfSync("sha256", key, "", "registry http secret", 32)).toString("hex"));
}
