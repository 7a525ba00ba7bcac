import assert from "node:assert/strict";
import { ask } from "../../rig/gateway/client";
import { smoke } from "../../cli/smoke";
import { certificates, REGISTRY, UI, USERS } from "../../rig/gateway/fixture";
import { hmacWith, issuerKey, now } from "../../rig/identities/issuer";
import { AUDIENCE, IdentityGateway, MAIN } from "../../rig/identities/gateway";
import { VARIANTS } from "../../rig/gateway/variants";
import { needHost } from "../../rig/hosts/nginx-host";

const sub = MAIN;
const aud = AUDIENCE;

for (const variant of VARIANTS) {
  describe(`tokens in the place of passwords, at nginx ${variant}`, function () {
    this.timeout(120_000);
    let site: IdentityGateway;

    before(async function () {
      needHost(this);
      site = await IdentityGateway.start(variant);
    });
    after(() => site?.stop());

    /** The status of a push by a token under a name. */
    const code = (token: string, name = "ci-main", method = "PUT"): Promise<number> =>
      site.gateway.code(`${name}:${token}`, method, "/v2/acme/app/manifests/1");

    it("a token opens what its identity may do, and nothing else", async () => {
      const token = site.ours.token({ sub, aud });
      assert.equal(await code(token), 200);
      assert.equal(await code(token, "ci-main", "GET"), 200);
      const elsewhere = await ask({
        ...{ port: site.gateway.host.httpsPort, auth: `ci-main:${token}` },
        ...{ method: "PUT", path: "/v2/other/app/manifests/1" },
      });
      assert.equal(elsewhere.status, 403);
      assert.match(elsewhere.body, /"DENIED","message":"this user may not do this here"/);
      assert.equal(await site.gateway.code(`ci-main:${token}`, "GET", "/v2/acme/app/tags/list", UI), 200);
      assert.equal(site.gateway.upstreams.last.headers.authorization, undefined, "the token ends at the gateway");
      for (const path of ["/.private-registry/token-access", "/.private-registry/verifier"])
        assert.equal(await site.gateway.code(`ci-main:${token}`, "GET", path), 404, path);
    });

    /** What is refused, by what is wrong with it: 401 for a bad token, 403 for somebody else's. */
    const ROWS: Record<string, [token: () => string, status: number]> = {
      "a list of audiences with ours": [() => site.ours.token({ sub, aud: ["other", aud] }), 200],
      "4 minutes before its time (nbf), as clocks differ": [() => site.ours.token({ sub, aud, nbf: now() + 240 }), 200],
      "no audience": [() => site.ours.token({ sub }), 401],
      "another audience": [() => site.ours.token({ sub, aud: "other" }), 401],
      "our audience and more letters": [() => site.ours.token({ sub, aud: `${aud}.evil` }), 401],
      "a list of other audiences": [() => site.ours.token({ sub, aud: ["a", "b"] }), 401],
      "a number as audience": [() => site.ours.token({ sub, aud: 5 }), 401],
      "a list with a number": [() => site.ours.token({ sub, aud: [5, aud] }), 401],
      "an ended one": [() => site.ours.token({ sub, aud, exp: now() - 1 }), 401],
      "no end": [() => site.ours.token({ sub, aud, exp: undefined }), 401],
      "10 minutes before its time": [() => site.ours.token({ sub, aud, nbf: now() + 600 }), 401],
      "another issuer's name, our key": [() => site.ours.token({ sub, aud, iss: site.theirs.url }), 401],
      "our name, another issuer's key": [() => site.theirs.token({ sub, aud, iss: site.ours.url }), 401],
      "another issuer's token": [() => site.theirs.token({ sub, aud }), 401],
      "alg none with no signature": [
        () => site.ours.token({ sub, aud }, { header: { alg: "none" }, signature: () => "" }),
        401,
      ],
      "alg none with a signature": [() => site.ours.token({ sub, aud }, { header: { alg: "none" } }), 401],
      "HS256 with the public key as its secret": [
        () => {
          const key = site.ours.keys[0] ?? issuerKey();
          const secret = key.publicKey.export({ type: "spki", format: "pem" }) as string;
          return site.ours.token({ sub, aud }, { header: { alg: "HS256" }, signature: hmacWith(secret) });
        },
        401,
      ],
      "an algorithm that is not allowed": [() => site.ours.token({ sub, aud }, { header: { alg: "RS512" } }), 401],
      "another key under the same name": [
        () => site.ours.token({ sub, aud }, {}, issuerKey("RS256", site.ours.keys[0]?.kid)),
        401,
      ],
      "a key that is nowhere": [() => site.ours.token({ sub, aud }, {}, issuerKey()), 401],
      "a key of its own in the header": [
        () => {
          const key = issuerKey();
          const jwk = key.publicKey.export({ format: "jwk" });
          return site.ours.token({ sub, aud }, { header: { jwk } }, key);
        },
        401,
      ],
      "a changed subject": [
        () => {
          const [head, , end] = site.ours.token({ sub: "repo:acme/other:pull_request", aud }).split(".");
          const claims = { iss: site.ours.url, sub, aud, exp: now() + 300 };
          return `${head}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${end}`;
        },
        401,
      ],
      "no subject": [() => site.ours.token({ aud }), 403],
      "an empty subject": [() => site.ours.token({ sub: "", aud }), 403],
      "null as subject": [() => site.ours.token({ sub: null, aud }), 403],
      "a number as subject": [() => site.ours.token({ sub: 7, aud }), 401],
      "a list as subject": [() => site.ours.token({ sub: [sub], aud }), 401],
      "another branch": [() => site.ours.token({ sub: "repo:acme/app:ref:refs/heads/feature", aud }), 403],
      "a branch that begins alike": [() => site.ours.token({ sub: `${sub}2`, aud }), 403],
      "a branch that ends alike": [() => site.ours.token({ sub: `repo:evil/x:${sub}`, aud }), 403],
      "our branch and a line's end": [() => site.ours.token({ sub: `${sub}\nx`, aud }), 403],
      "a fork": [() => site.ours.token({ sub: "repo:mallory/app:ref:refs/heads/main", aud }), 403],
      "a pull request": [() => site.ours.token({ sub: "repo:acme/app:pull_request", aud }), 403],
      "an environment": [() => site.ours.token({ sub: "repo:acme/app:environment:main", aud }), 403],
      "another letter's case": [() => site.ours.token({ sub: sub.toUpperCase(), aud }), 403],
      "a password": [() => "correct horse: battery", 401],
      nothing: [() => "", 401],
      "no token but three parts": [() => "a.b.c", 401],
    };
    for (const [what, [token, expected]] of Object.entries(ROWS)) {
      it(`${expected === 200 ? "accepts" : "refuses"} ${what}`, async () => {
        assert.equal(await code(token()), expected);
      });
    }

    it("is the identity's own: under another's name, a user's or none it is nobody's", async () => {
      const token = site.ours.token({ sub, aud });
      assert.equal(await code(token), 200);
      assert.equal(await code(token, "ci-release"), 403, "the same verifier, another subject");
      assert.equal(await code(token, "ops"), 401, "another issuer's verifier");
      assert.equal(await code(token, "alice"), 401);
      assert.equal(await code(token, "CI-MAIN"), 401);
      assert.equal(await code(token, "nobody"), 401);
      assert.equal(await code("", token), 401, "the token as the name");
    });

    it("by groups, one of which is enough, and each as a whole", async () => {
      const groups = (list: unknown) => code(site.theirs.token({ sub: "u1", aud, groups: list }), "ops", "GET");
      for (const list of [["ops"], ["a", "ops", "b"], ["night shift"]])
        assert.equal(await groups(list), 200, list.join());
      for (const list of [[], ["ops2"], ["xops"], ["OPS"], undefined, null, "other", ["a b"]])
        assert.equal(await groups(list), 403, JSON.stringify(list));
    });

    it("beside users with passwords, who notice nothing", async () => {
      const [alice, bob] = USERS;
      assert.equal(await code(alice?.password ?? "", "alice"), 200);
      assert.equal(await code(bob?.password ?? "", "bob", "GET"), 200);
      assert.equal(await code("wrong", "alice"), 401);
    });

    it("says in each refusal what is wrong, as docker shows it", async () => {
      const said = async (token: string) => {
        const { status, body, headers } = await ask({ port: site.gateway.host.httpsPort, auth: `ci-main:${token}` });
        return { status, body, asks: headers["www-authenticate"] };
      };
      const bad = await said("a.b.c");
      assert.deepEqual([bad.status, bad.asks], [401, 'Basic realm="Restricted"']);
      const foreign = await said(site.ours.token({ sub: "repo:acme/app:pull_request", aud }));
      assert.equal(foreign.status, 403);
      assert.match(foreign.body, /^\{"errors":\[\{"code":"DENIED","message":"the token is good, but its subject/);
    });

    it("is tried by the smoke test, which says what is wrong with a bad one", async () => {
      const address = "127.0.0.1";
      const port = site.gateway.host.httpsPort;
      const target = {
        registryUrl: `https://${REGISTRY}:${port}`,
        uiUrl: "",
        gateways: [address],
        nodes: [],
        registryNodePort: 0,
        uiNodePort: 0,
        users: [],
        certificateChain: certificates().server.cert,
        trustedRoots: certificates().ca.cert,
        namespace: "kube-system",
        tlsSecretName: "registry-tls-secret",
        deleteEnabled: true,
        clientCertificateRequired: true,
      };
      const tried = async (token: string): Promise<string> => {
        const report = await smoke({ ...target, identity: { name: "ci-main", token } }, { kubeconfig: "/nonexistent" });
        const found = report.checks.find(({ what }) => what === "login of ci-main (token)");
        return `${found?.status}: ${found?.detail}`;
      };
      assert.equal(await tried(site.ours.token({ sub, aud })), "passed: 200");
      assert.match(
        await tried(site.ours.token({ sub, aud: "other" })),
        /^failed: 401: the token has ended, is for another/,
      );
      assert.match(await tried(site.ours.token({ sub: "x", aud })), /^failed: 403: the token is somebody else's/);
    });

    it("has its subject in the log, remembered or not, and also where it is somebody else's", async () => {
      await site.put({ logFormat: "json" });
      const [own, foreign] = [sub, "repo:acme/app:pull_request"].map((each) => site.ours.token({ sub: each, aud }));
      assert.deepEqual([await code(own ?? ""), await code(own ?? ""), await code(foreign ?? "")], [200, 200, 403]);
      const { stdout } = await site.gateway.host.run("grep '^{' /var/log/nginx/docker.access.log | tail -n 3");
      const lines = stdout.trim().split("\n");
      assert.deepEqual(
        lines.map((line) => (JSON.parse(line) as { subject: string }).subject),
        [sub, sub, "repo:acme/app:pull_request"],
      );
      await site.put();
    });

    it("is in no log, of the gateway or the verifier", async () => {
      const tokens = [
        site.ours.token({ sub, aud }),
        site.ours.token({ sub, aud: "other" }),
        site.theirs.token({ sub, aud }),
      ];
      for (const token of tokens) await code(token);
      await site.gateway.code(`:${tokens[0]}`);
      const logs = (await site.gateway.host.run("cat /var/log/nginx/*.log")).stdout + site.logs();
      assert.match(logs, /ci-main/);
      for (const token of tokens) {
        const [, claims = "", signature = ""] = token.split(".");
        for (const secret of [signature, claims, Buffer.from(`ci-main:${token}`).toString("base64").slice(30, 90)])
          assert.ok(!logs.includes(secret.slice(0, 40)), "a part of a token is in a log");
      }
    });

    it("with an identity gone or another subject, ends with the release, remembered or not", async () => {
      const token = site.ours.token({ sub, aud });
      assert.equal(await code(token), 200);
      await site.put({
        identities: site.identities.map((each) => ({ ...each, subject: each.subject && "repo:acme/x:y" })),
      });
      assert.equal(await code(token), 403);
      await site.put({ identities: [], verifiers: [] }, []);
      assert.equal(await code(token), 401);
      await site.put();
      assert.equal(await code(token), 200);
    });
  });
}
