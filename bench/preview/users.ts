import * as fs from "node:fs";
import * as path from "node:path";
import { randomBytes } from "node:crypto";
import { parseDocument } from "yaml";
import { checkout, labVariable, run, succeeded } from "../../rig/stack/lab";
import { up } from "../../rig/stack/stack";
import { line, median } from "../times";

const ROUNDS = 3;
const BOUND = 2;
/** Seconds of the first `up` with 1,000 users, on two cores. */
const FIRST = 45;

/**
 * Times a change of one user's password, with 10 users and with 1,000, and the first `up` with so many. False if a
 * bound is not kept.
 */
export async function compareUsers(): Promise<boolean> {
  const file = path.join(checkout, `Pulumi.${labVariable("LAB_STACK")}.yaml`);
  const before = fs.readFileSync(file, "utf8");
  try {
    const few = await timeChanges(file, before, 10);
    const many = await timeChanges(file, before, 1000);
    const share = median(many.changes) / median(few.changes);
    console.log("a user's password changed");
    console.log(`  10 users       ${line(few.changes)}`);
    console.log(`  1,000 users    ${line(many.changes)}`);
    console.log(`  ratio          ${share.toFixed(2)} (at most ${BOUND} is wished)`);
    console.log(
      `the first up with 10 users ${few.first.toFixed(1)} s, with 1,000 ${many.first.toFixed(1)} s (at most ${FIRST})`,
    );
    return share <= BOUND && many.first <= FIRST;
  } finally {
    fs.writeFileSync(file, before);
  }
}

/** Seconds of the first `up` with so many users, and of each change of one. */
interface Times {
  first: number;
  changes: number[];
}

async function timeChanges(file: string, before: string, count: number): Promise<Times> {
  addUsers(file, before, count);
  const first = await up();
  succeeded(first);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await setPassword(2);
    const changed = await up();
    succeeded(changed);
    times.push(changed.seconds);
  }
  return { first: first.seconds, changes: times };
}

/**
 * The lab's two users stay first; the others have the second one's password, in its ciphertext: so none is on a command
 * line.
 */
function addUsers(file: string, before: string, count: number): void {
  fs.writeFileSync(file, before);
  const document = parseDocument(before);
  const key = ["config", "private-registry:users"];
  const users = document.getIn(key) as { items: unknown[] };
  const secure = document.getIn([...key, 1, "password", "secure"]) as string;
  for (let index = users.items.length; index < count; index++) {
    const user = { name: `user-${index}`, role: "pull", password: { secure } };
    document.setIn([...key, index], document.createNode(user));
  }
  fs.writeFileSync(file, document.toString());
}

async function setPassword(index: number): Promise<void> {
  const args = ["config", "set", "--stack", labVariable("LAB_STACK"), "--secret", "--path", `users[${index}].password`];
  succeeded(await run("pulumi", args, { input: randomBytes(12).toString("hex") }));
}
