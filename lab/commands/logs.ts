import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { gatewayFile } from "../hosts";
import { Lab } from "../lab";
import { checkMachine } from "../preflight";
import { endOfLog } from "../progress";

/** Every log of the lab by its name: of the daemons and steps, and nginx's own on the gateway. */
function allLogs(lab: Lab): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of [lab.logs, gatewayFile(lab, "/var/log/nginx")]) {
    const names = existsSync(folder) ? readdirSync(folder).sort() : [];
    for (const name of names.filter((one) => one.endsWith(".log"))) {
      found.set(name.replace(/\.log$/, ""), path.join(folder, name));
    }
  }
  return found;
}

/** Prints the end of the logs that are named, or a list of all logs if none is. */
export function logs(lab: Lab, names: readonly string[], lines: number): void {
  checkMachine(lab, "logs");
  const known = allLogs(lab);
  if (known.size === 0) throw new Error(`there are no logs in ${lab.dir}: the lab is not up`);
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new Error(`no log is called ${unknown.join(", ")}; there are ${[...known.keys()].join(", ")}`);
  if (names.length === 0) {
    console.log("npm run lab -- logs <name>... prints the end of a log:");
    for (const [name, file] of known)
      console.log(`${name.padEnd(26)} ${String(statSync(file).size).padStart(9)}  ${file}`);
  }
  for (const name of names) console.log(`${known.get(name)}:\n${endOfLog(known.get(name) ?? "", lines)}\n`);
}
