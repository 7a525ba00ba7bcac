import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { AcmeResponder, type GatewayHostArgs } from "../../components";
import { doneLine, wordIn } from "../../components/hosts/release";
import { NGINX_HOST } from "../../components/nginx/kind";
import { NODE_HOST_KIND } from "../../components/nodes/kind";
import { REGISTRY, THUMBPRINT } from "../../rig/gateway/fixture";
import { type Run, underMocks, UNKNOWN, valueOf } from "../../rig/pulumi/mocks";
import { HOST_KEY, newPrivateKey } from "../support/ssh-made";
import { warned } from "../support/warned";

const privateKey = newPrivateKey();
const hosts = ["192.0.2.4", "192.0.2.5"].map((address): GatewayHostArgs => ({ address, hostKey: HOST_KEY }));

/** A site on two hosts; `says` is what the first one's command prints for what was sent to it. */
function up(says: (stdin: string) => string, { preview = false, gateways = hosts } = {}): Promise<Run<AcmeResponder>> {
  const args = { gateways, ssh: { privateKey }, names: [REGISTRY], accountThumbprint: THUMBPRINT };
  return underMocks(() => new AcmeResponder("main-responder", args), {
    preview,
    answer: (type, name, inputs) =>
      type === "command:remote:Command" && name.endsWith("-4") ? { stdout: says(String(inputs["stdin"])) } : undefined,
  });
}

const done = (stdin: string, at = Date.now()): string => doneLine(stdin, "update", at);

describe("a release that was sent", () => {
  it("goes with all of the program and the words that it needs, as the user of whom nothing else is said", async () => {
    for (const { folder, parts } of [NGINX_HOST, NODE_HOST_KIND])
      assert.deepEqual(
        [...parts].sort(),
        readdirSync(folder)
          .map((file) => basename(file, ".sh"))
          .sort(),
      );
    const { inputs } = (await up(done)).one("Command", "main-responder-192-0-2-4");
    const words = ["probe_header", "proof_header", "nonce_header", "cache", "cache_gib"];
    assert.deepEqual(
      words.map((name) => wordIn(String(inputs["stdin"]), name)),
      ["X-Private-Registry-Release", "X-Private-Registry-Proof", "X-Private-Registry-Nonce", "", "0"],
    );
    assert.match(String(inputs["stdin"]), /^cache=''$/m);
    assert.equal((inputs["connection"] as Record<string, unknown>)["user"], "root");
  });

  it("is live once each host says so by its last line; the second host is asked then", async () => {
    const run = await up((stdin) => `hello\n${done(stdin)}`);
    const { inputs, after } = run.one("Command", "main-responder-192-0-2-5");
    assert.deepEqual(after, ["main-responder-192-0-2-4"]);
    assert.equal(await valueOf(run.result.releaseHash), wordIn(String(inputs["stdin"]), "release"));
    const owner = wordIn(String(inputs["stdin"]), "owner");
    assert.equal(owner, "private-registry/test/main-responder 192-0-2-5 192.0.2.5:22");
    assert.deepEqual(run.one("ReleaseFiles").after, ["main-responder-192-0-2-5"]);
  });

  it("is not taken for live where something else ran in its place, and what came is told if it is no secret", async () => {
    const cases: [says: (stdin: string) => string, came: string][] = [
      [() => " \n", "nothing"],
      [() => "first\nWelcome to gw1!  \n", '"Welcome to gw1!"'],
      [() => "long ".repeat(99), `"${"long ".repeat(24)}"`],
      [(stdin) => `got ${stdin.split("\n").find((line) => line.length === 76)}`, "a part of what was sent to it"],
      [(stdin) => done(stdin).replace("update", "delete"), "a part of what was sent to it"],
    ];
    for (const [says, came] of cases) {
      await assert.rejects(up(says), ({ message }: Error) => {
        assert.equal(
          message.slice(message.indexOf("192.0.2.4: ")),
          "192.0.2.4: the SSH command ended without an error, but the release of main-responder is not known to be " +
            `there: its last line has to be "private-registry: done ...", and what came is ${came}. Something else ran ` +
            "in its place: see the SSH user's login shell (getent passwd) and a command= in its authorized_keys on " +
            "the host. Correct that, then run: npm run drift -- --fix",
        );
        return true;
      });
    }
  });

  it("warns of what the host warned of, in the run in which it did and not in later ones", async () => {
    const says = async (ago: number): Promise<string[]> => {
      const text = (stdin: string): string => `private-registry: warning: no IPv6\n${done(stdin, Date.now() - ago)}`;
      return (await warned(() => up(text))).said;
    };
    assert.deepEqual(await says(0), ["192.0.2.4: no IPv6"]);
    assert.deepEqual(await says(240_000), ["192.0.2.4: no IPv6"]);
    assert.deepEqual(await says(-240_000), ["192.0.2.4: no IPv6"], "a host whose clock is ahead");
    assert.deepEqual([await says(360_000), await says(-360_000)], [[], []]);
  });

  it("asks nothing of a host in a preview", async () => {
    const preview = await up(() => "", { preview: true });
    assert.equal(preview.one("ReleaseFiles").inputs["site.conf"] === UNKNOWN, false);
    assert.deepEqual(preview.one("Command", "main-responder-192-0-2-5").after, ["main-responder-192-0-2-4"]);
  });

  it("shows on which addresses hosts serve it, where some do so on certain ones only", async () => {
    const [first, second] = hosts as [GatewayHostArgs, GatewayHostArgs];
    const listenAddresses = ["192.0.2.4"];
    const run = await up(done, { gateways: [{ ...first, listenAddresses }, second] });
    assert.deepEqual(run.one("ReleaseFiles").inputs["listenAddresses"], { "192-0-2-4": listenAddresses });
    const [one, other] = run.all("command:remote:Command").map(({ inputs }) => String(inputs["stdin"]));
    assert.match(one ?? "", /^listen=\('192\.0\.2\.4'\)$/m);
    assert.match(other ?? "", /^listen=\(\)$/m);
    assert.equal((await up(done)).one("ReleaseFiles").inputs["listenAddresses"], undefined);
  });
});
