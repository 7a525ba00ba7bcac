import type * as pulumi from "@pulumi/pulumi";
import { originOf, placeIn } from "../checks/origin";
import { accessOf } from "./access";
import type { RolloutSettings } from "./advice";
import { requireKubectl, type RolloutOptions } from "./rollout";

/**
 * How a component's pods are waited for with kubectl; undefined if Pulumi does it.
 * @param own What the component calls itself, where nobody else made its arguments.
 * @param args Its arguments, with a member `waitWithKubectl`.
 */
export function waitingWith(
  own: string,
  args: object,
  waitWithKubectl: boolean,
  settings: RolloutSettings,
  component: pulumi.Resource,
): Omit<RolloutOptions, "secrets"> | undefined {
  const access = waitWithKubectl ? accessOf(component) : undefined;
  if (!access) return undefined;
  const { subject, places } = originOf(args) ?? { subject: own, places: {} };
  const choice = placeIn({ subject, places }, "waitWithKubectl");
  requireKubectl(subject, choice);
  return { access, choice, settings };
}
