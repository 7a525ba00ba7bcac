import { LocallySignedCert } from "@pulumi/tls/locallySignedCert";
import { CertRequest } from "@pulumi/tls/certRequest";
import { PrivateKey } from "@pulumi/tls/privateKey";
import { SelfSignedCert } from "@pulumi/tls/selfSignedCert";
import * as pulumi from "@pulumi/pulumi";
import { asciiName } from "../checks/rules";
import { BackendCertificateSource, type PrivateRegistryArgs } from "./args";

const YEAR = 8760;

/** What one of the two sides shows, and what the other one trusts. */
export interface InnerCertificate {
  /** The CAs that are trusted, in PEM. */
  caPem: pulumi.Output<string>;
  /** The certificate, in PEM. */
  certificatePem: pulumi.Output<string>;
  /** Its private key, in PEM. A secret. */
  keyPem: pulumi.Output<string>;
}

/** The certificates between gateways and registry, as far as they are the stack's own. */
export interface MutualTls {
  /** What the gateways show; none if the registry accepts everybody. */
  client: InnerCertificate | undefined;
  /** What the registry shows; none if that is the certificate that the gateways serve. */
  registry: InnerCertificate | undefined;
}

/*
 * CAs of the stack, by which the registry and its gateways know each other. A CA lives for twenty years and a
 * certificate for ten; each is renewed by the first `up` in its last year, a CA with its key, so that what it signed
 * before stays good.
 *
 * Another generation is other keys for all of it. In one `up` the pods change first and the gateways last, so in
 * between an old gateway meets a new pod, and, as the pods are replaced one after the other, a gateway meets old and
 * new ones. So the pods go on trusting the former generation's client CA, and the gateways trust the next generation's
 * registry CA beforehand.
 */

/** Makes them, of the generation that is asked for. */
export function createMutualTls(name: string, args: PrivateRegistryArgs, parent: pulumi.Resource): MutualTls {
  const { requireClientCertificate = true, certificate, generation: text = "0" } = args.backend ?? {};
  const generation = Number(text);
  const own = certificate === BackendCertificateSource.PrivateCa;
  return {
    client: requireClientCertificate ? createClientCertificate(name, generation, parent) : undefined,
    registry: own ? createRegistryCertificate(name, generation, args.registryHost, parent) : undefined,
  };
}

/** The certificate by which the registry knows its gateways. It trusts this generation's CA and the former one's. */
function createClientCertificate(name: string, generation: number, parent: pulumi.Resource): InnerCertificate {
  const ca = createCa(`${name}-client-ca`, "client CA", generation, parent);
  const former = generation === 0 ? [] : [createCa(`${name}-client-ca`, "client CA", generation - 1, parent)];
  return {
    caPem: together([ca, ...former]),
    ...createCertificate(`${name}-client`, ca, generation, { commonName: "private-registry gateway" }, parent),
  };
}

/**
 * The certificate by which the gateways know the registry, for its host name. They trust this generation's CA and the
 * next one's.
 */
function createRegistryCertificate(
  name: string,
  generation: number,
  host: pulumi.Input<string>,
  parent: pulumi.Resource,
): InnerCertificate {
  const ca = createCa(`${name}-registry-ca`, "registry CA", generation, parent);
  const next = createCa(`${name}-registry-ca`, "registry CA", generation + 1, parent);
  return {
    caPem: together([ca, next]),
    ...createCertificate(`${name}-registry`, ca, generation, { commonName: "private-registry registry", host }, parent),
  };
}

/** A CA of the stack. */
export interface Ca {
  certificatePem: pulumi.Output<string>;
  keyPem: pulumi.Output<string>;
}

/** A CA for twenty years; the title is a part of its common name. */
export function createCa(name: string, title: string, generation: number, parent: pulumi.Resource): Ca {
  const key = createKey(`${name}-key${suffix(generation)}`, parent);
  const commonName = caName(title, generation);
  const ca = new SelfSignedCert(
    `${name}${suffix(generation)}`,
    {
      privateKeyPem: pulumi.secret(key.privateKeyPem),
      isCaCertificate: true,
      subject: { commonName },
      allowedUses: ["cert_signing", "crl_signing"],
      validityPeriodHours: 20 * YEAR,
      earlyRenewalHours: YEAR,
      setSubjectKeyId: true,
    },
    { parent },
  );
  return { certificatePem: ca.certPem, keyPem: pulumi.secret(key.privateKeyPem) };
}

/** The common name of a CA. */
export function caName(title: string, generation: number): string {
  return `private-registry ${title}${generation === 0 ? "" : ` ${generation}`}`;
}

/** What a certificate is for: a client without a host name, or a server of this name. */
export interface Holder {
  commonName: string;
  host?: pulumi.Input<string>;
}

/** A certificate for ten years, and its key. */
export function createCertificate(
  name: string,
  ca: Ca,
  generation: number,
  { commonName, host }: Holder,
  parent: pulumi.Resource,
): Omit<InnerCertificate, "caPem"> {
  const key = createKey(`${name}-key${suffix(generation)}`, parent);
  const request = new CertRequest(
    `${name}-request${suffix(generation)}`,
    {
      privateKeyPem: pulumi.secret(key.privateKeyPem),
      subject: { commonName },
      ...(host === undefined ? {} : { dnsNames: [pulumi.output(host).apply(asciiName)] }),
    },
    { parent },
  );
  const certificate = new LocallySignedCert(
    `${name}-certificate${suffix(generation)}`,
    {
      certRequestPem: request.certRequestPem,
      caCertPem: ca.certificatePem,
      caPrivateKeyPem: ca.keyPem,
      allowedUses: ["digital_signature", host === undefined ? "client_auth" : "server_auth"],
      validityPeriodHours: 10 * YEAR,
      earlyRenewalHours: YEAR,
    },
    { parent },
  );
  return { certificatePem: certificate.certPem, keyPem: pulumi.secret(key.privateKeyPem) };
}

/** The first generation has the names that were there before there were generations. */
function suffix(generation: number): string {
  return generation === 0 ? "" : `-${generation}`;
}

/** Certificates as one text. */
export function together(all: Ca[]): pulumi.Output<string> {
  if (all.length === 1 && all[0]) return all[0].certificatePem;
  return pulumi
    .all(all.map(({ certificatePem }) => certificatePem))
    .apply((texts) => texts.map((text) => `${text.trim()}\n`).join(""));
}

/** A P-256 key of the stack; everything private in it is a secret. */
export function createKey(name: string, parent: pulumi.Resource): PrivateKey {
  const additionalSecretOutputs = ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"];
  return new PrivateKey(name, { algorithm: "ECDSA", ecdsaCurve: "P256" }, { parent, additionalSecretOutputs });
}
