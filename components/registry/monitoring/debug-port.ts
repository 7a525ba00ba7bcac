import * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../../checks/checker";
import { hasLate, isTable } from "../../checks/judge";
import type { Problem } from "../../checks/problems";
import type { Variables } from "../environment";
import type { RegistryWorkloadArgs } from "../pod-args";

type Fault = Omit<Problem, "property">;
/** The registry's variables, by where they are given. */
type Tables = Record<"environment" | "secretEnvironment", Variables>;
type Asked = Pick<RegistryWorkloadArgs, "monitoring" | "registry">;

const ADDRESS = "REGISTRY_HTTP_DEBUG_ADDR";
const ENDPOINTS = /^REGISTRY_NOTIFICATIONS(_ENDPOINTS.*)?$/;
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d+$/;

/**
 * Refuses notices beside a debug port that others reach. The registry shows the endpoints of its notices there, below
 * `/debug/vars`, with headers and with the passwords in their URLs, and knows no setting that hides them or lets
 * only `/metrics` through. Both can also be set by variables of the user's own.
 */
export function checkDebugPort(checker: Checker, args: Asked): void {
  const { metrics, notifies } = wanted(args);
  if (metrics && notifies) {
    checker.add({ property: "monitoring.metrics", ...complaint("false", "registry.notifications") });
  }
  const { environment = {}, secretEnvironment = {} } = isTable(args.registry) ? args.registry : {};
  const known = { environment: knownOf(environment), secretEnvironment: knownOf(secretEnvironment) };
  checker.add(...judged(known, args));
}

/** The registry's settings, whose variables are looked at as soon as they are known. */
export function watchDebugPort<T extends Record<keyof Tables, pulumi.Output<Variables>>>(
  checker: Checker,
  args: Asked,
  registry: T,
): T {
  const { environment, secretEnvironment } = registry;
  if (!hasLate(args.registry?.environment) && !hasLate(args.registry?.secretEnvironment)) return registry;
  const both = checker.late(pulumi.all([environment, secretEnvironment]), ([plain, secret]) =>
    judged({ environment: plain, secretEnvironment: secret }, args),
  );
  // What is handed on of the secret ones is only that they were looked at.
  const looked = pulumi.unsecret(both.apply(() => true));
  return {
    ...registry,
    environment: pulumi.all([environment, looked]).apply(([variables]) => variables),
    secretEnvironment: pulumi.secret(pulumi.all([secretEnvironment, looked]).apply(([variables]) => variables)),
  };
}

function wanted({ monitoring, registry }: Asked): { metrics: boolean; notifies: boolean } {
  const list: unknown = registry?.notifications;
  return { metrics: monitoring?.metrics === true, notifies: Array.isArray(list) && list.length > 0 };
}

/** The variables that are known now; the name of one that is not is. */
function knownOf(variables: unknown): Variables {
  if (!isTable(variables)) return {};
  const texts = Object.entries(variables).map(([name, value]) => [name, typeof value === "string" ? value : ""]);
  return Object.fromEntries(texts) as Variables;
}

/** What is wrong with the variables, whichever table they are in, beside each other and what is set otherwise. */
function judged({ environment, secretEnvironment }: Tables, args: Asked): Problem[] {
  const { metrics, notifies } = wanted(args);
  const all = { ...environment, ...secretEnvironment };
  const names = Object.keys(all).filter((name) => ENDPOINTS.test(name));
  const problem = (name: string, beside: string): Problem => {
    const table = Object.hasOwn(secretEnvironment, name) ? "secretEnvironment" : "environment";
    return { property: `registry.${table}`, ...complaint(`without ${name}`, beside) };
  };
  if (metrics && names.length > 0) return names.map((name) => problem(name, "monitoring.metrics"));
  const address = (all[ADDRESS] ?? "").replace(/^(["'])(.*)\1$/, "$2"); // it may be quoted, since it is YAML
  const [beside = notifies ? "registry.notifications" : undefined] = names;
  return beside === undefined || address === "" || LOOPBACK.test(address) ? [] : [problem(ADDRESS, beside)];
}

function complaint(wanted: string, beside: string): Fault {
  const advice =
    "the registry's debug port shows the URLs and headers of the notices to whoever reads the metrics: leave out one of the two";
  return { expected: `${wanted} beside ${beside}`, got: "both", advice };
}
