import * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../checks/checker";
import { isTable } from "../checks/judge";
import { bytesOf, coresOf } from "../checks/kubernetes";
import type { Problem } from "../checks/problems";
import type { Checked } from "../checks/value";
import { PodQosClass, type RESOURCES } from "./container-args";

type Given = Checked<typeof RESOURCES>;
type Amount = "cpu" | "memory";
type Amounts = Partial<Record<Amount, pulumi.Output<string>>>;

/** What a container asks for and may take, as Kubernetes has it; a side that is left out says nothing. */
export interface Resources {
  requests?: Amounts;
  limits?: Amounts;
}

const AMOUNTS = ["cpu", "memory"] as const;
const NUMBER = { cpu: coresOf, memory: bytesOf };

/** What is wrong with a container's two sides together; `at` is where they are: "registry.resources". */
export function resourceProblems(at: string, resources: unknown, qosClass: unknown): Problem[] {
  if (!isTable(resources)) return [];
  const side = (name: string): Record<string, unknown> => {
    const amounts = resources[name];
    return isTable(amounts) ? amounts : {};
  };
  const [requests, limits] = [side("requests"), side("limits")];
  return AMOUNTS.flatMap((of) => amountProblem(`${at}.requests.${of}`, of, [requests[of], limits[of]], qosClass));
}

function amountProblem(property: string, of: Amount, [request, limit]: unknown[], qosClass: unknown): Problem[] {
  if (typeof request !== "string" || typeof limit !== "string") return [];
  const [asked, most] = [NUMBER[of](request), NUMBER[of](limit)];
  if (Number.isNaN(asked) || Number.isNaN(most)) return []; // said already
  const equal = qosClass === PodQosClass.Guaranteed;
  if (equal ? asked === most : asked <= most) return [];
  const expected = equal ? `the limit, ${limit}, for the class Guaranteed` : `at most the limit, ${limit}`;
  const advice = equal ? "give one of the two, or the same for both" : "ask for less, or raise the limit";
  return [{ property, expected, got: JSON.stringify(request), advice }];
}

/**
 * What a container asks for and may take. In the class Guaranteed both are the same, and there always is one. Else a
 * request that is left out is the limit, as in Kubernetes, or the default where there is no limit.
 * @param at Where the user wrote it: "registry.resources".
 */
export function resourcesOf(
  checker: Checker,
  at: string,
  { requests, limits }: Given,
  standard: Readonly<Record<Amount, Standard>>,
  qosClass: PodQosClass,
): Resources {
  const wanted = AMOUNTS.map((of) => {
    const given = judged(requests[of], limits[of], (both) =>
      checker.late(both, (known) => amountProblem(`${at}.requests.${of}`, of, known, qosClass)),
    );
    return [of, qosClass === PodQosClass.Guaranteed ? equal(given, standard[of]) : apart(of, given, standard[of])];
  }) satisfies [Amount, Sides][];
  const amounts = (side: keyof Sides): Amounts =>
    Object.fromEntries(wanted.flatMap(([of, sides]) => (sides[side] ? [[of, sides[side]]] : [])));
  const all = Object.entries({ requests: amounts("request"), limits: amounts("limit") });
  return Object.fromEntries(all.filter(([, side]) => Object.keys(side).length > 0));
}

/** What holds for an amount that is left out. */
export interface Standard {
  request?: string;
  limit?: string;
  /** Both of them in the class Guaranteed. */
  guaranteed: string;
}

type Known = pulumi.Output<string>;

interface Sides {
  request: Known | undefined;
  limit: Known | undefined;
}

/** Both sides, where both are given, only after they were judged together. */
function judged(request: Known | undefined, limit: Known | undefined, judge: (both: Both) => Both): Sides {
  if (!request || !limit) return { request, limit };
  const both = judge(pulumi.all([request, limit]));
  return { request: both.apply(([asked]) => asked), limit: both.apply(([, most]) => most) };
}

type Both = pulumi.Output<[string, string]>;

function equal({ request, limit }: Sides, { guaranteed }: Standard): Sides {
  const amount = limit ?? request ?? pulumi.output(guaranteed);
  return { request: amount, limit: amount };
}

function apart(of: Amount, { request, limit }: Sides, standard: Standard): Sides {
  const most = limit ?? (standard.limit === undefined ? undefined : atLeast(of, standard.limit, request));
  const asked = request ?? limit ?? (standard.request === undefined ? undefined : pulumi.output(standard.request));
  return { request: asked, limit: most };
}

/** The default limit, or the request where that is more. */
function atLeast(of: Amount, limit: string, request: Known | undefined): Known {
  return request?.apply((asked) => (NUMBER[of](asked) > NUMBER[of](limit) ? asked : limit)) ?? pulumi.output(limit);
}
