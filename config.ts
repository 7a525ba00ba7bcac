import * as pulumi from "@pulumi/pulumi";
import { type PrivateRegistryArgs, type Problem, report, type KeyType, type UiKind } from "./components";
import { hosts, users } from "./config/people-and-hosts";
import { type Raw, readValues } from "./config/read";
import type { Values } from "./config/settings";

/** The stack's config, checked. */
export interface StackConfig {
  /** What the registry is made of. */
  registry: PrivateRegistryArgs;
  /** Content of a kubeconfig file; undefined for the one that kubectl uses. */
  kubeconfig?: pulumi.Output<string>;
  /** Context in the kubeconfig; undefined for its current one. */
  kubeContext?: string;
}

/** Reads the config of the running stack. Throws a `pulumi.RunError` with every problem at once; no secret is in it. */
export function loadConfig(): StackConfig {
  const prefix = `${pulumi.getProject()}:`;
  const own = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith(prefix));
  const raw = Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]));
  const secretKeys = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] || "[]") as string[];
  return readConfig(raw, `Pulumi.${pulumi.getStack()}.yaml`, (key) => secretKeys.includes(prefix + key));
}

/**
 * As `loadConfig`, from plain data.
 * @param file Where the user looks for it.
 * @param encrypted Says of a key whether its value, or a part of it, is encrypted.
 */
export function readConfig(raw: Raw, file: string, encrypted: (key: string) => boolean): StackConfig {
  const problems: Problem[] = [];
  const values = readValues(raw, encrypted, problems);
  const registry = {
    ...namesAndPeople(values, problems),
    ...certificate(values),
    ...cluster(values, problems),
    ...gateway(values),
  };
  if (problems.length > 0) throw new pulumi.RunError(report(file, problems));
  return {
    registry,
    ...defined({ kubeconfig: values.kubeconfig && pulumi.secret(values.kubeconfig), kubeContext: values.kubeContext }),
  };
}

function namesAndPeople(values: Values, problems: Problem[]) {
  const { registryHost = "", uiHost, nodes = [] } = values;
  if (uiHost !== undefined && uiHost === registryHost) {
    const advice = "give the UI its own name, or leave it out for no UI";
    problems.push({ property: "uiHost", expected: "another name than registryHost", got: "the same", advice });
  }
  return {
    registryHost,
    ...defined({ uiHost, trustedRootsPem: values.trustedRoots }),
    nodeAddresses: nodes as string[],
    gateways: values.gateways ? hosts(values.gateways, values.sshPrivateKey ?? "", problems) : [],
    users: values.users ? users(values.users, problems) : [],
  };
}

function certificate(values: Values) {
  return {
    certificate: {
      termsAgreed: values.acmeTermsAgreed ?? false,
      ...defined({
        directory: values.acmeDirectory,
        directoryCaPem: values.acmeDirectoryCa,
        contacts: values.acmeContacts as string[] | undefined,
        accountKeyPem: values.acmeAccountKey && pulumi.secret(values.acmeAccountKey),
        keyType: values.certificateKeyType as KeyType | undefined,
        profile: values.acmeProfile,
        renewBeforeHours: values.renewBeforeHours,
        timeoutSeconds: values.acmeTimeoutSeconds,
      }),
    },
  };
}

function cluster(values: Values, problems: Problem[]) {
  if (values.registryNodePort === values.uiNodePort) {
    const advice = "leave both out to use 30299 and 30949";
    problems.push({ property: "uiNodePort", expected: "another port than registryNodePort", got: "the same", advice });
  }
  const { storageNode: nodeName = "", storagePath: path, registryCpu: cpu = "", registryMemory: memory = "" } = values;
  const { registrySecretEnvironment } = values;
  return {
    storage: { hostPath: { nodeName, ...defined({ path }) } },
    registry: {
      size: { cpu, memory },
      environment: texts(values.registryEnvironment),
      ...(registrySecretEnvironment ? { secretEnvironment: pulumi.secret(texts(registrySecretEnvironment)) } : {}),
      ...defined({ image: values.registryImage, port: values.registryPort, deleteEnabled: values.deleteEnabled }),
    },
    ui: {
      environment: texts(values.uiEnvironment),
      ...defined({ kind: values.uiKind as UiKind | undefined, image: values.uiImage }),
      ...defined({ title: values.uiTitle, port: values.uiPort }),
    },
    shutdown: defined({ waitSeconds: values.waitSeconds, drainSeconds: values.drainSeconds }),
    nodePorts: defined({ registry: values.registryNodePort, ui: values.uiNodePort }),
    names: defined({
      namespace: values.namespace,
      deployment: values.deploymentName,
      service: values.serviceName,
      tlsSecret: values.tlsSecretName,
    }),
    ...defined({ requireClientCertificate: values.requireClientCertificate }),
  };
}

function gateway(values: Values) {
  const { realm, readTimeoutSeconds, clientMaxBodyMiB, accessLog, errorLog, bcryptCost } = values;
  const { extraRegistryDirectives } = values;
  return {
    gateway: defined({
      realm,
      readTimeoutSeconds,
      clientMaxBodyMiB,
      accessLog,
      errorLog,
      bcryptCost,
      extraRegistryDirectives,
    }),
  };
}

/** Numbers and booleans as the variables that they are meant to be. */
function texts(variables: Record<string, unknown> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
}

/** The members that are there. */
function defined<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined | ""> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== "")) as {
    [K in keyof T]?: Exclude<T[K], undefined | "">;
  };
}
