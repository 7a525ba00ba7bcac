import type * as pulumi from "@pulumi/pulumi";

/** Who may connect to a pod. */
export interface RegistryNetworkPolicyArgs {
  /** Ranges of addresses from which registry and UI are reached: those of the gateways, as the nodes see them, such as `192.0.2.10/32`. */
  allowedCidrs: pulumi.Input<pulumi.Input<string>[]>;
}
