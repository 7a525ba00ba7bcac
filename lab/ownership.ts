import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isRunning, markOf, ProcessMark } from "./hosts";
import { Lab } from "./lab";

// Both are in /run: one lab is all that a machine can have, and a reboot ends it.
const LOCK = "/run/private-registry-lab.lock";
const OWNER = "/run/private-registry-lab.json";

/** Whose lab is up on this machine. */
export interface Owner {
  readonly dir: string;
  readonly checkout: string;
}

interface Holder {
  readonly mark: ProcessMark;
  readonly command: string;
  readonly checkout: string;
}

/**
 * Takes the machine's lock, so that one command at a time changes a lab, and returns what gives it back. A lock whose
 * process has ended is taken over. Rejects if another one is at work.
 */
export function takeLock(lab: Lab, command: string, file = LOCK): () => void {
  const mark = markOf(process.pid);
  if (!mark) throw new Error("/proc does not show this process; mount it");
  const holder: Holder = { mark, command, checkout: lab.checkout };
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(holder), { mode: 0o600 });
  try {
    for (let attempt = 0; !linked(mine, file); attempt++) {
      const other = read<Holder>(file);
      if (attempt > 5 || (other && isRunning(other.mark))) throw busy(other);
      renameSync(file, `${mine}.old`);
      rmSync(`${mine}.old`, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return () => releaseLock(file);
}

/** Gives the lock back if this process holds it. */
export function releaseLock(file = LOCK): void {
  if (read<Holder>(file)?.mark.pid === process.pid) rmSync(file, { force: true });
}

/** Gives the holder's note the lock's name, which is at once or not at all. */
function linked(mine: string, file: string): boolean {
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function busy(other: Holder | undefined): Error {
  const who = other
    ? `'npm run lab -- ${other.command}' of ${other.checkout} (process ${other.mark.pid})`
    : "another lab command";
  return new Error(`${who} is at work on this machine; wait until it has ended, or end it, and run this again`);
}

/** The lab that is up, or was when an `up` or `down` was interrupted. */
export function currentOwner(): Owner | undefined {
  return read<Owner>(OWNER);
}

/** Notes whose lab comes up, before anything of it does. */
export function recordOwner(lab: Lab): void {
  writeFileSync(OWNER, JSON.stringify({ dir: lab.dir, checkout: lab.checkout }));
}

/** Nothing of a lab is left. */
export function forgetOwner(): void {
  rmSync(OWNER, { force: true });
}

/** Throws if the machine's lab is another checkout's or in another folder, and that checkout is still there. */
export function refuseForeign(lab: Lab, sameCheckout: boolean): void {
  const owner = currentOwner();
  if (!owner || !existsSync(owner.checkout)) return;
  if (owner.dir === lab.dir && (!sameCheckout || owner.checkout === lab.checkout)) return;
  throw new Error(
    `a machine has room for one lab, and ${owner.checkout} has one up in ${owner.dir}; take it down first: ` +
      `cd ${owner.checkout} && LAB_DIR=${owner.dir} npm run lab -- down`,
  );
}

function read<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    return undefined;
  }
}
