import * as pulumi from "@pulumi/pulumi";

/** What a component hands to `registerOutputs`: all of its fields are outputs, and all outputs are fields. */
export function outputsOf(component: pulumi.ComponentResource): pulumi.Inputs {
  const fields = Object.entries(component).filter(([name, value]) => name !== "urn" && pulumi.Output.isInstance(value));
  return Object.fromEntries(fields);
}
