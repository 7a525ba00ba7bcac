import * as pulumi from "@pulumi/pulumi";
import { Checker } from "../checks/checker";
import { isGiven, isTable } from "../checks/judge";
import { bothOrNeither, withoutEffect } from "../checks/relations";
import type { Checked } from "../checks/value";
import { backupParts, checkBackup, type BackupParts } from "./backup/check";
import { checkContainers, type CheckedRegistry, registryParts, type UiParts, uiParts } from "./check-containers";
import { loginFiles } from "./features/upstream-login";
import { notificationSettings, proxySettings, type ProxySettings } from "./features/variables";
import { checkCollection, type CollectionParts, collectionParts } from "./garbage-collection/check";
import type { RegistryContainerArgs } from "./args";
import type { Settings } from "./environment";
import type { PodIdentity } from "./identity";
import { MONITORING } from "./monitoring/args";
import { checkDebugPort, watchDebugPort } from "./monitoring/debug-port";
import { REGISTRY_POD, type RegistryPodArgs, type RegistryWorkloadArgs } from "./pod-args";
import { ClaimAccessMode } from "./storage/args";
import { checkStorage, type StorageParts, storageParts } from "./storage/storage";
import { UI } from "./ui-args";
import { isVersion2 } from "./versions";

type Input = Checked<typeof REGISTRY_POD>;
type Kept = "tlsSecretName" | "tlsChecksum" | "httpSecret" | "certificateFile" | "keyFile" | "requireClientCertificate";
type Given = "waitWithKubectl" | "scheduling" | "registryHost" | "serviceAccountName" | "allowedCidrs" | "readerPort";

/** The arguments of a pod after the checks: after them nobody looks at the arguments. */
export interface CheckedPod extends PodIdentity, Pick<Input, Kept | Given> {
  registry: CheckedRegistry;
  ui: UiParts;
  storage: StorageParts;
  redirects: pulumi.Output<boolean>;
  /** True if the registry is a cache of another one. */
  isCache: boolean;
  proxy: ProxySettings;
  /** What tells a cache its login at the other registry: files by name. */
  loginFiles: pulumi.Output<Record<string, string>>;
  /** True if the other registry has a certificate of a CA of its own. */
  hasProxyCa: boolean;
  notifications: pulumi.Output<Settings>;
  /** How unused layers are removed; undefined if they are not. */
  collection: CollectionParts | undefined;
  /** Metrics and what comes with them; undefined for none. */
  monitoring: Checked<typeof MONITORING> | undefined;
  backup: BackupParts | undefined;
  /** How long the pod may take to stop: seconds. */
  graceSeconds: pulumi.Output<number>;
}

/** Checks the arguments of a `RegistryPod`; throws one error that names every one that is not right. */
export function checkPod(name: string, args: RegistryPodArgs): CheckedPod {
  const checker = new Checker(`RegistryPod "${name}"`, args);
  const input = checker.read(REGISTRY_POD, args);
  checkWorkload(checker, args);
  checkReader(checker, args);
  checker.done();
  const { registry: container, ui, storage: place, monitoring, ...rest } = input;
  const storage = storageParts(checker, place);
  const { qosClass } = rest.scheduling;
  const registry = registryParts(checker, watchDebugPort(checker, args, container), args, qosClass);
  const { waitSeconds, drainSeconds } = container.shutdown;
  return {
    ...rest,
    registry,
    ui: uiParts(checker, ui, container.port, qosClass),
    storage,
    redirects: place.redirects,
    isCache: container.proxy !== undefined,
    proxy: proxySettings(container.proxy, registry.image),
    loginFiles: loginFiles(container.proxy),
    hasProxyCa: container.proxy?.caPem !== undefined,
    notifications: notificationSettings(container.notifications),
    collection: collectionParts(checker, place.garbageCollection, registry.image),
    monitoring: monitoring.metrics ? monitoring : undefined,
    backup: place.backup && backupParts(place.backup, registry.image),
    graceSeconds: pulumi.all([waitSeconds, drainSeconds]).apply(([wait, most]) => wait + most + 10),
  };
}

/** What is there for a cache only. */
function checkReader(checker: Checker, args: RegistryPodArgs): void {
  if (isGiven(args.registry?.proxy)) return;
  const advice = "set registry.proxy, or leave it out";
  checker.add(...withoutEffect("", args, ["readerPort"], { missing: "registry.proxy", advice }));
}

/** What concerns more than one of the settings that a pod has in common with its registry. */
export function checkWorkload(checker: Checker, args: RegistryWorkloadArgs): void {
  const { storage, registry, monitoring, ui } = args;
  checkStorage(checker, storage);
  if (isGiven(storage?.backup)) checkBackup(checker, storage);
  checkCollection(checker, args);
  checkReplicas(checker, args);
  checkAzure(checker, args);
  checkDebugPort(checker, args);
  checkContainers(checker, args);
  if (registry?.proxy && isGiven(registry.proxy)) {
    checker.add(bothOrNeither("registry.proxy", registry.proxy, ["username", "password"]));
  }
  if (monitoring?.metrics !== true) {
    const advice = "set monitoring.metrics to true, or leave it out";
    checker.add(...withoutEffect("monitoring", monitoring, MONITORED, { missing: "metrics", advice }));
  }
  if (ui?.host === undefined) {
    const advice = "give the UI a name as ui.host, or leave it out";
    checker.add(...withoutEffect("ui", ui, SHOWN, { missing: "ui.host", advice }));
  }
}

/** Version 2 takes nothing but the account's key. */
function checkAzure(checker: Checker, { storage, registry }: RegistryWorkloadArgs): void {
  const { azure } = isTable(storage) ? (storage as RegistryWorkloadArgs["storage"]) : {};
  if (typeof registry?.image !== "string" || !isVersion2(registry.image)) return;
  if (!isTable(azure) || azure["accountKey"] !== undefined) return;
  const advice = "give the storage account's key, or set registry.image to registry:3";
  checker.add({ property: "storage.azure.accountKey", expected: "a key with registry 2", got: "nothing", advice });
}

/** What does nothing without metrics, and without a UI. */
const MONITORED = Object.keys(MONITORING).filter((name) => name !== "metrics");
const SHOWN = Object.keys(UI).filter((name) => name !== "host");

/** Several pods need images that all of them reach, and none may collect garbage while another takes a push. */
function checkReplicas(checker: Checker, { storage, registry }: RegistryWorkloadArgs): void {
  const { replicas = 1, readOnly } = isTable(registry) ? (registry as RegistryContainerArgs) : {};
  if (!isTable(storage) || !(typeof replicas === "number" && replicas > 1)) return;
  const { hostPath, claim, garbageCollection } = storage as RegistryWorkloadArgs["storage"];
  const onOneNode = hostPath ?? (claim && claim.accessMode !== ClaimAccessMode.ReadWriteMany);
  const add = (expected: string, advice: string): void =>
    checker.add({ property: "registry.replicas", expected, got: String(replicas), advice });
  if (onOneNode) {
    add("1 with this storage", "use an object store, or a claim with accessMode ReadWriteMany, to have more");
  }
  if (readOnly !== true && garbageCollection?.schedule !== undefined) {
    add(
      "1 with garbage collection",
      "set registry.readOnly to true while they collect, or leave out the schedule: while one pod collects, another could take a push, and its layers would be lost",
    );
  }
}
