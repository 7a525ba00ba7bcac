import { type Members, table } from "../checks/value";
import { ACCESS, type RegistryAccessArgs } from "../nginx/users/args";
import { type RegistrySsoArgs, SSO } from "../sso/args";
import { VERIFIER_POD, type VerifierPodArgs } from "../verifier/args";

/** Who gets in, beyond the list of users, and how. */
export interface PrivateRegistryAccessArgs extends RegistryAccessArgs {
  /** The pods that verify the tokens of `identities`, and those of `sso`. */
  verifier?: VerifierPodArgs;
  /**
   * A company's login for people, at a UI with a name of its own. Not an output, since it has pods of its own. Default:
   * passwords only.
   */
  sso?: RegistrySsoArgs;
}

/** The values of `PrivateRegistryAccessArgs`. */
export const REGISTRY_ACCESS = {
  ...ACCESS,
  sso: SSO,
  verifier: table(VERIFIER_POD),
} satisfies Members<PrivateRegistryAccessArgs>;
