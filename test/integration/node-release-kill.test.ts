import * as assert from "node:assert/strict";
import type { Verb } from "../../components/hosts/release";
import { commandsIn, counted, killedAt, points } from "../../rig/hosts/killed-at";
import { needHost } from "../../rig/hosts/nginx-host";
import { NodeFixture } from "../../rig/hosts/node-fixture";
import { CONFIG_PATH, type NodeHost } from "../../rig/hosts/node-host";

const COUNT = Number(process.env["KILL_POINTS"] ?? 16);

describe("a node's activation that ends before its end", function () {
  this.timeout(240_000);
  let fixture: NodeFixture;
  let node: NodeHost;
  const inputs = { one: "", two: "" };

  const length = async (verb: Verb, input: string): Promise<number> =>
    commandsIn(await fixture.succeeds(verb, counted(input)));
  /** The folder that containerd reads leads to whole files, or there is none: files come before links. */
  const whole = async (where: string): Promise<void> => {
    const found = await node.run(
      `[ ! -e ${fixture.folder} ] || { cat ${fixture.folder}/hosts.toml && cat $(sed -n 's/^ca = //p' ${fixture.folder}/hosts.toml | tr -d '"'); }`,
    );
    assert.equal(found.code, 0, `${where}: ${found.stderr}`);
  };

  before(async function () {
    needHost(this);
    fixture = await NodeFixture.start();
    node = fixture.node;
    inputs.one = fixture.input();
    inputs.two = fixture.input({ caPem: `${fixture.rootPem}${fixture.rootPem}` });
  });
  after(() => fixture?.stop());

  it("leaves a node that pulls, at any point of an update, and the next run ends well", async () => {
    await fixture.succeeds("create", inputs.one);
    const last = await length("update", inputs.two);
    let to: "one" | "two" = "one";
    for (const point of points(last, COUNT)) {
      await node.activate("update", killedAt(inputs[to], point));
      assert.ok(await fixture.pulls(), `killed at ${point} of ${last}`);
      await whole(`killed at ${point}`);
      await fixture.succeeds("update", inputs[to]);
      await fixture.succeeds("check", inputs[to]);
      to = to === "one" ? "two" : "one";
    }
    console.log(`      ${COUNT} kills over ${last} commands of an update`);
  });

  it("leaves nothing half, at any point of the first run and of a delete", async () => {
    const drop = await length("delete", inputs.one);
    const make = await length("create", inputs.one);
    for (const point of points(Math.max(drop, make), COUNT).filter((_, index) => index % 2 === 0)) {
      await node.activate("delete", killedAt(inputs.one, Math.min(point, drop)));
      await whole(`delete killed at ${point}`);
      await fixture.succeeds("delete", inputs.one);
      const left = await node.run(`ls -A ${CONFIG_PATH} /etc/private-registry 2>/dev/null`);
      assert.equal(left.stdout.trim(), `${CONFIG_PATH}:`, `delete killed at ${point}`);
      await node.activate("create", killedAt(inputs.one, Math.min(point, make)));
      await whole(`create killed at ${point}`);
      await fixture.succeeds("create", inputs.one);
      assert.ok(await fixture.pulls());
    }
    console.log(`      ${drop} commands of a delete, ${make} of a first run`);
  });

  it("changes nothing where the disk is full, and says so", async () => {
    await fixture.succeeds("update", inputs.one);
    await node.run("dd if=/dev/zero of=/etc/filler bs=1024 2>/dev/null");
    const done = await node.activate("update", inputs.two);
    assert.equal(done.code, 1);
    assert.match(done.stderr, /is the disk full\?/);
    assert.ok(await fixture.pulls());
    await node.run("rm /etc/filler");
    await fixture.succeeds("update", inputs.two);
  });

  it("is not done by two at once", async () => {
    const both = await Promise.all([node.activate("update", inputs.one), node.activate("update", inputs.two)]);
    assert.deepEqual(
      both.map(({ code }) => code),
      [0, 0],
    );
    const fits = await Promise.all([node.activate("check", inputs.one), node.activate("check", inputs.two)]);
    assert.deepEqual(fits.map(({ code }) => code).sort(), [0, 3]);
  });

  it("loses no pull while releases change", async () => {
    let [done, failed, stop] = [0, 0, false];
    const pulling = (async () => {
      while (!stop) {
        done++;
        if (!(await fixture.pulls())) failed++;
      }
    })();
    for (let round = 0; round < 8; round++) await fixture.succeeds("update", round % 2 === 0 ? inputs.two : inputs.one);
    stop = true;
    await pulling;
    console.log(`      ${done} pulls beside 8 releases, ${failed} failed`);
    assert.equal(failed, 0);
    assert.ok(done >= 8, `${done} pulls`);
  });
});
