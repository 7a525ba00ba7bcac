import { Lab } from "../lab";
export async function start(lab: Lab): Promise<void> {
  throw new Error(`soon ${lab.dir}`);
}
