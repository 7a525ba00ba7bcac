import * as pulumi from "@pulumi/pulumi";
import { Checker } from "../checks/checker";
import { cronSchedule, dataKey, image, integer, labelName, labelValue, objectName, port, text } from "../checks/rules";
import type { RegistryShutdownArgs } from "./args";
import { type CheckedBackup, checkBackup } from "./backup/check";
import { type CheckedRegistry, type CheckedUi, checkRegistry, checkUi } from "./check-containers";
import { checkDebugPort } from "./monitoring/debug-port";
import type { RegistryCleaningArgs } from "./garbage-collection/args";
import type { RegistryMetricsArgs } from "./monitoring/args";
import { checkNetworkPolicy } from "./network-policy/network-policy";
import { type FeatureVariables, notificationVariables, proxyVariables } from "./features/features";
import type { RegistryPodArgs } from "./pod-args";
import { type StorageParts, storageParts } from "./storage/storage";

/** The arguments of a `RegistryPod`, checked and with their defaults. */
export interface CheckedPod {
  name: pulumi.Output<string>;
  namespace: pulumi.Output<string>;
  appLabel: pulumi.Output<string>;
  versionLabel: pulumi.Output<string>;
  tlsSecretName: pulumi.Output<string>;
  certificateFile: pulumi.Output<string>;
  keyFile: pulumi.Output<string>;
  httpSecret: pulumi.Output<string>;
  waitSeconds: pulumi.Output<number>;
  drainSeconds: pulumi.Output<number>;
  /** How long a pod that is told to stop may live, at most. */
  graceSeconds: pulumi.Output<number>;
  /** True if it is certain from the start that nobody pushes. */
  readOnly: boolean;
  replicas: number;
  /** True for a cache of another registry. */
  isCache: boolean;
  registry: CheckedRegistry;
  ui: CheckedUi;
  storage: StorageParts;
  proxy: FeatureVariables;
  notifications: pulumi.Output<Record<string, string>>;
  cleaning: CheckedCleaning | undefined;
  metricsPort: pulumi.Output<number> | undefined;
  backup: CheckedBackup | undefined;
  /** Ranges of addresses from which registry and UI are reached; undefined for any. */
  allowedCidrs: pulumi.Output<string[]> | undefined;
}

/** The cleaning of a registry, checked. */
export interface CheckedCleaning {
  schedule: pulumi.Output<string>;
  kubectlImage: pulumi.Output<string>;
  deleteUntagged: pulumi.Output<boolean>;
}

const keep = (standard: string): string => `leave it out to use ${standard}`;

/** Checks the arguments of a `RegistryPod`; throws one error that names every one that is not right. */
export function checkPod(name: string, args: RegistryPodArgs): CheckedPod {
  const checker = new Checker(`RegistryPod "${name}"`);
  const storage = storageParts(checker, args.storage);
  const given = checkRegistry(checker, args.registry ?? {}, (args.notifications ?? []).length > 0);
  const registry = checkDebugPort(checker, args, given);
  const checked = {
    ...checkNames(checker, args),
    ...checkShutdown(checker, args.shutdown ?? {}),
    readOnly: args.registry?.readOnly === true,
    registry,
    ui: checkUi(checker, args.ui ?? {}),
    storage,
    replicas: checkReplicas(checker, args, storage),
    isCache: args.proxy !== undefined,
    proxy: proxyVariables(checker, args.proxy),
    notifications: notificationVariables(checker, args.notifications),
    cleaning: args.cleaning && checkCleaning(checker, args.cleaning, registry),
    metricsPort: args.metrics && checkMetrics(checker, args.metrics),
    allowedCidrs: args.networkPolicy && checkNetworkPolicy(checker, args.networkPolicy),
    backup: args.backup && checkBackup(checker, args.backup, args.storage, registry.image),
  };
  checker.done();
  return checked;
}

function checkNames(checker: Checker, args: RegistryPodArgs) {
  const secret = { secret: true };
  return {
    name: checker.check("name", args.name ?? "kube-registry-v0", objectName("kube-registry-v0")),
    namespace: checker.check("namespace", args.namespace ?? "kube-system", labelName("kube-system")),
    appLabel: checker.check("appLabel", args.appLabel ?? "kube-registry", labelValue(keep("kube-registry"))),
    versionLabel: checker.check("versionLabel", args.versionLabel ?? "v0", labelValue(keep("v0"))),
    tlsSecretName: checker.check("tlsSecretName", args.tlsSecretName, objectName("the output of a TlsSecret")),
    certificateFile: checker.check("certificateFile", args.certificateFile ?? "domain.crt", dataKey("domain.crt")),
    keyFile: checker.check("keyFile", args.keyFile ?? "domain.key", dataKey("domain.key")),
    httpSecret: checker.check("httpSecret", args.httpSecret, text(4096, "give 32 random characters or more"), secret),
  };
}

function checkShutdown(checker: Checker, args: RegistryShutdownArgs) {
  const waitSeconds = checker.check("shutdown.waitSeconds", args.waitSeconds ?? 5, integer(0, 300, keep("5")));
  const drain = args.drainSeconds ?? 300;
  const drainSeconds = checker.check("shutdown.drainSeconds", drain, integer(1, 3600, keep("300")));
  const graceSeconds = pulumi.all([waitSeconds, drainSeconds]).apply(([wait, most]) => wait + most + 10);
  return { waitSeconds, drainSeconds, graceSeconds };
}

/** Several pods need images that all of them reach, and none may collect garbage while another takes a push. */
function checkReplicas(checker: Checker, args: RegistryPodArgs, storage: StorageParts): number {
  const replicas = args.replicas ?? 1;
  const got = JSON.stringify(replicas);
  const complaint = integer(1, 100, keep("1"))(replicas);
  if (complaint) checker.add({ property: "replicas", ...complaint, got });
  if (replicas > 1 && !storage.shared) {
    const advice = "use an object store, or a claim with accessMode ReadWriteMany, to have more";
    checker.add({ property: "replicas", expected: "1 with this storage", got, advice });
  }
  if (replicas > 1 && args.cleaning && args.registry?.readOnly !== true) {
    const advice =
      "set registry.readOnly to true while they collect, or leave out cleaning: while one pod collects, another could take a push, and its layers would be lost";
    checker.add({ property: "replicas", expected: "1 with cleaning", got, advice });
  }
  return replicas;
}

function checkCleaning(checker: Checker, args: RegistryCleaningArgs, registry: CheckedRegistry): CheckedCleaning {
  const standard = "registry.k8s.io/kubectl:v1.35.0";
  const version3 = pulumi.all([args.deleteUntagged ?? false, registry.image]).apply(([untagged, name]) => {
    if (!untagged || /:v?3(\.\d+)*(@|$|-)/.test(name)) return untagged;
    throw new pulumi.InputPropertyError({
      propertyPath: "cleaning.deleteUntagged",
      reason: `cleaning.deleteUntagged must be false with ${name}: version 2 takes parts of images for several platforms; use registry:3`,
    });
  });
  return {
    schedule: checker.check("cleaning.schedule", args.schedule ?? "0 4 * * 0", cronSchedule("0 4 * * 0")),
    kubectlImage: checker.check("cleaning.kubectlImage", args.kubectlImage ?? standard, image(standard)),
    deleteUntagged: version3,
  };
}

function checkMetrics(checker: Checker, args: RegistryMetricsArgs): pulumi.Output<number> {
  checker.check("metrics.certificateHours", args.certificateHours ?? 336, integer(1, 87600, keep("336")));
  return checker.check("metrics.port", args.port ?? 5001, port(5001));
}
