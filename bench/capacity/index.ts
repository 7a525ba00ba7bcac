import * as fs from "node:fs";
import * as path from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { checkInLab } from "./check";
import { measureConstants } from "./measure";
import { type Constants, type Plan, plan, type Question } from "./model";

const FILE = path.join(__dirname, "constants.json");

type Options = Question & { measure?: boolean; check?: boolean };

/** Adds `capacity` to the bench. */
export function addCapacity(cli: Command): void {
  cli
    .command("capacity")
    .description("how many gateways and replicas for so many nodes that pull an image, and what breaks first")
    .option("--nodes <count>", "nodes that pull it", positive, 100)
    .option("--at-once <count>", "how many of them pull at one time; all by default", positive)
    .option("--layers <count>", "its layers", positive, 10)
    .option("--gib <size>", "its size as it is pulled, in GiB", positive, 1)
    .option("--minutes <time>", "time in which all have it", positive, 5)
    .option("--users <count>", "users whose password the nodes have", positive, 1)
    .option("--gateway-cores <count>", "CPUs of a gateway", positive, 2)
    .option("--registry-cores <count>", "CPUs of a replica of the registry, which is its limit", positive, 1)
    .option("--registry-mib <size>", "memory of a replica of the registry, which is its limit, in MiB", positive, 1024)
    .option("--gateway-gbit <speed>", "a gateway's network, Gbit/s each way", positive, 1)
    .option("--registry-gbit <speed>", "the network of a replica's node, Gbit/s", positive, 1)
    .option("--redirect", "clients fetch blobs from the object store itself", false)
    .option("--measure", "measure the constants on this machine first, and keep them in bench/capacity/constants.json")
    .option("--check", "check the model against a real run in the lab")
    .action(benchCapacity);
}

async function benchCapacity({ measure, check, ...question }: Options): Promise<void> {
  if (measure) fs.writeFileSync(FILE, `${JSON.stringify(await measureConstants(), rounded, 2)}\n`);
  const constants = JSON.parse(fs.readFileSync(FILE, "utf8")) as Constants;
  if (check) process.exitCode = (await checkInLab(constants)) ? 0 : 1;
  else console.log(answer(question, plan(question, constants), constants));
}

/** A plan for a person to read. */
export function answer(question: Question, found: Plan, { measured }: Constants): string {
  const { nodes, layers, gib, minutes } = question;
  const lines = found.loads.map(({ what, wanted, one, unit, share }) => {
    const used = `${Math.round((wanted / one) * 100)} % of what one has, at most ${share * 100} %`;
    return `  ${what.padEnd(17)} ${wanted.toFixed(1).padStart(9)} ${unit.padEnd(3)}  ${used}`;
  });
  const store =
    found.fromStore > 0 ? [`  from the store    ${found.fromStore.toFixed(1).padStart(9)} GiB  directly`] : [];
  return [
    `${nodes} nodes pull ${layers} layers, ${gib} GiB, within ${minutes} minutes:`,
    ...lines,
    ...store,
    `  gateways: ${found.gateways}, replicas of the registry: ${found.replicas}`,
    `  with one of each it takes ${duration(found.seconds)} at the least; the first to break is the ${found.first.what}`,
    `  by constants of ${measured}`,
  ].join("\n");
}

const rounded = (_: string, value: unknown): unknown =>
  typeof value === "number" ? Number(value.toPrecision(3)) : value;

const duration = (seconds: number): string =>
  seconds < 120 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} minutes`;

function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("it must be a number above 0");
}
