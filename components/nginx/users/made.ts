import type * as pulumi from "@pulumi/pulumi";

/*
 * A password that the stack has made has 256 bits: nobody guesses it, however fast a guess is, so its hash may be a
 * quick one, and a gateway need not spend 52 ms of a core on it. What a person has chosen needs the slow hash. The text
 * itself does not tell the two apart; where it came from does.
 */
const made = new WeakSet<WeakKey>();

/** Notes that a password is one that the stack has made, and returns it. */
export function madePassword(password: pulumi.Output<string>): pulumi.Output<string> {
  made.add(password);
  return password;
}

/** True for a password that came out of `madePassword`. */
export function isMade(password: unknown): boolean {
  return made.has(password as WeakKey);
}
