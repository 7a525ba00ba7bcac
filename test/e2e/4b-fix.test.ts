import assert from "node:assert/strict";
import { ask } from "../../rig/stack/https";
import { credentials } from "../../rig/stack/images";
import { checkout, labVariable, onGateway, run, type Run, succeeded } from "../../rig/stack/lab";
import { preview, settle, state, up } from "../../rig/stack/stack";

const SECRET = "4dabf18193072939515e22adb298388d";

describe("4b. a gateway that somebody changed", () => {
  before(settle);

  const drift = (...args: string[]): Promise<Run> =>
    run("npm", ["run", "--silent", "drift", "--", "--stack", labVariable("LAB_STACK"), ...args], { cwd: checkout });
  const works = async (): Promise<void> => {
    const answer = await ask(labVariable("LAB_REGISTRY_HOST"), "/v2/", { auth: credentials("pull").auth });
    assert.equal(answer.status, 200);
    assert.equal((await preview("--expect-no-changes")).exitCode, 0);
  };

  it("is named by drift, and right again after drift --fix; no preview shows a change for it", async () => {
    assert.equal((await drift()).exitCode, 0);
    const changed = await onGateway(`set -e; cd /etc/nginx/private-registry/*gateway
      sudo -n rm last-good; sudo -n sh -c 'chmod 644 releases/*/key.pem; echo >>$(ls -td releases/*/ | head -n 1)users'`);
    succeeded(changed);
    const found = await drift();
    assert.equal(found.exitCode, 1, found.all);
    assert.match(found.all, /last-good: does not point to/);
    assert.match(found.all, /key\.pem: has mode 0644 and not 0600/);
    assert.match(found.all, /To write it again: npm run drift -- --fix --stack/);
    const fixed = await drift("--fix");
    assert.equal(fixed.exitCode, 0, fixed.all);
    assert.match(fixed.all, /written again\n/);
    assert.equal((await drift()).exitCode, 0);
    await works();
  });

  it("whose host has never said that it is done fails every up, until it has", async () => {
    const before = JSON.parse(await state()) as {
      deployment: { resources: { type: string; urn: string; outputs: Record<string, unknown> }[] };
    };
    const command = before.deployment.resources.find(
      ({ type, urn }) => type === "command:remote:Command" && urn.includes("gateway"),
    );
    assert.ok(command);
    // What a login shell that does nothing leaves in the state.
    command.outputs["stdout"] = { [SECRET]: "1b47061264138c4ac30d75fd1eb44270", plaintext: '""' };
    const args = ["stack", "import", "--stack", labVariable("LAB_STACK")];
    succeeded(await run("pulumi", args, { input: JSON.stringify(before) }));
    for (let round = 0; round < 2; round++) {
      const refused = await up();
      assert.notEqual(refused.exitCode, 0);
      assert.match(
        refused.all,
        /the SSH command ended without an error, but the release of \S+ is not known to be there/,
      );
      assert.match(refused.all, /what came is nothing/);
    }
    const fixed = await drift("--fix");
    assert.equal(fixed.exitCode, 0, fixed.all);
    succeeded(await up("--expect-no-changes"));
    assert.doesNotMatch(await state(), /private-registry: done/, "what a host has said is encrypted in the state");
    await works();
  });
});
