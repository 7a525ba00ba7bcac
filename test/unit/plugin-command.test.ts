import assert from "node:assert/strict";
import { remoteCommand } from "../../lab/plugins/command/remote-command";
import { ChangeKind, Doing } from "../../lab/plugins/protocol/resource";
import { Properties, reveal, Secret, Unknown } from "../../lab/plugins/protocol/values";
import { quote } from "../../lab/plugins/ssh/session";

const silent = { status: () => undefined, warning: () => undefined, error: () => undefined };
const preview: Doing = { name: "main", log: silent, cancelled: new AbortController().signal, preview: true };

describe("plugin command: inputs of a remote command", () => {
  it("get the real plugin's defaults, and the whole connection becomes secret", () => {
    const { inputs, failures } = remoteCommand.check({ connection: { host: "h", proxy: { host: "p" } } }, preview);
    assert.deepEqual(failures, []);
    assert.ok(inputs["connection"] instanceof Secret);
    const common = { port: 22, user: "root", dialErrorLimit: 10, perDialTimeout: 15 };
    assert.deepEqual(reveal(inputs["connection"]), { host: "h", ...common, proxy: { host: "p", ...common } });
  });

  it("are refused, all of them at once, without a word of a secret", () => {
    const connection = new Secret({ privateKey: 42, port: "hush" });
    const { failures } = remoteCommand.check({ connection, stdin: 1, logging: "loud" }, preview);
    assert.deepEqual(failures.map(({ property }) => property).sort(), [
      "connection.host",
      "connection.port",
      "connection.privateKey",
      "logging",
      "stdin",
    ]);
    assert.doesNotMatch(JSON.stringify(failures), /hush/);
  });

  it("may be unknown in a preview", () => {
    const connection = { host: Unknown.value, privateKey: new Secret(Unknown.value) };
    assert.deepEqual(remoteCommand.check({ connection, stdin: Unknown.value }, preview).failures, []);
  });
});

describe("plugin command: what a change of inputs does", () => {
  const inputs: Properties = {
    create: "a",
    stdin: new Secret("x"),
    triggers: ["1"],
    connection: new Secret({ host: "h" }),
  };
  const state: Properties = { ...inputs, stdout: "out", stderr: "" };

  it("is nothing if nothing changed", () => {
    assert.deepEqual(remoteCommand.diff(state, inputs, { ...inputs }), {});
    assert.deepEqual(remoteCommand.diff(state, undefined, { ...inputs }), {});
  });

  it("is an update for a changed command, stdin or connection", () => {
    const now = { ...inputs, create: "b", stdin: new Secret("y"), connection: new Secret({ host: "i" }) };
    assert.deepEqual(remoteCommand.diff(state, inputs, now), {
      create: ChangeKind.Update,
      stdin: ChangeKind.Update,
      connection: ChangeKind.Update,
    });
  });

  it("names each changed trigger, for which the SDK then replaces, and replaces by itself for all of them", () => {
    assert.deepEqual(remoteCommand.diff(state, inputs, { ...inputs, triggers: ["2"] }), {
      "triggers[0]": ChangeKind.Update,
    });
    const without = { ...inputs };
    delete without["triggers"];
    assert.deepEqual(remoteCommand.diff(state, inputs, without), { triggers: ChangeKind.DeleteReplace });
  });
});

describe("plugin command: a preview", () => {
  it("of a new command shows its inputs with their marks, and outputs that nobody knows yet", async () => {
    const inputs: Properties = { create: "a", stdin: new Secret("x"), connection: new Secret({ host: "h" }) };
    const { id, state } = await remoteCommand.create(inputs, preview);
    assert.match(id, /^main[0-9a-f]{8}$/);
    assert.deepEqual(state, { ...inputs, stdout: Unknown.value, stderr: Unknown.value });
  });

  it("of an update knows no output if an input changes, and keeps them otherwise", async () => {
    const inputs: Properties = { create: "a", connection: new Secret({ host: "h" }) };
    const state = { ...inputs, stdout: "out", stderr: "" };
    const changed = await remoteCommand.update(state, { ...inputs, create: Unknown.value }, preview);
    assert.deepEqual([changed["stdout"], changed["stderr"]], [Unknown.value, Unknown.value]);
    const added = await remoteCommand.update(state, { ...inputs, update: "b" }, preview);
    assert.equal(added["stdout"], "out");
  });
});

describe("plugin command: a quoted command in an error", () => {
  it("is written as Go writes it", () => {
    assert.equal(quote('say "hi"\n\ttwo\\\u0007\u0001é'), '"say \\"hi\\"\\n\\ttwo\\\\\\a\\x01é"');
  });
});
