import * as fs from "node:fs";
import * as path from "node:path";
import { execa, type Options } from "execa";

/** The checkout that this file is in: where `npm run lab` and the `pulumi` CLI are called. */
export const checkout = path.join(__dirname, "..", "..");

/** The variables of a running lab, as `npm run lab -- env` prints them. Filled by `labUp`. */
export const env: Record<string, string> = {};

/** One variable of the running lab; an error if the lab does not give it. */
export function labVariable(name: string): string {
  const value = env[name];
  if (value === undefined) throw new Error(`the lab's env has no ${name}; is the lab up?`);
  return value;
}

/** Runs `npm run lab -- <args>` and shows its output. */
export async function labCommand(...args: string[]): Promise<void> {
  await execa("npm", ["run", "--silent", "lab", "--", ...args], { cwd: checkout, stdio: "inherit" });
}

/** Brings the lab up (only what is missing) and reads its variables the way a user's shell does. */
export async function labUp(): Promise<void> {
  await labCommand("up");
  const { stdout } = await execa("bash", ["-c", 'eval "$(npm run --silent lab -- env)" && env -0'], { cwd: checkout });
  for (const line of stdout.split("\0")) {
    const at = line.indexOf("=");
    if (at > 0) env[line.slice(0, at)] = line.slice(at + 1);
  }
}

/** Runs a program with the lab's variables, in the checkout. Does not throw on a failing exit code. */
export async function run(file: string, args: readonly string[], options: Options = {}): Promise<Run> {
  const result = await execa(file, args, {
    cwd: checkout,
    env,
    reject: false,
    all: true,
    input: "",
    timeout: 300_000,
    ...options,
  });
  return { ...outcome(result), args: [file, ...args] };
}

/** Runs a program on the lab's client host, where both names resolve. */
export async function onClient(file: string, args: readonly string[], options: Options = {}): Promise<Run> {
  const [prefix, ...rest] = labVariable("LAB_EXEC").split(" ");
  return run(prefix ?? "", [...rest, file, ...args], options);
}

/** Runs a shell script on the gateway host as its non-root user, over SSH with the pinned host key. */
export async function onGateway(script: string): Promise<Run> {
  const host = labVariable("LAB_GATEWAY_HOST");
  const knownHosts = path.join(labVariable("LAB_DIR"), "e2e-known-hosts");
  fs.writeFileSync(knownHosts, `${host} ${labVariable("LAB_SSH_HOST_KEY")}\n`);
  const options = ["-F", "none", "-o", `UserKnownHostsFile=${knownHosts}`, "-o", "StrictHostKeyChecking=yes"];
  const login = ["-i", labVariable("LAB_SSH_KEY_FILE"), `${labVariable("LAB_SSH_USER")}@${host}`];
  return run("ssh", [...options, ...login, "sh"], { input: script });
}

/** Every file, link and folder of nginx's configuration on the gateway, with owner, mode and checksum or target. */
export async function gatewayFiles(): Promise<string> {
  const list = succeeded(
    await onGateway(`sudo -n find /etc/nginx -printf '%p %y %m %u:%g %l\\n' | sort
sudo -n find /etc/nginx -type f -exec sha256sum {} + | sort`),
  );
  return list.stdout;
}

/** Runs kubectl against the lab's cluster and returns what it printed. */
export async function kubectl(...args: string[]): Promise<string> {
  return succeeded(await run("kubectl", args)).stdout;
}

/** What a finished program said. */
export interface Run {
  args: string[];
  exitCode: number;
  stdout: string;
  stderr: string;
  /** stdout and stderr in the order in which they came. */
  all: string;
}

/** The run itself if it ended with 0, else an error with what the program said. */
export function succeeded(result: Run): Run {
  if (result.exitCode === 0) return result;
  throw new Error(`${result.args.join(" ")} ended with ${result.exitCode}:\n${result.all}`);
}

function outcome(result: {
  exitCode?: number | undefined;
  stdout?: unknown;
  stderr?: unknown;
  all?: unknown;
}): Omit<Run, "args"> {
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  const { exitCode = 255, stdout, stderr, all } = result;
  return { exitCode, stdout: text(stdout), stderr: text(stderr), all: text(all) };
}
