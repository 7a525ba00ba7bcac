import assert from "node:assert/strict";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { dockerIsUp, startDocker, stopDocker } from "../../lab/hosts";
import { labOf } from "../../lab/lab";
import { DEBIAN_GROUPS, ensureDebianPackages } from "../../lab/programs/debian";
import { context } from "../../rig/stack/artifacts";
import { Containers, docker } from "../../rig/stack/clients";
import { ask } from "../../rig/stack/https";
import { credentials, login, makeImage, pulledDigest, push, reference } from "../../rig/stack/images";
import { kubectl, labVariable, succeeded } from "../../rig/stack/lab";
import { issuerSettings, labIssuer, verifierImages } from "../../rig/stack/lab-issuer";
import { changeConfig, decryptedState, preview, settle, stateFiles, up } from "../../rig/stack/stack";
import { runConformance, type Verdicts } from "../support/conformance";
import type { Issuer } from "../../rig/identities/issuer";

const AUDIENCE = "registry.lab.test";
const SUBJECT = "repo:acme/app:ref:refs/heads/main";
const NAME = "ci-main";

describe("6h. identities by tokens", function () {
  this.timeout(600_000);
  let issuer: Issuer;
  let putBack: (() => void) | undefined;

  before(async () => {
    await ensureDebianPackages([...DEBIAN_GROUPS.docker, ...DEBIAN_GROUPS.clients], () => undefined);
    await verifierImages();
    await settle();
    issuer = await labIssuer();
    const at = "access.identities[0]";
    putBack = await changeConfig({
      ...issuerSettings(issuer),
      // Each token of the tests is a new one, and so a guess.
      "access.guessesPerMinute": 6000,
      [`${at}.name`]: NAME,
      [`${at}.issuer`]: "lab",
      [`${at}.audience`]: AUDIENCE,
      [`${at}.subject`]: SUBJECT,
      [`${at}.repositories[0].pattern`]: "acme/**",
      [`${at}.repositories[0].role`]: "push",
    });
  });
  after(async () => {
    putBack?.();
    await settle();
    await issuer?.stop();
  });

  const token = (claims: object = {}): string => issuer.token({ sub: SUBJECT, aud: AUDIENCE, ...claims });
  const status = async (password: string, path = "/v2/"): Promise<number> =>
    (await ask(labVariable("LAB_REGISTRY_HOST"), path, { auth: `${NAME}:${password}` })).status;

  it("a preview says who gets in by what, and one up brings the pods that verify tokens", async () => {
    const shown = succeeded(await preview());
    assert.match(
      shown.stdout,
      /ci-main \(push acme\/\*\*\): tokens of lab for registry\.lab\.test with the subject repo:acme/,
    );
    const changed = await up();
    succeeded(changed);
    console.log(`      an up with two more pods: ${changed.seconds.toFixed(1)} s`);
    const again = await preview();
    assert.deepEqual([...again.changes.keys()], [], "and a second one changes nothing");
    const label = "app.kubernetes.io/name=token-verifier";
    const pods = await kubectl("-n", "kube-system", "get", "pods", "-l", label, "-o", "json");
    const { items } = JSON.parse(pods) as { items: { status: { containerStatuses: { ready: boolean }[] } }[] };
    assert.equal(items.length, 2);
    assert.ok(items.every(({ status: { containerStatuses: all } }) => all.every(({ ready }) => ready)));
  });

  it("a job pushes and pulls with its own token and nothing else, by crane and by podman", async () => {
    const image = await makeImage("identity", 2, 64 << 10);
    const variables = await login("push", { user: NAME, password: token() });
    succeeded(await push(image, reference("acme/app"), variables));
    assert.equal(await pulledDigest(reference("acme/app"), variables), image.digest);
    const refused = await push(image, reference("other/app"), variables);
    assert.notEqual(refused.exitCode, 0);
    assert.match(refused.all, /403 Forbidden|DENIED/);
    const containers = new Containers();
    try {
      const podman = containers.client("podman");
      succeeded(await podman.login({ user: NAME, password: token() }));
      succeeded(await podman.run("pull", ...podman.trust, reference("acme/app")));
      succeeded(await podman.run("push", ...podman.trust, reference("acme/app"), reference("acme/copy")));
    } finally {
      containers.end();
    }
  });

  it("a job builds and pushes by docker, with a token of 12 KiB", async () => {
    const wasUp = dockerIsUp(labOf());
    await startDocker(labOf());
    try {
      const client = docker();
      const wrong = await client.login({ user: NAME, password: token({ aud: "other" }) });
      assert.match(wrong.all, /401 Unauthorized/);
      const foreign = await client.login({ user: NAME, password: token({ sub: "repo:acme/app:pull_request" }) });
      assert.match(foreign.all, /403 Forbidden/);
      succeeded(await client.login({ user: NAME, password: token({ padding: "x".repeat(8900) }) }));
      const target = reference("acme/docker");
      succeeded(await client.run("build", "--tag", target, context("identity")));
      succeeded(await client.run("push", target));
      succeeded(await client.run("rmi", target));
      succeeded(await client.run("pull", target));
    } finally {
      if (!wasUp) await stopDocker(labOf());
    }
  });

  it("OCI's conformance suite says the same by a token as by a password, test by test", async () => {
    const command = [...labVariable("LAB_EXEC").split(" "), path.join(labVariable("LAB_DIR"), "bin", "conformance")];
    const run = (login: { user: string; password: string }, name: string): Promise<Verdicts> =>
      runConformance({
        ...{ command, registry: AUDIENCE, caFile: labVariable("LAB_CA_FILE"), login },
        repositories: `acme/conformance-${name}`,
      });
    const byToken = await run({ user: NAME, password: token() }, "token");
    assert.deepEqual(byToken, await run(credentials("push"), "password"));
  });

  it("another subject, another audience and a token that has ended are refused", async () => {
    assert.equal(await status(token()), 200);
    assert.equal(await status(token({ sub: "repo:acme/app:pull_request" })), 403);
    assert.equal(await status(token({ sub: "repo:mallory/app:ref:refs/heads/main" })), 403);
    assert.equal(await status(token({ aud: "other" })), 401);
    assert.equal(await status(token({ exp: Math.floor(Date.now() / 1000) - 1 })), 401);
  });

  it("no fresh token is lost in a roll of the pods that verify them", async () => {
    const name = (
      await kubectl(
        "-n",
        "kube-system",
        "get",
        "deployment",
        "-l",
        "app.kubernetes.io/name=token-verifier",
        "-o",
        "name",
      )
    ).trim();
    const answers: number[] = [];
    let rolling = true;
    const asking = (async () => {
      for (; rolling; await sleep(200)) answers.push(await status(token()));
    })();
    await kubectl("-n", "kube-system", "rollout", "restart", name);
    await kubectl("-n", "kube-system", "rollout", "status", name, "--timeout=90s");
    await sleep(6000); // those that end go on for 5 s
    rolling = false;
    await asking;
    assert.deepEqual([...new Set(answers)], [200]);
    assert.ok(answers.length > 20, `${answers.length} tokens`);
  });

  it("no token is in the state, the config or a log of the lab", async () => {
    const one = token();
    assert.equal(await status(one), 200);
    const [, claims = "", signature = ""] = one.split(".");
    for (const [where, text] of Object.entries({ ...stateFiles(), state: await decryptedState() }))
      for (const part of [claims, signature]) assert.ok(!text.includes(part.slice(0, 60)), where);
  });

  it("an identity that is taken away has no right from the next up on, and its pods go", async () => {
    const one = token();
    assert.equal(await status(one), 200);
    putBack?.();
    putBack = undefined;
    succeeded(await up());
    assert.equal(await status(one), 401);
    const left = await kubectl("-n", "kube-system", "get", "deployment,service,configmap", "-o", "name");
    assert.doesNotMatch(left, /-lab-/);
  });
});
