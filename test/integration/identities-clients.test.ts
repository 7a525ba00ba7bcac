import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { UserRole } from "../../components/nginx/users/role";
import { verifierKey } from "../../components/nginx/users/token-issuers";
import { ensurePrograms } from "../../lab/programs";
import { certificates, gatewaySite, REGISTRY } from "../../rig/gateway/fixture";
import { GatewayOnRegistry, OPEN, PEOPLE } from "../../rig/gateway/on-registry";
import { needHost } from "../../rig/hosts/nginx-host";
import { AUDIENCE, MAIN } from "../../rig/identities/gateway";
import { Issuer, startNames } from "../../rig/identities/issuer";
import { Verifier } from "../../rig/identities/verifier";
import { version3 } from "../../rig/registry/process";

const NAME = "ci-main";

describe("real clients with tokens", function () {
  this.timeout(240_000);
  let site: GatewayOnRegistry;
  let issuer: Issuer;
  let verifier: Verifier;
  let names: { port: number; stop(): void };
  let crane: string;
  let folder: string;

  before(async function () {
    needHost(this);
    names = await startNames();
    issuer = await Issuer.start(REGISTRY, certificates().server);
    site = await GatewayOnRegistry.start(version3);
    const { pair } = site;
    verifier = await Verifier.start(issuer, AUDIENCE, names.port, pair, pair.cert);
    crane = (await ensurePrograms(["crane"], () => undefined)).crane;
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "identities-clients-"));
    fs.writeFileSync(path.join(folder, "ca.crt"), certificates().ca.cert);
  });
  after(async () => {
    await site?.stop();
    await verifier?.stop();
    await issuer?.stop();
    names?.stop();
    if (folder) fs.rmSync(folder, { recursive: true, force: true });
  });

  /** A release with an identity that pushes to team/** and reads base/*. */
  async function put(anonymousPull: string[]): Promise<void> {
    const { users } = await gatewaySite({ people: PEOPLE });
    const repositories = [
      { pattern: "team/**", role: UserRole.Push },
      { pattern: "base/*", role: UserRole.Pull },
    ];
    const identity = { name: NAME, issuer: "ours", audience: AUDIENCE, subject: MAIN, groups: [] };
    const verifiers = [{ key: verifierKey("ours", AUDIENCE), nodePort: verifier.port }];
    await site.put({
      users: [...users, { name: NAME, repositories }],
      identities: [identity],
      verifiers,
      anonymousPull,
    });
  }

  /** Runs a client that has this token in its file of logins; or none. */
  async function run(token: string, program: string, args: string[], input = "") {
    const file = path.join(folder, "config.json");
    const auth = Buffer.from(`${NAME}:${token}`).toString("base64");
    fs.writeFileSync(file, JSON.stringify({ auths: token === "" ? {} : { [site.name]: { auth } } }));
    const env = {
      ...{ HOME: folder, DOCKER_CONFIG: folder, REGISTRY_AUTH_FILE: file, XDG_DATA_HOME: folder },
      SSL_CERT_FILE: path.join(folder, "ca.crt"),
    };
    const [first = "", ...rest] = [...(await site.here()), program, ...args];
    const ended = await execa(first, rest, { env, input, reject: false, all: true, timeout: 60_000 });
    return { code: ended.exitCode ?? 128, all: ended.all };
  }

  async function works(token: string, program: string, args: string[], input?: string): Promise<void> {
    const { code, all } = await run(token, program, args, input);
    assert.equal(code, 0, `${program} ${args.join(" ")}: ${all}`);
  }

  const named = (repository: string): string => `${site.name}/${repository}:1`;
  const at = (repository: string): string => `docker://${named(repository)}`;
  const LENGTHS = { "an ordinary token": 0, "a token of 12 KiB": 8900 };

  for (const [way, open] of Object.entries({ "by Basic": [], "beside open repositories, by Bearer": OPEN })) {
    for (const [what, padding] of Object.entries(LENGTHS)) {
      const good = (): string => issuer.token({ sub: MAIN, aud: AUDIENCE, padding: "x".repeat(padding) });

      it(`crane and skopeo log in, pull and push ${way} with ${what}`, async () => {
        await put(open);
        const [one, other] = [good(), good()];
        await works("", crane, ["auth", "login", site.name, "-u", NAME, "--password-stdin"], one);
        await works("", "skopeo", ["login", "-u", NAME, "--password-stdin", site.name], other);
        await works(one, crane, ["copy", named("base/os"), named("team/by-crane")]);
        await works(other, "skopeo", ["copy", at("team/by-crane"), at("team/by-skopeo")]);
        await works(good(), crane, ["manifest", named("team/by-skopeo")]);
      });
    }

    it(`and are refused ${way} in words that say why`, async () => {
      await put(open);
      const good = issuer.token({ sub: MAIN, aud: AUDIENCE });
      const denied = await run(good, crane, ["copy", named("base/os"), named("other/app")]);
      assert.match(denied.all, /DENIED: this user may not do this here|403/);
      const foreign = await run(issuer.token({ sub: "repo:acme/x:y", aud: AUDIENCE }), crane, [
        "manifest",
        named("base/os"),
      ]);
      assert.match(foreign.all, /the token is good, but its subject|403/);
      const ended = issuer.token({ sub: MAIN, aud: AUDIENCE, exp: 1 });
      const bad = await run("", "skopeo", ["login", "-u", NAME, "--password-stdin", site.name], ended);
      assert.notEqual(bad.code, 0);
      assert.match(bad.all, /invalid username\/password|unauthorized/i);
    });
  }
});
