import { destroy } from "../../rig/stack/stack";
import { labUp } from "../../rig/stack/lab";
import { succeeded } from "../../rig/stack/lab";

/** The lab comes up once for the whole suite, and an earlier run's stack is taken down first. */
export const mochaHooks = {
  async beforeAll(this: Mocha.Context): Promise<void> {
    this.timeout(45 * 60_000); // on a machine without any of the programs they are built first
    await labUp();
    succeeded(await destroy());
  },
};
