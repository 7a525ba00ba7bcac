import assert from "node:assert/strict";
import * as life from "../../components/nodes/node-release-life";

const inputs: life.NodeReleaseInputs = {
  host: "192.0.2.10",
  port: 22,
  user: "root",
  privateKey: "key",
  hostKey: "ssh-ed25519 AAAA",
  stdin: "everything",
  site: "main-nodes",
  release: "abc",
  first: false,
};
const DONE = "private-registry: done create main-nodes abc 1000\n";
const state: life.NodeReleaseState = { ...inputs, stdout: DONE, problem: "", refused: false };
const ends =
  (code: number, stdout = "", stderr = ""): life.Run =>
  () =>
    Promise.resolve({ code, stdout, stderr });
const unreachable: life.Run = () => Promise.reject(new Error("connect ECONNREFUSED"));

describe("the life of a node's release", () => {
  it("is done once the node says so", async () => {
    const { outs } = await life.create(inputs, ends(0, `hello\n${DONE}`));
    assert.deepEqual([outs.problem, outs.refused, outs.stdout], ["", false, `hello\n${DONE}`]);
  });

  it("is not done by a command that ends with 0 and says nothing", async () => {
    const { outs } = await life.create(inputs, ends(0, "Welcome!\n"));
    assert.equal(outs.refused, true);
    assert.match(
      outs.problem,
      /^192\.0\.2\.10: the SSH command ended with 0 without having done its work.* on the node$/,
    );
  });

  it("asks the node as it is said to be reached, with the verb, and goes by the resource's own id", async () => {
    const asked: unknown[] = [];
    const run: life.Run = (...all) => (asked.push(all), Promise.resolve({ code: 0, stdout: DONE, stderr: "" }));
    const { id } = await life.create(inputs, run);
    assert.equal(id, "main-nodes 192.0.2.10");
    await life.update(id, state, inputs, run);
    await life.remove(id, state, run);
    const { host, port, user, privateKey, hostKey } = inputs;
    const to = { name: "node", host, port, user, privateKey, hostKey };
    assert.deepEqual(asked, [
      [to, "create", "everything"],
      [to, "update", "everything"],
      [to, "delete", "everything"],
    ]);
    assert.deepEqual(await life.read(id, state), { id, props: state });
  });

  it("is done by an update, too, and not by a run that ends with an error after all", async () => {
    const updated = DONE.replace("create", "update");
    assert.equal((await life.update("", state, inputs, ends(0, updated))).outs.problem, "");
    const { outs } = await life.update("", state, inputs, ends(1, updated, "cut: private-registry: off"));
    assert.deepEqual([outs.problem, outs.refused, outs.stdout], ["192.0.2.10: cut: private-registry: off", true, ""]);
  });

  it("notes a node that does not answer, the first one too", async () => {
    for (const first of [true, false]) {
      const { outs } = await life.update("", state, { ...inputs, first }, unreachable);
      assert.deepEqual([outs.problem, outs.refused, outs.stdout], ["connect ECONNREFUSED", false, ""]);
    }
  });

  it("fails at once where the first node refuses, and notes it of the others", async () => {
    const refuses = ends(1, "", "private-registry: no config_path\nwrite it\n");
    await assert.rejects(
      life.create({ ...inputs, first: true }, refuses),
      /^Error: 192\.0\.2\.10: no config_path\nwrite it$/,
    );
    const { outs } = await life.create(inputs, refuses);
    assert.deepEqual([outs.problem, outs.refused], ["192.0.2.10: no config_path\nwrite it", true]);
  });

  it("is sent again as long as the node does not have it, and when anything of it changes", () => {
    assert.equal(life.diff("", state, inputs).changes, false);
    assert.equal(life.diff("", { ...state, problem: "away" }, inputs).changes, true);
    for (const name of ["host", "user", "privateKey", "hostKey", "stdin", "site", "release"] as const)
      assert.equal(life.diff("", state, { ...inputs, [name]: "other" }).changes, true, name);
    assert.equal(life.diff("", state, { ...inputs, port: 2222 }).changes, true);
    assert.equal(life.diff("", state, { ...inputs, first: true }).changes, false, "another node is the first now");
    const { replaces, deleteBeforeReplace } = life.diff("", state, { ...inputs, host: "other" });
    assert.deepEqual([replaces, deleteBeforeReplace], [[], true], "one that is forced deletes first");
  });

  it("ends though the node is gone, and not where it refuses", async () => {
    await life.remove("", state, unreachable);
    await life.remove("", state, ends(0, DONE));
    await assert.rejects(
      life.remove("", state, ends(1, "", "private-registry: read-only")),
      /192\.0\.2\.10: read-only/,
    );
  });
});
