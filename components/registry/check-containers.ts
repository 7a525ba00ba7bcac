import * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../checks/checker";
import { hasLate, isTable } from "../checks/judge";
import type { Problem } from "../checks/problems";
import type { Checked } from "../checks/value";
import { MEMORY_LIMIT, type PodQosClass } from "./container-args";
import { REGISTRY, type RegistryContainerArgs, type RegistryLogFormat, RegistryLogLevel } from "./args";
import { type RegistryUiArgs, UI } from "./ui-args";
import { variableProblems } from "./features/own-variables";
import type { RegistryWorkloadArgs } from "./pod-args";
import { resourceProblems, type Resources, resourcesOf } from "./resources";
import { UI_IMAGES } from "./ui";

type RegistryInput = Checked<typeof REGISTRY>;
type UiInput = Checked<typeof UI>;

/** The container `registry`, checked. */
export interface CheckedRegistry extends Omit<
  RegistryInput,
  "resources" | "log" | "proxy" | "notifications" | "readOnly"
> {
  resources: Resources;
  /** The limit of memory; undefined for none. */
  memory: pulumi.Output<string> | undefined;
  log: { level: pulumi.Output<RegistryLogLevel>; format: pulumi.Output<RegistryLogFormat> };
  readOnly: pulumi.Output<boolean>;
  /** True if it is known now that nobody writes. */
  neverWrites: boolean;
}

/** The container `registry-ui`, checked. */
export interface UiParts extends Omit<UiInput, "resources" | "image"> {
  /** Undefined if there is no UI. */
  image: pulumi.Output<string> | undefined;
  resources: Resources;
}

/** What holds where nothing is said; the requests are the recipe's. */
const STANDARD = {
  registry: {
    cpu: { request: "100m", guaranteed: "1" },
    memory: { request: "100Mi", limit: MEMORY_LIMIT, guaranteed: MEMORY_LIMIT },
  },
  ui: { cpu: { guaranteed: "100m" }, memory: { guaranteed: "64Mi" } },
};

/** Variables that the user has written. */
const OWN = { environment: { secret: false }, secretEnvironment: { secret: true } };

/** What concerns more than one setting of the containers. */
export function checkContainers(checker: Checker, { registry, ui, scheduling }: RegistryWorkloadArgs): void {
  for (const [at, container] of Object.entries({ registry, ui })) {
    checker.add(...resourceProblems(`${at}.resources`, container?.resources, scheduling?.qosClass));
  }
  if (isTable(registry)) checkLogLevel(checker, registry);
  for (const [name, kind] of Object.entries(OWN))
    checker.add(...variableProblems(`registry.${name}`, registry?.[name as keyof typeof OWN], kind));
  if (isTable(ui) && ui.host !== undefined) checkUiPort(checker, ui, registry?.port ?? REGISTRY.port.default);
}

function checkLogLevel(checker: Checker, { notifications, log }: RegistryContainerArgs): void {
  if (Array.isArray(notifications) && notifications.length > 0) checker.add(revealing(log?.level));
}

/** What is wrong with a level beside notifications. */
function revealing(level: unknown): Problem | undefined {
  if (level !== RegistryLogLevel.Info && level !== RegistryLogLevel.Debug) return undefined;
  const expected = "error or warn beside notifications";
  const advice = "leave it out to use warn, since at other levels the registry logs the secrets of notifications";
  return { property: "registry.log.level", expected, got: JSON.stringify(level), advice };
}

function checkUiPort(
  checker: Checker,
  { port = UI.port.default, runAsUser }: RegistryUiArgs,
  registryPort: unknown,
): void {
  checker.add(...uiPortProblems(port, runAsUser, registryPort));
}

function uiPortProblems(port: unknown, runAsUser: number | undefined, registryPort: unknown): Problem[] {
  const problem = (expected: string, advice: string): Problem[] => [
    { property: "ui.port", expected, got: JSON.stringify(port), advice },
  ];
  const low = runAsUser !== undefined && typeof port === "number" && port < 1024;
  return [
    ...(low ? problem("1024-65535 with runAsUser", "give a port from 1024 on: only root may take a lower one") : []),
    ...(port === registryPort
      ? problem("a port other than registry.port", "give the two containers of the pod different ports")
      : []),
  ];
}

/** The container `registry`, with what depends on more than one setting. */
export function registryParts(
  checker: Checker,
  input: RegistryInput,
  { registry }: RegistryWorkloadArgs,
  qosClass: PodQosClass,
): CheckedRegistry {
  const { resources, log, notifications, proxy, ...rest } = input;
  const notifies = notifications.length > 0;
  const level = log.level ?? pulumi.output(notifies ? RegistryLogLevel.Warn : RegistryLogLevel.Info);
  const taken = resourcesOf(checker, "registry.resources", resources, STANDARD.registry, qosClass);
  // What is known now has been judged.
  const own = (name: keyof typeof OWN) =>
    hasLate(registry?.[name])
      ? checker.late(rest[name], (known) => variableProblems(`registry.${name}`, known, OWN[name]), OWN[name])
      : rest[name];
  return {
    ...rest,
    environment: own("environment"),
    secretEnvironment: own("secretEnvironment"),
    resources: taken,
    memory: taken.limits?.memory,
    log: { level: notifies ? checker.late(level, (known) => [revealing(known)]) : level, format: log.format },
    neverWrites: registry?.readOnly === true,
  };
}

/** The container `registry-ui`. */
export function uiParts(
  checker: Checker,
  { resources, image, host, port, ...rest }: UiInput,
  registryPort: pulumi.Output<number>,
  qosClass: PodQosClass,
): UiParts {
  const standard = pulumi.output(UI_IMAGES[rest.kind]);
  const judged = (): pulumi.Output<number> =>
    checker
      .late(pulumi.all([port, registryPort]), ([own, other]) => uiPortProblems(own, rest.runAsUser, other))
      .apply(([own]) => own);
  return {
    ...rest,
    host,
    port: host ? judged() : port,
    image: host && (image ?? standard),
    resources: resourcesOf(checker, "ui.resources", resources, STANDARD.ui, qosClass),
  };
}
