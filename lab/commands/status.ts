import { Lab } from "../lab";
import { currentOwner } from "../ownership";
import { checkMachine } from "../preflight";
import { steps } from "../steps";

/** Prints a line for each step. Resolves to true if all is up. */
export async function status(lab: Lab): Promise<boolean> {
  checkMachine(lab, "status");
  const owner = currentOwner();
  if (!owner) console.log("no lab is up on this machine; 'npm run lab -- up' brings one up");
  else if (owner.dir !== lab.dir) console.log(`the lab that is up is the one of ${owner.checkout}, in ${owner.dir}`);
  else console.log(`lab of ${owner.checkout}, in ${owner.dir}`);
  const states = await Promise.all(steps.map((step) => step.isUp(lab).catch(() => false)));
  steps.forEach((step, index) => console.log(`${states[index] ? "up     " : "missing"}  ${step.title}`));
  return states.every(Boolean);
}
