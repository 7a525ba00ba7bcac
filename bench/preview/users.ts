import * as fs from "node:fs";
import * as path from "node:path";
import { randomBytes } from "node:crypto";
import { parseDocument } from "yaml";
import { checkout, labVariable, run, succeeded } from "../../rig/stack/lab";
import { up } from "../../rig/stack/stack";
import { line, median } from "../times";

const ROUNDS = 3;
const BOUND = 2;

/** Times a change of one user's password, with 10 users and with 1,000. False if the bound is not kept. */
export async function compareUsers(): Promise<boolean> {
  const file = path.join(checkout, `Pulumi.${labVariable("LAB_STACK")}.yaml`);
  const before = fs.readFileSync(file, "utf8");
  try {
    const few = await timeChanges(file, before, 10);
    const many = await timeChanges(file, before, 1000);
    const share = median(many) / median(few);
    console.log("a user's password changed");
    console.log(`  10 users       ${line(few)}`);
    console.log(`  1,000 users    ${line(many)}`);
    console.log(`  ratio          ${share.toFixed(2)} (at most ${BOUND} is wished)`);
    return share <= BOUND;
  } finally {
    fs.writeFileSync(file, before);
  }
}

async function timeChanges(file: string, before: string, count: number): Promise<number[]> {
  addUsers(file, before, count);
  const first = succeeded(await up()) as { seconds?: number };
  console.log(`first up with ${count} users: ${first.seconds?.toFixed(1)} s`);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await setPassword(2);
    const changed = await up();
    succeeded(changed);
    times.push(changed.seconds);
  }
  return times;
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
