import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { daemonOf } from "../../lab/hosts";
import { labIn } from "../../lab/lab";
import { callBack } from "../../rig/stack/call-back";
import { servedFingerprint } from "../../rig/stack/https";
import { login, makeImage, pulledDigest, push, reference } from "../../rig/stack/images";
import { checkout, kubectl, labVariable, onGateway, succeeded } from "../../rig/stack/lab";
import { outputs, preview, settle, up, withConfig } from "../../rig/stack/stack";
import { askSteadily, figures } from "../../rig/stack/steady";

const fingerprint = (pem: string): string => new X509Certificate(pem).fingerprint256.replaceAll(":", "").toLowerCase();

/** The certificate as each place has it, which must be one and the same: stack, cluster, registry's site, UI's site. */
async function certificateEverywhere(): Promise<string> {
  const chain = String((await outputs()).certificateChain);
  const secret = await kubectl("-n", "kube-system", "get", "secret", "registry-tls-secret", "-o", "json");
  const stored = (JSON.parse(secret) as { data: Record<string, string> }).data["domain.crt"] ?? "";
  const places = [
    fingerprint(chain),
    fingerprint(Buffer.from(stored, "base64").toString("utf8")),
    await servedFingerprint(labVariable("LAB_REGISTRY_HOST")),
    await servedFingerprint(labVariable("LAB_UI_HOST")),
  ];
  assert.equal(new Set(places).size, 1, places.join("\n"));
  return places[0] ?? "";
}

/** Makes the ACME server answer nobody, as a machine that is lost; hands back what ends that. */
function freezeCa(): () => void {
  const mark = daemonOf(labIn(labVariable("LAB_DIR"), checkout), "ca", "pebble");
  assert.ok(mark, "the ACME server runs");
  process.kill(mark.pid, "SIGSTOP");
  return () => void process.kill(mark.pid, "SIGCONT");
}

/** Pushes and pulls small images one after the other until told to stop, 200 at the most. */
function pushSteadily(): { stop: () => Promise<{ pushes: number; failures: string[] }> } {
  let stopped = false;
  const failures: string[] = [];
  const work = (async () => {
    const variables = await login("push");
    let pushes = 0;
    for (; pushes < 200 && !stopped; pushes++) {
      const image = await makeImage(`steady-${pushes}`, 3, 256 << 10);
      const target = reference("renewal/steady", String(pushes));
      const pushed = await push(image, target, variables);
      if (pushed.exitCode !== 0) failures.push(`push ${pushes}: ${pushed.all}`);
      else if ((await pulledDigest(target, variables)) !== image.digest)
        failures.push(`pull ${pushes}: another digest`);
    }
    return pushes;
  })();
  return {
    stop: async () => {
      stopped = true;
      return { pushes: await work, failures };
    },
  };
}

describe("5. a certificate that is about to end", () => {
  before(async () => {
    await settle();
    const image = await makeImage("fixed", 1, 64 << 10);
    succeeded(await push(image, reference("renewal/fixed"), await login("push")));
  });
  after("the stack goes back to a long-lived certificate", settle);

  it("is seen by the preview, renewed by up, served everywhere, and no request fails meanwhile", async () => {
    await withConfig({ "certificate.profile": "brief" }, async () => {
      succeeded(await up());
      const old = await certificateEverywhere();

      // An hour is more than these certificates last: what is set can't be kept, and a third of the lifetime counts.
      await withConfig({ "certificate.renewBeforeHours": 1 }, async () => {
        const early = await up();
        succeeded(early);
        assert.match(early.all, /renewBeforeHours 1 is too long for a certificate of 5 minutes/);
        assert.equal(await certificateEverywhere(), old, "it is not due right after it was issued");
        await sleep(Math.max(Date.parse(String((await outputs()).certificateRenewAt)) - Date.now(), 0) + 1000);
        const announced = await preview();
        succeeded(announced);
        assert.match(announced.all, /renewed by the next update, due since .*a third of .*, the earliest, instead of/);

        const pushing = pushSteadily();
        const asking = await askSteadily("renewal/fixed:1");
        const renewal = await up();
        const small = await asking.stop();
        const { pushes, failures } = await pushing.stop();
        succeeded(renewal);
        console.log(
          `      renewal: ${renewal.seconds.toFixed(1)} s, ${pushes} pushes and pulls meanwhile; ${figures(small)}`,
        );
        assert.deepEqual(failures, []);
        assert.ok(pushes > 0);
        assert.deepEqual(small.failures, []);
        assert.deepEqual(small.serverErrors, []);
        assert.ok(small.answered > 100, `${small.answered} small requests are no load`);
        assert.deepEqual([...small.logged], [[200, small.answered]], "client and log count the same");
        assert.notEqual(await certificateEverywhere(), old);
        const kinds = [...renewal.changes].filter(([, change]) => change !== "update");
        assert.deepEqual(kinds, [], "a renewal updates in place");
      });
    });
  });

  it("keeps the old certificate in service, with a warning, while the CA is dead, and the rest of the run goes on", async () => {
    await settle();
    const old = await certificateEverywhere();
    await callBack();
    const settings = { "certificate.timeoutSeconds": 10, "nginx.readTimeoutSeconds": 901 };
    await withConfig(settings, async () => {
      const revive = freezeCa();
      const tried = await up().finally(revive);
      succeeded(tried);
      console.log(`      with a dead CA: ${tried.seconds.toFixed(1)} s`);
      assert.match(tried.all, /warning: certificate of .* could not be renewed .*gave up after 10 s/);
      assert.match(tried.all, /stays in service until \d{4}-/);
      assert.ok(tried.seconds < 60, "a dead CA ends after its timeout");
      assert.equal(await certificateEverywhere(), old);
      assert.match((await onGateway("sudo -n nginx -T 2>/dev/null")).stdout, /read_timeout 901s/);
      succeeded(await up());
      assert.notEqual(await certificateEverywhere(), old, "the next run renews");
    });
  });
});
