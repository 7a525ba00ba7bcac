import { createHash } from "node:crypto";
import { Secret } from "@pulumi/kubernetes/core/v1/secret";
import * as pulumi from "@pulumi/pulumi";
import { outputsOf } from "./outputs";
import { Checker } from "./checks/checker";
import { dataKey, objectName } from "./checks/kubernetes";
import { certificates, keyPem } from "./checks/rules";
import { flag, type Members, plain, text } from "./checks/value";
import { NAMESPACE } from "./registry/pod-args";

/** Arguments of `TlsSecret`. */
export interface TlsSecretArgs {
  /** The certificate for the registry, then its intermediates, in PEM. */
  chainPem: pulumi.Input<string>;
  /** The certificate's private key, in PEM. A secret. */
  keyPem: pulumi.Input<string>;
  /**
   * The CA, in PEM, whose client certificates the registry accepts. It is put beside the certificate as `ca.crt`.
   * Default: none, and the registry then asks for no client certificate.
   */
  clientCaPem?: pulumi.Input<string>;
  /** Name of the secret. Default `registry-tls-secret`. */
  name?: pulumi.Input<string>;
  /**
   * True to take over a secret of that name that somebody made by hand, as in the recipe; it is then the stack's, and
   * goes with it. Not an output. Default false: a secret that is there with other content fails the run with
   * "conflict", and stays as it is.
   */
  adopt?: boolean;
  /** Namespace of the secret, the same as the pod's. Default `kube-system`. */
  namespace?: pulumi.Input<string>;
  /** Key under which the secret holds the chain. Default `domain.crt`. */
  certificateFile?: pulumi.Input<string>;
  /** Key under which the secret holds the private key. Default `domain.key`. */
  keyFile?: pulumi.Input<string>;
}

/** The name of the secret. */
export const TLS_SECRET_NAME = text({ rule: objectName, default: "registry-tls-secret" });

const CHAIN = { rule: certificates, advice: "give the chain of the certificate, leaf first" } as const;
const TLS_SECRET = {
  chainPem: text({ ...CHAIN, required: true }),
  keyPem: text({ rule: keyPem, required: true, secret: true, advice: "give the certificate's private key" }),
  clientCaPem: text({ rule: certificates, advice: "give a CA certificate or leave it out" }),
  name: TLS_SECRET_NAME,
  adopt: plain(flag({ default: false })),
  namespace: NAMESPACE,
  certificateFile: text({ rule: dataKey, default: "domain.crt" }),
  keyFile: text({ rule: dataKey, default: "domain.key" }),
} satisfies Members<TlsSecretArgs>;

/**
 * The secret from which the registry takes its certificate: `registry-tls-secret` in `kube-system`, with the files
 * `domain.crt` and `domain.key`.
 *
 * A renewed certificate updates the secret in place if the Kubernetes provider has `enableSecretMutable: true`, as the
 * one of this project's stack has. Without it the provider deletes and creates the secret at each renewal.
 *
 * @example
 * const secret = new TlsSecret("main", { chainPem: certificate.chainPem, keyPem: certificate.keyPem });
 */
export class TlsSecret extends pulumi.ComponentResource {
  /** Name of the secret. */
  public readonly secretName: pulumi.Output<string>;
  /** Namespace of the secret. */
  public readonly namespace: pulumi.Output<string>;
  /** SHA-256 of what the secret holds; it changes when the certificate does. Not a secret. */
  public readonly checksum: pulumi.Output<string>;

  /** Raises an error that names every argument that is not right. */
  constructor(name: string, args: TlsSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:index:TlsSecret", name, {}, opts);
    const input = checked(name, args);
    const secret = new Secret(
      name,
      {
        metadata: {
          name: input.name,
          namespace: input.namespace,
          ...(args.adopt ? { annotations: { "pulumi.com/patchForce": "true" } } : {}),
        },
        type: "Opaque",
        data: encoded(input.files),
      },
      { parent: this },
    );
    this.secretName = secret.metadata.name;
    this.namespace = secret.metadata.namespace;
    this.checksum = pulumi.unsecret(input.files.apply(checksumOf));
    this.registerOutputs(outputsOf(this));
  }
}

interface Checked {
  name: pulumi.Output<string>;
  namespace: pulumi.Output<string>;
  files: pulumi.Output<Record<string, string>>;
}

function checked(name: string, args: TlsSecretArgs): Checked {
  const checker = new Checker(`TlsSecret "${name}"`, args);
  const input = checker.read(TLS_SECRET, args);
  checker.done();
  const files = pulumi
    .all([input.certificateFile, input.chainPem, input.keyFile, input.keyPem, input.clientCaPem ?? ""])
    .apply(([certificateName, certificate, keyName, privateKey, clientCa]): Record<string, string> => ({
      [certificateName]: certificate,
      [keyName]: privateKey,
      ...(clientCa === "" ? {} : { "ca.crt": clientCa }),
    }));
  return { name: input.name, namespace: input.namespace, files };
}

function encoded(files: Checked["files"]): pulumi.Output<Record<string, string>> {
  return files.apply((plain) =>
    Object.fromEntries(Object.entries(plain).map(([file, text]) => [file, Buffer.from(text).toString("base64")])),
  );
}

function checksumOf(files: Record<string, string>): string {
  return createHash("sha256")
    .update(JSON.stringify(Object.entries(files).sort()))
    .digest("hex");
}
