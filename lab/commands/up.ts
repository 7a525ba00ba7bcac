import { existsSync } from "node:fs";
import { Lab, labIn } from "../lab";
import { currentOwner, recordOwner, refuseForeign, takeLock } from "../ownership";
import { checkMachine, claimFolder } from "../preflight";
import { Job, runStages, Timing } from "../progress";
import { ensureSecrets } from "../secrets";
import { Step } from "../step";
import { stages } from "../steps";
import { takeDown } from "./down";

/**
 * Brings up what is missing of the lab. Safe to call at any time: on a running lab, a crashed or an interrupted one.
 */
export async function up(lab: Lab): Promise<Timing[]> {
  checkMachine(lab, "up");
  const release = takeLock(lab, "up");
  try {
    return await bringUp(lab);
  } finally {
    release();
  }
}

/** As `up`, for a caller that holds the lock. */
export async function bringUp(lab: Lab): Promise<Timing[]> {
  refuseForeign(lab, true);
  const before = currentOwner();
  if (before && !existsSync(before.checkout)) {
    console.log(`the lab of ${before.checkout}, which is gone, is taken down first`);
    await takeDown(labIn(before.dir, before.checkout));
  }
  claimFolder(lab.dir);
  recordOwner(lab);
  ensureSecrets(lab);
  return runStages(stages.map((stage) => stage.map((step) => jobOf(lab, step))));
}

function jobOf(lab: Lab, step: Step): Job {
  return {
    title: step.title,
    isDone: () => step.isUp(lab),
    run: (say) => step.up(lab, say),
    ...(step.log ? { log: () => step.log?.(lab) ?? "" } : {}),
  };
}
