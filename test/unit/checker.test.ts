import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Checker, type Named } from "../../components/checks/checker";
import { integer } from "../../components/checks/rules";
import { isSecret, underMocks, valueOf } from "../../rig/pulumi/mocks";

const rule = integer(1, 9, "give a digit");
const named = (values: pulumi.Input<number>[]): Named<number>[] =>
  values.map((value, index) => ({ property: `list[${index}]`, value, rule }));

describe("many values checked together", () => {
  it("come back as one output in their order, a secret if one is or that is asked", async () => {
    const { result } = await underMocks(() => {
      const checker = new Checker("A test");
      const all = [
        checker.checkEach(named([3, pulumi.output(1), 2])),
        checker.checkEach(named([3, pulumi.secret(1)])),
        checker.checkEach(named([3, 1]), { secret: true }),
        checker.checkEach(named([])),
      ];
      checker.done();
      return all;
    });
    assert.deepEqual(await Promise.all(result.map(valueOf)), [[3, 1, 2], [3, 1], [3, 1], []]);
    assert.deepEqual(await Promise.all(result.map(isSecret)), [false, true, true, false]);
  });

  it("that are plain are judged at once, all others when they are known, with all that is wrong", async () => {
    const checker = new Checker("A test");
    const late = checker.checkEach(named([0, pulumi.output(10), 5, pulumi.output(11)]));
    assert.throws(() => checker.done(), /1 setting is not right\n {2}- list\[0\] must be 1-9, got 0; give a digit$/);
    await assert.rejects(valueOf(late), (error: Error) => {
      assert.match(
        error.message,
        /2 settings are not right\n {2}- list\[1\] .* got 10; .*\n {2}- list\[3\] .* got 11;/,
      );
      return true;
    });
  });

  it("are not shown where they are secret", async () => {
    const checker = new Checker("A test");
    checker.checkEach(named([77]), { secret: true });
    assert.throws(() => checker.done(), /list\[0\] must be 1-9, got a secret/);
    await assert.rejects(valueOf(new Checker("A test").checkEach(named([pulumi.secret(77)]))), /got a secret/);
  });
});
