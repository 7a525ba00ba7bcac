import { caStep } from "./ca";
import { clusterStep } from "./cluster";
import { clientStep, gatewayStep, networkStep } from "./hosts";
import { stackStep } from "./stack";
import { Step } from "./step";
import { debianStep, pluginsStep, programsStep } from "./tools";

/**
 * The lab, in the order in which it comes up: one stage after the other, the steps of a stage side by side. It goes
 * down in the opposite order.
 */
export const stages: readonly (readonly Step[])[] = [
  [debianStep, programsStep],
  [networkStep],
  [clusterStep, caStep, gatewayStep, clientStep, pluginsStep],
  [stackStep],
];

/** All steps, in order. */
export const steps: readonly Step[] = stages.flat();
