import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { PrivateKey } from "@pulumi/tls";
import {
  accountThumbprint,
  AcmeCertificate,
  AcmeResponder,
  NginxGateway,
  RegistryPod,
  RegistryService,
  TlsSecret,
} from "private-registry";

/** The parts that a program may want to know more of. */
export interface SmallRegistry {
  certificate: AcmeCertificate;
  gateway: NginxGateway;
}

/**
 * A registry without a web UI, put together from the parts: it has a namespace of its own, and other names and ports than the
 * first registry of the cluster. Its gateway is another site of the same nginx host.
 */
export function smallRegistry(
  name: string,
  config: pulumi.Config,
  namespace: pulumi.Input<string>,
  provider: Provider,
): SmallRegistry {
  const registryHost = config.require("smallRegistryHost");
  const gateway = config.requireObject<{ address: string; user: string; hostKey: string }>("gateway");
  const hosts = { gateways: [gateway], ssh: { privateKey: config.requireSecret("sshPrivateKey") } };
  const names = { name: "small-registry", namespace, appLabel: "small-registry" };

  const accountKey = new PrivateKey(`${name}-account`, { algorithm: "ECDSA", ecdsaCurve: "P256" });
  const responder = new AcmeResponder(`${name}-responder`, {
    ...hosts,
    names: [registryHost],
    accountThumbprint: pulumi.unsecret(accountKey.privateKeyPem.apply(accountThumbprint)),
  });
  const directoryCaPem = config.get("acmeDirectoryCa");
  const certificate = new AcmeCertificate(
    `${name}-certificate`,
    {
      names: [registryHost],
      accountKeyPem: accountKey.privateKeyPem,
      directory: config.get("acmeDirectory") ?? "staging",
      termsAgreed: true,
      ...(directoryCaPem ? { directoryCaPem } : {}),
    },
    { dependsOn: responder },
  );

  const secret = new TlsSecret(
    `${name}-tls`,
    { chainPem: certificate.chainPem, keyPem: certificate.keyPem, name: "small-registry-tls", namespace },
    { providers: [provider] },
  );
  const pod = new RegistryPod(
    `${name}-pod`,
    {
      ...names,
      storage: { hostPath: { path: "/data/small_registry", nodeName: config.require("nodeName") } },
      tlsSecretName: secret.secretName,
      tlsChecksum: secret.checksum,
      httpSecret: config.requireSecret("httpSecret"),
    },
    { providers: [provider] },
  );
  const service = new RegistryService(
    `${name}-service`,
    { ...names, registryNodePort: 30300, withUi: false },
    { providers: [provider] },
  );

  const trustedRoots = config.get("trustedRoots");
  const site = new NginxGateway(
    `${name}-gateway`,
    {
      ...hosts,
      registryHost,
      nodeAddresses: [config.require("nodeAddress")],
      nodePorts: { registry: service.registryNodePort },
      certificate: { chainPem: certificate.chainPem, keyPem: certificate.keyPem },
      ...(trustedRoots ? { upstreamTls: { caPem: trustedRoots } } : {}),
      users: [{ name: "reader", role: "pull", password: config.requireSecret("password") }],
    },
    { dependsOn: [pod, service] },
  );
  return { certificate, gateway: site };
}
