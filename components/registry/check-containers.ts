import * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../checks/checker";
import { isTable } from "../checks/judge";
import type { Problem } from "../checks/problems";
import type { Checked } from "../checks/value";
import { REGISTRY, type RegistryContainerArgs, type RegistryLogFormat, RegistryLogLevel } from "./args";
import { type RegistryUiArgs, UI } from "./ui-args";
import type { RegistryWorkloadArgs } from "./pod-args";
import { UI_IMAGES } from "./ui";

type RegistryInput = Checked<typeof REGISTRY>;
type UiInput = Checked<typeof UI>;

/** Amounts by what they are of: cpu, memory. */
type Amounts = Record<string, pulumi.Output<string>>;

/** What a container asks for and may take; empty for neither. */
export type Resources = Record<string, Amounts>;

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

/** The recipe's, where nothing is said. */
const STANDARD = { cpu: pulumi.output("100m"), memory: pulumi.output("100Mi") };

/** What concerns more than one setting of the containers. */
export function checkContainers(checker: Checker, { registry, ui }: RegistryWorkloadArgs): void {
  if (isTable(registry)) checkLogLevel(checker, registry);
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
): CheckedRegistry {
  const { resources, log, notifications, proxy, ...rest } = input;
  const notifies = notifications.length > 0;
  const level = log.level ?? pulumi.output(notifies ? RegistryLogLevel.Warn : RegistryLogLevel.Info);
  const taken = resourcesOf(resources, STANDARD);
  return {
    ...rest,
    resources: taken,
    memory: taken["limits"]?.["memory"],
    log: { level: notifies ? checker.late(level, (known) => [revealing(known)]) : level, format: log.format },
    neverWrites: registry?.readOnly === true,
  };
}

/** The container `registry-ui`. */
export function uiParts(
  checker: Checker,
  { resources, image, host, port, ...rest }: UiInput,
  registryPort: pulumi.Output<number>,
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
    resources: resourcesOf(resources),
  };
}

/** What is left out is as on the other side, and what is left out on both has the standard, if there is one. */
function resourcesOf({ requests, limits }: RegistryInput["resources"], standard: Partial<Amounts> = {}): Resources {
  const sides = [
    ["requests", requests, limits],
    ["limits", limits, requests],
  ] as const;
  const amounts = sides.map(([name, own, other]): [string, Amounts] => {
    const wanted = (["cpu", "memory"] as const).map((of) => [of, own[of] ?? other[of] ?? standard[of]] as const);
    return [
      name,
      Object.fromEntries<pulumi.Output<string>>(wanted.flatMap(([of, amount]) => (amount ? [[of, amount]] : []))),
    ];
  });
  return Object.fromEntries(amounts.filter(([, amount]) => Object.keys(amount).length > 0));
}
