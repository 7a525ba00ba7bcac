import * as path from "node:path";
import { checkout } from "../../rig/stack/lab";
import { line, median } from "../times";
import { makeProgram, type Program, removeProgram, resourcesOf, timed } from "./program";

const ROUNDS = 5;
const BOUND = 2;
const MODULE = path.join(checkout, "bench/preview/registries");

const registries = (count: number, nodes: number): Promise<Program> =>
  makeProgram(`registries-${count}`, call(`createRegistries(${count}, ${nodes})`));
const nothing = (count: number): Promise<Program> => makeProgram(`nothing-${count}`, call(`createNothing(${count})`));
const call = (what: string): string => `import * as made from ${JSON.stringify(MODULE)};\nmade.${what};\n`;

/**
 * Times previews of 10 registries of all kinds with 50 nodes, beside one with one node. False if the bound is not kept.
 */
export async function compareRegistries(): Promise<boolean> {
  const programs: Program[] = [];
  const add = async (program: Promise<Program>): Promise<Program> => {
    programs.push(await program);
    return program;
  };
  try {
    const [one, ten] = [await add(registries(1, 1)), await add(registries(10, 50))];
    const counts = [await resourcesOf(one), await resourcesOf(ten)] as const;
    const [few, many] = [await add(nothing(counts[0])), await add(nothing(counts[1]))];
    const times = new Map(programs.map((program) => [program, [] as number[]]));
    for (let round = 0; round <= ROUNDS; round++) {
      for (const program of programs) {
        const seconds = await timed(program, ["preview"]);
        if (round > 0) times.get(program)?.push(seconds); // the first is for the disk's sake
      }
    }
    const of = (program: Program): number[] => times.get(program) ?? [];
    const engine = median(of(many)) - median(of(few));
    const share = (median(of(ten)) - engine) / median(of(one));
    console.log("a preview of a new stack");
    console.log(`  1 registry, 1 node        ${line(of(one))}, ${counts[0]} resources`);
    console.log(`  10 registries, 50 nodes   ${line(of(ten))}, ${counts[1]} resources`);
    console.log(`  as many resources of no use: ${line(of(few))} and ${line(of(many))}`);
    console.log(`  ratio without that          ${share.toFixed(2)} (at most ${BOUND} is wished)`);
    return share <= BOUND;
  } finally {
    for (const program of programs) await removeProgram(program);
  }
}
