import { existsSync } from "node:fs";
import { shellExports } from "../environment";
import { Lab } from "../lab";
import { checkMachine } from "../preflight";
import { configFile } from "../stack";

/** Prints the variables of the running lab as shell commands: `eval "$(npm run --silent lab -- env)"`. */
export function env(lab: Lab): void {
  checkMachine(lab, "env");
  for (const needed of [lab.secretsFile, lab.ssh.hostKeyFile, lab.caFile, configFile(lab)]) {
    if (existsSync(needed)) continue;
    throw new Error(`the lab in ${lab.dir} is not up (${needed} is missing); run 'npm run lab -- up' first`);
  }
  process.stdout.write(shellExports(lab));
}
