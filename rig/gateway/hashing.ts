import { createHash, randomBytes } from "node:crypto";
import { hashes, threadsFor } from "../../components/nginx/users/hashing";
import { saltOf } from "../../components/nginx/users/users";

/** How long the same passwords take at bcrypt's cost 10, one way and the other. */
export interface HashingTimes {
  /** Seconds on the thread that asks for them. */
  alone: number;
  /** Seconds on as many threads as a stack takes for so many. */
  shared: number;
  threads: number;
}

/** Hashes the passwords of so many users both ways. Fails if the hashes differ. */
export async function timeHashing(users: number): Promise<HashingTimes> {
  const salted = Array.from({ length: users }, (_, index) => ({
    password: randomBytes(12).toString("hex"),
    salt: saltOf(createHash("sha256").update(`user-${index}`).digest().subarray(0, 16), 10),
  }));
  const timed = async (threads: number): Promise<[seconds: number, made: string]> => {
    const began = performance.now();
    const made = await hashes(salted, threads);
    return [(performance.now() - began) / 1000, made.join("\n")];
  };
  const threads = threadsFor(salted);
  const [shared, here] = await timed(threads);
  const [alone, there] = await timed(1);
  if (here !== there) throw new Error("the threads made other hashes");
  return { alone, shared, threads };
}
