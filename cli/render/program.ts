import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import { doneLine } from "../../components/internal";
import { caPem, chainPem, keyPem, leafPem } from "./certificates";
import { type Plain, plainOf } from "./wire";

/** One resource that the program made. */
export interface Made {
  /** "kubernetes:core/v1:Secret". */
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

/**
 * Runs the stack's program without an engine, a plugin or a network. What a provider would compute is the same in every
 * run. Rejects with the program's own error. Once a process: the program is a module.
 */
export async function runProgram(project: string, stack: string, config: Record<string, string>): Promise<Made[]> {
  const made: Made[] = [];
  const newResource = ({ type, name, inputs, custom }: pulumi.runtime.MockResourceArgs) => {
    const { value } = plainOf(inputs as Record<string, Plain>);
    made.push({ type, name, inputs: value as Record<string, unknown> });
    if (custom === false) return { id: undefined, state: inputs as object };
    return { id: name, state: { ...(inputs as object), ...computed(type, value as Record<string, unknown>) } };
  };
  await pulumi.runtime.setMocks({ newResource, call: ({ inputs }) => inputs as object }, project, stack, false);
  const prefixed = Object.fromEntries(Object.entries(config).map(([key, value]) => [`${project}:${key}`, value]));
  pulumi.runtime.setAllConfig(prefixed);
  process.env["PULUMI_CONFIG_SECRET_KEYS"] = JSON.stringify(Object.keys(prefixed));
  await new Promise<void>((resolve, reject) => {
    process.once("unhandledRejection", reject);
    createRequire(__filename)("../../index");
    pulumi.runtime.disconnect().then(resolve, reject);
  });
  return made;
}

/** What a provider answers beyond the inputs. */
function computed(type: string, inputs: Record<string, unknown>): Record<string, unknown> {
  switch (type) {
    case "tls:index/privateKey:PrivateKey":
      return { privateKeyPem: keyPem, privateKeyPemPkcs8: keyPem, publicKeyPem: keyPem };
    case "tls:index/selfSignedCert:SelfSignedCert":
      return { certPem: caPem };
    case "tls:index/locallySignedCert:LocallySignedCert":
      return { certPem: leafPem([]) };
    case "tls:index/certRequest:CertRequest":
      return { certRequestPem: "placeholder\n" };
    case "command:remote:Command":
      return { stdout: doneLine(String(inputs["stdin"]), "create"), stderr: "" };
    case "pulumi-nodejs:dynamic/private-registry:UserFile":
      return { file: "" };
    default:
      if (type.endsWith(":AcmeChain")) return issued(inputs);
      if (type === "kubernetes:core/v1:Service")
        return { metadata: inputs["metadata"], spec: withPorts(inputs["spec"]) };
      return type.startsWith("kubernetes:") ? { metadata: inputs["metadata"] } : {};
  }
}

/** A port of the nodes that Kubernetes would choose is 1. */
function withPorts(spec: unknown): object {
  const { ports = [], ...rest } = spec as { ports?: object[] };
  return { ...rest, ports: ports.map((port) => ({ nodePort: 1, ...port })) };
}

/** A certificate as if the CA had issued it. */
function issued({ names = [] }: Record<string, unknown>): Record<string, unknown> {
  return {
    chainPem: chainPem(names as string[]),
    leafPem: leafPem(names as string[]),
    issuerPem: caPem,
    notBefore: "2020-01-01T00:00:00Z",
    notAfter: "2049-01-01T00:00:00Z",
    renewAt: "2048-01-01T00:00:00Z",
    renewReason: "placeholder",
    serialNumber: "01",
    fingerprintSha256: "00",
    accountUrl: "https://ca.example.com/account",
  };
}
