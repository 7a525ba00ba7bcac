/**
 * How long the first `up` of many users hashes their passwords, on one thread and on all cores: `npm run bench --
 * hashing`.
 */
import { timeHashing } from "../rig/gateway/hashing";

/** Seconds for 1,000 users, with two cores: the rest of a first `up` takes 5 s, and all of it may take 45. */
const BOUND = 40;

/** Prints the figures; sets exit code 1 if the bound is not kept. */
export async function benchHashing({ users }: { users: string }): Promise<void> {
  const count = Number(users);
  const { alone, shared, threads } = await timeHashing(count);
  const bound = (BOUND * count) / 1000;
  const kept = shared <= bound;
  if (!kept) process.exitCode = 1;
  console.log(`passwords of ${count} users, bcrypt's cost 10`);
  console.log(`  1 thread    ${alone.toFixed(1)} s`);
  console.log(
    `  ${threads} threads   ${shared.toFixed(1)} s (at most ${bound.toFixed(1)}: ${kept ? "kept" : "NOT kept"})`,
  );
  console.log(`  ratio       ${(shared / alone).toFixed(2)}`);
}
