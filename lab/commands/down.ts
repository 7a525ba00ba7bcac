import { Lab, labIn } from "../lab";
import { currentOwner, forgetOwner, refuseForeign, takeLock } from "../ownership";
import { checkMachine, refuseForeignFolder, removeLabFolder } from "../preflight";
import { JobsFailed, runStages } from "../progress";
import { stages } from "../steps";

/** Takes the lab down and removes its folder, whatever state it is in. */
export async function down(lab: Lab): Promise<void> {
  checkMachine(lab, "down");
  const release = takeLock(lab, "down");
  try {
    refuseForeign(lab, false);
    const owner = currentOwner();
    await takeDown(owner ? labIn(owner.dir, owner.checkout) : lab);
  } finally {
    release();
  }
}

/** As `down`, for a caller that holds the lock. Every step is tried, even if an earlier one fails. */
export async function takeDown(lab: Lab): Promise<void> {
  refuseForeignFolder(lab.dir);
  const failures: JobsFailed["failures"][number][] = [];
  for (const stage of [...stages].reverse()) {
    const jobs = stage.map((step) => ({ title: `${step.title} down`, run: () => step.down(lab) }));
    await runStages([jobs]).catch((error: unknown) => {
      if (!(error instanceof JobsFailed)) throw error;
      failures.push(...error.failures);
    });
  }
  if (failures.length > 0) throw new JobsFailed(failures);
  await removeLabFolder(lab.dir);
  forgetOwner();
}
