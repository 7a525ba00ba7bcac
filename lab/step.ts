import { Lab } from "./lab";

/** Tells the person who watches what a step is doing now: a few words, the latest replaces the one before. */
export type Say = (now: string) => void;

/** One thing that the lab brings up and takes down again. */
export interface Step {
  /** A few words: "DNS and ACME server". */
  readonly title: string;
  /** Path of the log whose end is shown if `up` fails. */
  log?(lab: Lab): string;
  /** True if nothing is left to do for `up`. Changes nothing, and is quick: `status` asks it too. */
  isUp(lab: Lab): Promise<boolean>;
  /** Brings it up, from whatever state an earlier call left behind. Rejects with a message for the person. */
  up(lab: Lab, say: Say): Promise<void>;
  /** Takes it down and leaves nothing behind. May be called at any time: twice, after a crash, or without an `up`. */
  down(lab: Lab): Promise<void>;
}
