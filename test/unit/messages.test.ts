import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { textOf } from "../support/docs";
import { type Message, messagesOfCode, messagesOfShell, readWord } from "../support/messages";

const filesIn = (folder: string, end: string): string[] =>
  readdirSync(`${__dirname}/../../${folder}`)
    .filter((name) => name.endsWith(end))
    .map((name) => `${folder}/${name}`);

/** What is sent to the hosts, and what is said of them here, and of the CA. */
const SHELL = ["hosts", "nginx", "nodes"].flatMap((room) => filesIn(`components/${room}/activate`, ".sh"));
const CODE = [
  "components/hosts/release.ts",
  "components/hosts/ssh.ts",
  "components/hosts/activation.ts",
  "components/nodes/release-life.ts",
  "components/nodes/send.ts",
  "components/nginx/users/hashing.ts",
  "components/nginx/users/threads.ts",
  "components/nginx/users/user-file.ts",
  "cli/drift.ts",
  "cli/drill.ts",
  ...filesIn("cli/drill", ".ts"),
  "cli/revoke.ts",
  ...filesIn("cli/gateways", ".ts"),
  ...filesIn("components/acme/client", ".ts"),
  ...["rollout", "message", "kubectl"].map((file) => `components/cluster/${file}.ts`),
  ...filesIn("components/cluster/reasons", ".ts"),
];

/** The command plugin's stand-in, in the real one's words. */
const SSH = ["dial-errors", "dial", "keys", "retry", "session"].map((file) => `lab/plugins/ssh/${file}.ts`);
/** Said to the stand-in and not by it, labels of keys, and what only proxies and variables have, which are not used. */
const NEVER_HERE =
  /^(Connection lost before|no matching host key format|([A-Z]+ )?PRIVATE KEY$|Dial (from )?proxy|ssh: rejected|could not set environment|Unable to set)/;

/** What each heading quotes; pieces with `...` between them belong together. One without quotes speaks for itself. */
function headings(): string[][] {
  const lines = textOf("docs/troubleshooting.md").match(/^### .*$/gm) ?? [];
  return lines.flatMap((line) => {
    const quoted = line.match(/`[^`]+`(?: \.\.\. `[^`]+`)*/g) ?? [`\`${line.slice(4)}\``];
    return quoted.map((each) => each.slice(1, -1).split("` ... `"));
  });
}

/** True if a text has a piece, and not as a part of longer words. */
function says(text: string, piece: string): boolean {
  return new RegExp(`(?<!\\w)${piece.replace(/[^\w\s]/g, "\\$&")}(?!\\w)`).test(text);
}

/** Messages that have no heading. */
function unexplained(messages: readonly Message[]): Message[] {
  const explained = headings();
  return messages.filter(
    ({ parts }) => !explained.some((pieces) => pieces.every((piece) => parts.some((part) => says(part, piece)))),
  );
}

describe("troubleshooting", () => {
  it("has a heading for each message by which a drill ends", () => {
    const file = "components/registry/backup/drill.sh";
    const all = messagesOfShell(file, textOf(file));
    assert.ok(all.length >= 8, `${all.length} messages`);
    assert.deepEqual(unexplained(all), []);
  });

  it("has a heading for each message of the program that runs on a gateway", () => {
    const all = SHELL.flatMap((file) => messagesOfShell(file, textOf(file)));
    assert.ok(all.length > 80, `${all.length} messages`);
    assert.deepEqual(unexplained(all), []);
  });

  it("has a heading for what an up, drift and revoke say of a gateway, a CA or the pods", () => {
    const all = CODE.flatMap((file) => messagesOfCode(file, textOf(file)));
    assert.ok(all.length > 60, `${all.length} messages`);
    assert.deepEqual(unexplained(all), []);
  });

  it("has a heading for each sentence by which the command plugin says that SSH failed", () => {
    const all = SSH.flatMap((file) => messagesOfCode(file, textOf(file)));
    const never = all.filter(({ parts }) => parts.some((part) => NEVER_HERE.test(part)));
    assert.ok(all.length > 30 && never.length >= 8, `${all.length} messages, ${never.length} of them never here`);
    assert.deepEqual(unexplained(all.filter((each) => !never.includes(each))), []);
  });

  it("has no heading that takes in whatever comes", () => {
    for (const pieces of headings()) assert.match(pieces.join(" "), /\S \S|\S{8}/);
  });

  it("of a new message without a heading is told where it is", () => {
    const shell = 'put_live() {\n  [ -z "$moon" ] || fail "the moon is in the way of $link"\n}\n';
    const expected = [{ file: "x.sh", parts: ["the moon is in the way of"] }];
    assert.deepEqual(unexplained(messagesOfShell("x.sh", shell)), expected);
    assert.equal(unexplained(messagesOfShell("x.sh", 'fail "it was written"')).length, 1, "no part of words");
    const code = "const ADVICE = { moon: `${who}: wait for ` + `the next moon` };";
    const wait = [{ file: "x.ts", parts: [": wait for the next moon"] }];
    assert.deepEqual(unexplained(messagesOfCode("x.ts", code)), wait);
  });
});

describe("the reader of messages", () => {
  const parts = (text: string): string[][] => messagesOfShell("x.sh", text).map((message) => message.parts);

  it("takes the fixed parts of a shell's word, over lines and around what is filled in", () => {
    assert.deepEqual(readWord(`"a $b c\${d:-"e f"} \\"g\\"$(h "i)" 'j)') k\\\nl" m`, 0).parts, [
      "a ",
      " c",
      ' "g"',
      " kl",
    ]);
    assert.deepEqual(parts('fail "one two\nthree $(say "four five") six seven"'), [["one two three", "six seven"]]);
    assert.deepEqual(parts('why_not="not here, $why; nginx says:\n$errors"'), [["not here,"]]);
    assert.deepEqual(parts('printf \'%s\\n\' "one of two" "$x"'), [["one of two"]]);
  });

  it("leaves out comments, names, options and what goes to a server", () => {
    assert.deepEqual(parts(`# fail "one two"\nstep "one two"\nx="$y/z"\nprintf 'Host: %s HTTP/1.1' "$h"`), []);
    assert.deepEqual(messagesOfCode("x.ts", 'import x from "one two"; cli.option("a", "one two").action(run);'), []);
    assert.deepEqual(messagesOfCode("x.ts", 'send({ doing: "asking for it" }); type X = "one two";'), []);
  });

  it("finds messages where they are filled in, one inside the other too", () => {
    const code = 'throw new Error(`one two ${text || "three four"} five six`);';
    assert.deepEqual(
      messagesOfCode("x.ts", code).map((message) => message.parts),
      [["one two", "five six"], ["three four"]],
    );
  });
});
