import { availableParallelism } from "node:os";
import { getRounds, hash } from "bcryptjs";
import { HASH_PROGRAM } from "./hash-program";
import { inThreads } from "./threads";

/** What a hash is made from. */
export interface Salted {
  /** Secret. */
  password: string;
  /** bcrypt's, with the cost: `$2b$10$` and 22 characters. */
  salt: string;
}

/** Rounds that are worth a thread, 0.2 s: a thread's start takes 30 ms. */
const WORTH_A_THREAD = 2 ** 12;

/**
 * bcrypt's hashes of passwords, in their order. They don't depend on the number of threads. With one thread it is this
 * one, which goes on with other work in between.
 * @param threads How many are to work at once. Default: all cores, as far as there is enough for them to do.
 */
export async function hashes(passwords: readonly Salted[], threads = threadsFor(passwords)): Promise<string[]> {
  if (threads < 2) return Promise.all(passwords.map(({ password, salt }) => hash(password, salt)));
  try {
    return await inThreads(HASH_PROGRAM, passwords, threads);
  } catch (cause) {
    throw new Error(
      `${passwords.length} passwords of users were to be hashed in ${threads} threads, which failed: ` +
        `${cause instanceof Error ? cause.message : String(cause)}; allow this process that many more threads ` +
        "(ulimit -u, the container's limit of pids), or give it only one core (taskset -c 0), and run it again",
      { cause },
    );
  }
}

/** How many threads are worth their start. 0 or 1: none beside this one. */
export function threadsFor(passwords: readonly Salted[], cores = availableParallelism()): number {
  const rounds = passwords.reduce((sum, { salt }) => sum + 2 ** getRounds(salt), 0);
  return Math.min(cores, passwords.length, Math.floor(rounds / WORTH_A_THREAD));
}
