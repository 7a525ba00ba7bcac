import { spawn } from "node:child_process";
import { Log } from "../protocol/resource";
import { Properties, reveal } from "../protocol/values";
import { LineLog } from "../ssh/line-log";
import { quote } from "../ssh/session";
import { commandResource, Previous, previousVariables, Runner, text } from "./command";
import { Fields, lifecycleFields, loggingField, shown } from "./inputs";

const settingFields: Fields = {
  stdin: { kind: "text" },
  environment: { kind: "textMap" },
  interpreter: { kind: "texts" },
  dir: { kind: "text" },
  logging: loggingField,
  addPreviousOutputInEnv: { kind: "flag" },
};

const runLocally: Runner = (command, settings, previous, call) => runHere(command, settings, previous, call.log);

/** `command:local:Command`: a command on the machine where Pulumi runs. Assets and archives of files aren't made. */
export const localCommand = commandResource({ ...lifecycleFields, ...settingFields }, runLocally);

/** Runs a command of this machine and gives what it printed. Throws with the real plugin's message. */
export function runHere(command: string, settings: Properties, previous: Previous, log: Log): Promise<Properties> {
  const interpreter = (reveal(settings["interpreter"]) ?? []) as string[];
  const [program, ...args] = [...(interpreter.length > 0 ? interpreter : ["/bin/sh", "-c"]), command];
  const environment = (reveal(settings["environment"]) ?? {}) as Record<string, string>;
  const child = spawn(program ?? "", args, {
    cwd: text(settings["dir"]) ?? process.cwd(),
    env: { ...process.env, ...environment, ...previousVariables(settings, previous) },
    stdio: "pipe",
  });
  const lines = new LineLog(log);
  const [stdout, stderr, both]: [Buffer[], Buffer[], Buffer[]] = [[], [], []];
  const collect = (into: Buffer[], visible: boolean) => (chunk: Buffer) => {
    into.push(chunk);
    both.push(chunk);
    if (visible) lines.write(chunk);
  };
  const { logStdout, logStderr } = shown(settings["logging"]);
  child.stdout.on("data", collect(stdout, logStdout));
  child.stderr.on("data", collect(stderr, logStderr));
  // A command need not read its input.
  child.stdin.on("error", () => undefined);
  child.stdin.end(text(settings["stdin"]) ?? "");
  return new Promise((resolve, reject) => {
    const fail = (problem: string): void =>
      reject(new Error(`${problem}: running ${quote(command)}:\n${Buffer.concat(both).toString()}`));
    child.on("error", (error) => fail(error.message));
    child.on("close", (code, signal) => {
      lines.end();
      if (signal) fail(`signal: ${signal}`);
      else if (code !== 0) fail(`exit status ${code}`);
      else resolve({ stdout: printed(stdout), stderr: printed(stderr) });
    });
  });
}

function printed(chunks: Buffer[]): string {
  return Buffer.concat(chunks).toString().replace(/\n$/, "");
}
