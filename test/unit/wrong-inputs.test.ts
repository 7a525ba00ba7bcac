import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type Registered, underMocks } from "../../rig/pulumi/mocks";
import { complaint } from "../support/stack-config";
import { IN_FILES } from "../support/wrong-inputs";
import { IN_PROGRAMS } from "../support/wrong-programs";

/** Title and whole text of each error, as a person has read and found it good. */
const golden = new Map(
  readFileSync(join(__dirname, "../golden/wrong-inputs.txt"), "utf8")
    .split(/^### /m)
    .slice(1)
    .map((part) => [part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n") + 1).trimEnd()] as const),
);

/** What a program ended with, and what it had registered by then. */
async function ended(program: () => unknown): Promise<{ error: Error; registered: readonly Registered[] }> {
  const registered: Registered[] = [];
  const answer = (type: string, name: string) => void registered.push({ type, name } as Registered);
  try {
    await underMocks(program, { answer });
  } catch (error) {
    return { error: error as Error, registered };
  }
  throw new Error("nothing was wrong");
}

describe("wrong inputs", () => {
  for (const [title, more] of Object.entries(IN_FILES)) {
    it(`in a stack's file: ${title}`, () => {
      assert.equal(complaint(more), golden.get(title));
    });
  }

  for (const [title, program] of Object.entries(IN_PROGRAMS)) {
    it(`in a program: ${title}`, async () => {
      const { error, registered } = await ended(program);
      const late = title.includes("late values");
      assert.ok(pulumi.RunError.isInstance(error) || late, `it is ${error.name}, which is shown with a stack trace`);
      const said = error.message.slice(error.message.indexOf("PrivateRegistry") * Number(late));
      assert.equal(said.trimEnd(), golden.get(title));
      if (/PrivateRegistry "/.test(said) && !late) assert.deepEqual(registered, [], "registered while the check ran");
    });
  }

  it("are forty and more, fifteen with three problems or more in different rooms", () => {
    const titles = [...Object.keys(IN_FILES), ...Object.keys(IN_PROGRAMS)];
    assert.deepEqual([...golden.keys()].sort(), titles.sort(), "the golden file has other titles");
    const rooms = [...golden.values()].map(
      (text) => new Set([...text.matchAll(/^ {2}- ([A-Za-z]+)/gm)].map(([, room]) => room)).size,
    );
    assert.ok(titles.length >= 40 && Object.keys(IN_PROGRAMS).length >= 10, `${titles.length} inputs`);
    const wide = rooms.filter((count) => count >= 3).length;
    assert.ok(wide >= 15, `${wide} with problems in three rooms`);
  });

  it("show no secret, no colour and no trace", () => {
    for (const text of golden.values()) {
      // eslint-disable-next-line no-control-regex -- colour codes are what is looked for
      assert.doesNotMatch(text, /hunter2|p{20}|\u001b|^ +at /m);
    }
  });
});
