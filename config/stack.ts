import type { PrivateRegistryArgs } from "../components";
import { flag, type Members, PRIVATE_REGISTRY, text, type Value } from "../components/internal";

/** What is the stack's own in its file. */
export interface OwnArgs {
  /** Content of a kubeconfig file. Default: what kubectl uses (KUBECONFIG, ~/.kube/config). Secret. */
  kubeconfig?: string;
  /** Context in the kubeconfig. Default: its current one. */
  kubeContext?: string;
  /**
   * True if every `up` ends by a smoke test of the whole registry (`npm run smoke`), and fails if that does. Default
   * false.
   */
  smokeTest?: boolean;
}

/** What a stack's file holds: the arguments of its registry, and what is the stack's own. */
export interface StackArgs extends PrivateRegistryArgs, OwnArgs {}

/** The values of what is the stack's own. */
export const OWN = {
  kubeconfig: text({ rule: () => undefined, secret: true, without: "what kubectl uses" }),
  kubeContext: text({ without: "its current one" }),
  smokeTest: flag({ default: false }),
} satisfies Members<OwnArgs>;

/** A stack's file as one value. */
export const STACK: Value = { kind: "table", expected: "a table", members: { ...PRIVATE_REGISTRY, ...OWN } };
