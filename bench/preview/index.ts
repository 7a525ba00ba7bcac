/**
 * How long a run takes that changes nothing, beside a TypeScript program with the same providers and nothing in it, how
 * long a change of the gateway takes with 1,000 users, beside 10, and a preview of 10 registries with 50 nodes, beside
 * one: `npm run bench -- preview`.
 *
 * Everything runs in the lab (it is brought up, and stays), through the same `pulumi`, language host, backend and
 * node_modules. Rounds are interleaved, so that what else the machine does meets both alike. The empty program has each
 * provider once: Kubernetes, command and tls as explicit providers without a resource, and one dynamic resource,
 * without which the provider of those is not started. Its imports are as narrow as ours. Ends with 1 if a bound is not
 * kept.
 */
import { checkout, labUp, labVariable } from "../../rig/stack/lab";
import { settle } from "../../rig/stack/stack";
import { chosen } from "../chosen";
import { line, median } from "../times";
import { compareRegistries } from "./many";
import { makeProgram, type Program, removeProgram, timed } from "./program";
import { compareUsers } from "./users";

const ROUNDS = 7;
const BOUND = 1.3;

/** Every figure by its name for `--only`; false if its bound is not kept. */
export const RUNS: Readonly<Record<string, (ours: Program, empty: Program) => Promise<boolean>>> = {
  preview: (ours, empty) => compare("preview", ["preview"], ours, empty),
  up: (ours, empty) => compare("up, nothing to do", ["up", "--yes", "--skip-preview"], ours, empty),
  users: () => compareUsers(),
  registries: () => compareRegistries(),
};

/** Prints the figures; sets exit code 1 if a bound is not kept. */
export async function benchPreview({ only }: { only?: string[] }): Promise<void> {
  const wanted = chosen(RUNS, only);
  await labUp();
  await settle();
  const empty = await makeProgram("empty", EMPTY);
  const ours = { cwd: checkout, stack: labVariable("LAB_STACK") };
  try {
    await timed(empty, ["up", "--yes", "--skip-preview"]);
    const kept: boolean[] = [];
    for (const [, measure] of wanted) kept.push(await measure(ours, empty));
    process.exitCode = kept.every(Boolean) ? 0 : 1;
  } finally {
    await removeProgram(empty);
    await settle();
  }
}

async function compare(what: string, args: string[], ours: Program, empty: Program): Promise<boolean> {
  const times: { ours: number[]; empty: number[] } = { ours: [], empty: [] };
  for (const program of [ours, empty]) await timed(program, args); // once for the disk's sake
  for (let round = 0; round < ROUNDS; round++) {
    times.ours.push(await timed(ours, args));
    times.empty.push(await timed(empty, args));
  }
  const share = median(times.ours) / median(times.empty);
  console.log(what);
  console.log(`  this stack     ${line(times.ours)}`);
  console.log(`  empty program  ${line(times.empty)}`);
  console.log(`  ratio          ${share.toFixed(2)} (at most ${BOUND} is wished)`);
  return share <= BOUND;
}

const EMPTY = `import { Provider as Command } from "@pulumi/command/provider";
import { Provider as Kubernetes } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { Provider as Tls } from "@pulumi/tls/provider";

new Kubernetes("kubernetes", { enableServerSideApply: true, enableSecretMutable: true });
new Command("command");
new Tls("tls");

class Nothing extends pulumi.dynamic.Resource {
  constructor(name: string) {
    super({ create: () => Promise.resolve({ id: "nothing", outs: {} }) }, name, {});
  }
}
new Nothing("nothing");
`;
