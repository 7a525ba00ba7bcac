import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Lab, names, namespaceOf, network } from "../lab";
import { Step } from "../step";
import { plainEnvironment, Ran, run, RunOptions } from "./command";
import { clientFiles, stopDocker } from "./docker";
import { connectHost, disconnectHost, hostIsConnected } from "./network";

const hosts = [
  "127.0.0.1 localhost",
  "::1 localhost",
  `${network.addresses.gateway} ${names.registry} ${names.ui}`,
  "",
].join("\n");

/**
 * The client: a host where both names resolve. Its programs run in its network with the machine's file system and
 * process numbers, so that a signal to `LAB_EXEC program` reaches the program itself.
 */
export const clientStep: Step = {
  title: "Client host",
  isUp: async () =>
    (await hostIsConnected("client")) &&
    existsSync(path.join(clientFiles, "hosts")) &&
    readFileSync(path.join(clientFiles, "hosts"), "utf8") === hosts,
  up: async () => {
    mkdirSync(clientFiles, { recursive: true });
    writeFileSync(path.join(clientFiles, "hosts"), hosts);
    writeFileSync(path.join(clientFiles, "resolv.conf"), "");
    await connectHost("client");
  },
  down: async (lab) => {
    await stopDocker(lab);
    await disconnectHost("client");
    rmSync(clientFiles, { recursive: true, force: true });
    await run(["rmdir", "--ignore-fail-on-non-empty", path.dirname(clientFiles)], { mayFail: true });
  },
};

/** The words before a command that run it on the client host, from any shell; LAB_EXEC. */
export const clientPrefix = ["ip", "netns", "exec", namespaceOf("client")] as const;

/** Runs a program on the client host and waits for its end. Rejects with its last words if it fails. */
export function runOnClient(_lab: Lab, command: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return run([...clientPrefix, ...command], { env: plainEnvironment, ...options });
}
