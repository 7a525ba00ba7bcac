import * as pulumi from "@pulumi/pulumi";
import type { Checker, Given } from "../../checks/checker";
import type { Problem } from "../../checks/problems";
import type { CheckedRegistry } from "../check-containers";
import type { Variables } from "../environment";
import type { RegistryPodArgs } from "../pod-args";

type Fault = Omit<Problem, "property">;
type Asked = Pick<RegistryPodArgs, "metrics" | "notifications" | "registry">;

const ADDRESS = "REGISTRY_HTTP_DEBUG_ADDR";
const ENDPOINTS = /^REGISTRY_NOTIFICATIONS(_ENDPOINTS.*)?$/;
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d+$/;

/**
 * Refuses notices beside a debug port that others reach. The registry shows the endpoints of its notices there, below
 * `/debug/vars`, with headers and with the passwords in their URLs, and knows no setting that hides them or lets
 * `/metrics` through only. Both can also be set by variables of the user's own; hands on the registry with the
 * variables that were looked at.
 */
export function checkDebugPort(checker: Checker, args: Asked, registry: CheckedRegistry): CheckedRegistry {
  const notifies = (args.notifications ?? []).length > 0;
  if (args.metrics && notifies) checker.add({ property: "metrics", ...complaint("left out", "notifications") });
  const judge = (variables: Variables): Fault | undefined => judged(variables, args.metrics !== undefined, notifies);
  const given = variablesOf(args);
  // The values may be secrets, and none is ever shown; what comes back is only that they were looked at.
  const looked = pulumi.unsecret(checker.check("registry.environment", given, judge).apply(() => true));
  const { environment, secretEnvironment } = registry;
  return {
    ...registry,
    environment: pulumi.all([environment, looked]).apply(([variables]) => variables),
    secretEnvironment: pulumi.secret(pulumi.all([secretEnvironment, looked]).apply(([variables]) => variables)),
  };
}

/** What is wrong with the variables beside what is set otherwise; undefined for nothing. */
function judged(variables: Variables, metrics: boolean, notifies: boolean): Fault | undefined {
  const own = Object.keys(variables).find((name) => ENDPOINTS.test(name));
  const address = variables[ADDRESS] ?? "";
  const opened = address !== "" && !LOOPBACK.test(address);
  if (metrics && own) return complaint(`without ${own}`, "metrics");
  if (opened && (own || notifies)) return complaint(`without ${ADDRESS}`, own ?? "notifications");
  return undefined;
}

function complaint(wanted: string, beside: string): Fault {
  const advice =
    "the registry's debug port shows the URLs and headers of the notices to whoever reads the metrics: leave out one of the two";
  return { expected: `${wanted} beside ${beside}`, got: "both", advice };
}

function variablesOf({ registry = {} }: Asked): Given<Variables> {
  const { environment = {}, secretEnvironment = {} } = registry;
  if (isTable(environment) && isTable(secretEnvironment)) return Object.assign({}, environment, secretEnvironment);
  return pulumi.all([environment, secretEnvironment]).apply(([plain, secret]): Variables => ({ ...plain, ...secret }));
}

const isTable = (value: object): value is Variables => !pulumi.Output.isInstance(value) && !(value instanceof Promise);
