import { type Checks, Unchecked } from "./checks";

/** What a look at a gateway over SSH found: see `DriftReport`. */
export interface HostReport {
  name: string;
  host: string;
  differences: string[];
  warnings: string[];
  /** Why it could not be found out. */
  failure?: string;
}

/**
 * The gateways from inside, where there is SSH: each says whether it holds what the stack wrote, and proves by a login
 * of its own, past the memory of passwords, that users are let in. What it warns of is told, and no failure.
 */
export async function checkHosts(checks: Checks, reports: readonly HostReport[]): Promise<void> {
  for (const { name, host, differences, warnings, failure } of reports) {
    await checks.run(host, `what is on it (${name})`, () => {
      if (failure !== undefined) throw new Unchecked(`it can't be asked over SSH from here: ${failure}`);
      if (differences.length > 0)
        throw new Error(`${differences.join("; ")}; to write it again: npm run drift -- --fix`);
      return ["as the stack wrote it", ...warnings.map((text) => `warning: ${text}`)].join("; ");
    });
  }
}
