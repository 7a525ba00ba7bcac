import * as pulumi from "@pulumi/pulumi";
import {
  type RegistryLogFormat,
  type RegistryLogLevel,
  type StoreCheck,
  type PrivateRegistryArgs,
  type Problem,
  type LogFormat,
  type RegistryCertificateSource,
  type RegistryTolerationArgs,
  report,
  type UiKind,
} from "./components";
import { certificate } from "./config/certificate";
import { hosts, pullSecrets, users } from "./config/people-and-hosts";
import { type Raw, readValues } from "./config/read";
import type { Values } from "./config/settings";
import { defined, texts } from "./config/shape";
import { storageArgs } from "./config/storage";

/** The stack's config, checked. */
export interface StackConfig {
  /** What the registry is made of. */
  registry: PrivateRegistryArgs;
  /** Content of a kubeconfig file; undefined for the one that kubectl uses. */
  kubeconfig?: pulumi.Output<string>;
  /** Context in the kubeconfig; undefined for its current one. */
  kubeContext?: string;
  /** True if every `up` ends by a smoke test. */
  smokeTest: boolean;
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
    ...certificate(values, problems),
    ...cluster(values, problems),
    ...storageArgs(values, problems),
    ...gateway(values),
  };
  if (problems.length > 0) throw new pulumi.RunError(report(file, problems));
  return {
    registry,
    smokeTest: values.smokeTest ?? false,
    ...defined({ kubeconfig: values.kubeconfig && pulumi.secret(values.kubeconfig), kubeContext: values.kubeContext }),
  };
}

function namesAndPeople(values: Values, problems: Problem[]) {
  const { registryHost = "", uiHost, uiBasePath = "/", nodes = [] } = values;
  if (uiHost !== undefined && uiHost === registryHost && uiBasePath === "/") {
    const advice = "give the UI its own name or a uiBasePath such as /ui/, or leave it out for no UI";
    problems.push({ property: "uiHost", expected: "another name than registryHost", got: "the same", advice });
  }
  return {
    registryHost,
    ...defined({ uiHost, trustedRootsPem: values.trustedRoots }),
    ...defined({ anonymousPull: values.anonymousPull as string[] | undefined }),
    nodeAddresses: nodes as string[],
    gateways: values.gateways ? hosts(values.gateways, values.sshPrivateKey ?? "", problems) : [],
    users: values.users ? users(values.users, problems) : [],
  };
}

function cluster(values: Values, problems: Problem[]) {
  if (values.registryNodePort === values.uiNodePort) {
    const advice = "leave both out to use 30299 and 30949";
    problems.push({ property: "uiNodePort", expected: "another port than registryNodePort", got: "the same", advice });
  }
  const { registryCpu: cpu = "", registryMemory: memory = "" } = values;
  const { registrySecretEnvironment } = values;
  return {
    registry: {
      size: { cpu, memory },
      environment: texts(values.registryEnvironment),
      ...(registrySecretEnvironment ? { secretEnvironment: pulumi.secret(texts(registrySecretEnvironment)) } : {}),
      ...defined({ image: values.registryImage, port: values.registryPort, deleteEnabled: values.deleteEnabled }),
      ...defined({ secretNames: values.registrySecretNames as string[] | undefined }),
      ...defined({ readOnly: values.readOnly, uploadHours: values.uploadHours }),
      ...defined({ storeCheck: values.registryStoreCheck as StoreCheck | undefined }),
      ...defined({
        logLevel: values.logLevel as RegistryLogLevel | undefined,
        logFormat: values.logFormat as RegistryLogFormat | undefined,
      }),
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
      createNamespace: values.createNamespace || undefined,
      adoptTlsSecret: values.adoptTlsSecret || undefined,
      deployment: values.deploymentName,
      service: values.serviceName,
      tlsSecret: values.tlsSecretName,
    }),
    scheduling: scheduling(values),
    ...(values.allowedCidrs ? { networkPolicy: { allowedCidrs: values.allowedCidrs as string[] } } : {}),
    ...defined({ pullSecrets: values.pullSecrets && pullSecrets(values.pullSecrets, problems) }),
    ...defined({
      requireClientCertificate: values.requireClientCertificate,
      redirectHttp: values.redirectHttp,
      registryCertificate: values.registryCertificate as RegistryCertificateSource | undefined,
      mutualTlsGeneration: values.mutualTlsGeneration,
      serviceAccountName: values.serviceAccountName,
    }),
  };
}

function scheduling(values: Values) {
  return {
    nodeSelector: texts(values.nodeSelector),
    labels: texts(values.podLabels),
    annotations: texts(values.podAnnotations),
    ...defined({
      tolerations: values.tolerations as RegistryTolerationArgs[] | undefined,
      priorityClassName: values.priorityClassName,
    }),
  };
}

function gateway(values: Values) {
  const { realm, readTimeoutSeconds, clientMaxBodyMiB, accessLog, errorLog, bcryptCost } = values;
  const { extraRegistryDirectives } = values;
  return {
    gateway: defined({
      realm,
      uiBasePath: values.uiBasePath,
      readTimeoutSeconds,
      clientMaxBodyMiB,
      accessLog,
      errorLog,
      bcryptCost,
      extraRegistryDirectives,
      hstsSeconds: values.hstsSeconds,
      guessesPerMinute: values.guessesPerMinute,
      logFormat: values.accessLogFormat as LogFormat | undefined,
    }),
  };
}
