import * as fs from "node:fs";
import * as path from "node:path";
import { checkout, env, labVariable, run, succeeded } from "../../rig/stack/lab";

/** A program and its stack, in the lab. */
export interface Program {
  cwd: string;
  stack: string;
}

/** A program beside the lab's stack, with our node_modules and our settings for TypeScript. */
export async function makeProgram(name: string, text: string): Promise<Program> {
  const cwd = fs.mkdtempSync(path.join(labVariable("LAB_DIR"), `${name}-program-`));
  const write = (file: string, content: string): void => fs.writeFileSync(path.join(cwd, file), content);
  write("Pulumi.yaml", `name: ${name}\nruntime:\n  name: nodejs\n  options:\n    packagemanager: npm\n`);
  write("package.json", JSON.stringify({ name, private: true, main: "index.ts" }));
  write("index.ts", text);
  fs.copyFileSync(path.join(checkout, "tsconfig.json"), path.join(cwd, "tsconfig.json"));
  fs.symlinkSync(path.join(checkout, "node_modules"), path.join(cwd, "node_modules"));
  succeeded(await run("pulumi", ["stack", "init", "bench"], { cwd }));
  return { cwd, stack: "bench" };
}

/** Takes a program away, with what its stack has. */
export async function removeProgram(program: Program): Promise<void> {
  await timed(program, ["destroy", "--yes", "--skip-preview"]);
  succeeded(await run("pulumi", ["stack", "rm", "--yes", program.stack], { cwd: program.cwd }));
  fs.rmSync(program.cwd, { recursive: true });
}

/** Seconds that `pulumi` takes. */
export async function timed({ cwd, stack }: Program, args: string[]): Promise<number> {
  const started = performance.now();
  succeeded(await run("pulumi", [...args, "--stack", stack, "--non-interactive", "--color", "never"], { cwd, env }));
  return (performance.now() - started) / 1000;
}

/** How many resources a preview of a program wants to make. */
export async function resourcesOf({ cwd, stack }: Program): Promise<number> {
  const args = ["preview", "--stack", stack, "--non-interactive", "--json"];
  const { stdout } = succeeded(await run("pulumi", args, { cwd, env }));
  return (JSON.parse(stdout) as { changeSummary: { create: number } }).changeSummary.create;
}
