import assert from "node:assert/strict";
import { ask } from "../../rig/gateway/client";
import { alice } from "../../rig/gateway/on-host";
import { VARIANTS } from "../../rig/gateway/variants";
import { needHost } from "../../rig/hosts/nginx-host";
import { REGISTRY, SsoGateway, UI, type Visitor } from "../../rig/identities/sso";

const COOKIE = "__Host-private-registry";
const MANIFEST = `/v2/apps/one/manifests/sha256:${"0".repeat(64)}`;

for (const variant of VARIANTS) {
  describe(`a company's login at the UI, at nginx ${variant}`, function () {
    this.timeout(120_000);
    let site: SsoGateway;

    before(async function () {
      needHost(this);
      site = await SsoGateway.start(variant);
      site.company.people.set("dora", ["all", "devs"]).set("olaf", ["night shift"]);
      site.company.people.set("wanda", ["web"]).set("eve", ["devs2", "night", "xdevs", "0", "|"]);
    });
    after(() => site?.stop());

    const loggedIn = async (person: string): Promise<Visitor> => {
      const visitor = site.browser();
      await visitor.open("/", person);
      assert.ok(visitor.cookie);
      return visitor;
    };
    const code = async (visitor: Visitor, path: string, method = "GET", headers = {}): Promise<number> =>
      (await visitor.ui(path, { method, headers })).status;
    /** What takes long, on one of them: it is the pod's doing. */
    const slowly = (what: string, test: () => Promise<void>): unknown => variant === VARIANTS[0] && it(what, test);
    const origin = (): string => `https://${UI}:${site.gateway.host.httpsPort}`;

    it("comes back to the page that was asked for, with a cookie that the UI never sees", async () => {
      const visitor = site.browser();
      const { status, url } = await visitor.open("/some/page?x=1&y=2", "dora");
      assert.equal(status, 200);
      assert.equal(url, `${origin()}/some/page?x=1&y=2`);
      assert.deepEqual([...(visitor.jar.get(UI)?.keys() ?? [])], [COOKIE]);
      assert.equal(site.gateway.upstreams.last.headers.cookie, undefined);
      assert.equal(await code(visitor, "/v2/_catalog"), 200);
      assert.equal(site.gateway.upstreams.last.headers.cookie, undefined);
    });

    it("reads by the cookie, and deletes for the UI's own page only; nothing pushes by it", async () => {
      const [dora, olaf] = [await loggedIn("dora"), await loggedIn("olaf")];
      for (const visitor of [dora, olaf]) {
        for (const path of ["/", "/v2/", "/v2/_catalog?n=5", "/v2/apps/one/tags/list", MANIFEST])
          assert.equal(await code(visitor, path), 200, path);
        assert.equal(await code(visitor, MANIFEST, "HEAD"), 200);
      }
      assert.equal(await code(dora, MANIFEST, "DELETE", { Origin: origin() }), 200);
      assert.equal(await code(olaf, MANIFEST, "DELETE", { Origin: origin() }), 403);
      for (const other of ["", "null", `${origin()}.evil.example`, `https://${UI}`])
        assert.equal(await code(dora, MANIFEST, "DELETE", { Origin: other }), 403, other);
      for (const method of ["POST", "PUT", "PATCH"])
        for (const headers of [{}, { Origin: origin() }])
          assert.equal(await code(dora, "/v2/apps/one/blobs/uploads/", method, headers), 403, method);
    });

    it("gives a group the rights of its own, and a stranger a page that says who they are", async () => {
      const [wanda, eve] = [await loggedIn("wanda"), await loggedIn("eve")];
      assert.equal(await code(wanda, "/v2/web/site/tags/list"), 200);
      assert.equal(await code(wanda, "/v2/"), 200);
      for (const path of ["/v2/_catalog", "/v2/apps/one/tags/list", "/", "/v2/web/..%2fapps/tags/list"])
        assert.equal(await code(wanda, path), 403, path);
      for (const [path, headers] of [
        ["/", {}],
        ["/v2/", {}],
        ["/v2/_catalog", { "X-Granted": ",0,1,2", "X-Groups": "devs", "X-Subject": "dora" }],
        ["/.private-registry/my-login", {}],
      ] as const)
        assert.equal(await code(eve, path, "GET", headers), 403, path);
      const page = await eve.ui("/");
      assert.match(page.headers["content-type"] ?? "", /text\/html/);
      assert.match(page.body, /You are logged in as eve, and none of your groups may see this page/);
    });

    it("is not known at the registry's name", async () => {
      const { cookie } = await loggedIn("dora");
      const answer = await ask({
        port: site.gateway.host.httpsPort,
        path: "/v2/_catalog",
        headers: { Cookie: cookie },
      });
      assert.equal(answer.status, 401);
      assert.match(answer.headers["www-authenticate"] ?? "", /Basic/);
      for (const path of ["/oauth2/callback", "/.private-registry/my-login", "/.private-registry/logout"])
        assert.notEqual(
          (await ask({ port: site.gateway.host.httpsPort, path, headers: { Cookie: cookie } })).status,
          200,
        );
    });

    it("sends pages to the login and tells what a page asks for that there is no session", async () => {
      const nobody = site.browser();
      for (const headers of [{}, { "Sec-Fetch-Dest": "document" }]) {
        const { status, headers: answered } = await nobody.ui("/", { headers });
        assert.equal(status, 302);
        assert.ok(answered.location?.startsWith(`${site.company.url}/auth?`), answered.location);
        assert.match(answered.location ?? "", /code_challenge_method=S256/);
        assert.match(answered.location ?? "", /nonce=/);
      }
      for (const [path, headers] of [
        ["/v2/_catalog", {}],
        ["/", { "Sec-Fetch-Dest": "script" }],
        ["/", { "Sec-Fetch-Dest": "empty" }],
      ] as const) {
        const { status, headers: answered } = await nobody.ui(path, { headers });
        assert.equal(status, 401, path);
        assert.equal(answered["www-authenticate"], undefined, "no browser asks for a password then");
      }
      assert.equal(await code(nobody, "/", "POST"), 401);
    });

    it("comes back to the UI's own name only", async () => {
      for (const path of ["//evil.example/x", "/\\evil.example/x", "/?rd=https://evil.example/"]) {
        const { url } = await site.browser().open(path, "dora");
        assert.equal(new URL(url).host, `${UI}:${site.gateway.host.httpsPort}`, path);
      }
      assert.equal(await code(site.browser(), "/oauth2/sign_out?rd=https://evil.example/"), 302);
      const { location } = (await site.browser().ui("/.private-registry/logout?rd=https://evil.example/")).headers;
      assert.equal(location, "/.private-registry/logged-out");
    });

    it("takes no cookie that it has not sealed", async () => {
      const { cookie } = await loggedIn("dora");
      const [, value = ""] = cookie.split(/=(.*)/s);
      const [sealed = "", ...rest] = value.split("|");
      const changed = `${sealed.slice(0, -2)}${sealed.endsWith("AA") ? "BB" : "AA"}`;
      for (const forged of [
        "",
        "x",
        [changed, ...rest].join("|"),
        [sealed, "9999999999", rest[1]].join("|"),
        "a|b|c",
      ]) {
        const answer = await site.browser().ui("/v2/_catalog", { headers: { Cookie: `${COOKIE}=${forged}` } });
        assert.equal(answer.status, 401, forged);
      }
    });

    it("leaves a user with a password another way, and each request that shows one", async () => {
      const auth = `${alice.name}:${alice.password}`;
      const visitor = site.browser();
      assert.equal((await visitor.ui("/v2/_catalog", { auth })).status, 200, "as clients do");
      const asked = await visitor.ui("/.private-registry/password");
      assert.equal(asked.status, 401);
      assert.match(asked.headers["www-authenticate"] ?? "", /^Basic realm=/);
      assert.equal((await visitor.ui("/.private-registry/password", { auth: `${alice.name}:wrong` })).status, 401);
      const let_in = await visitor.ui("/.private-registry/password", { auth });
      assert.equal(let_in.status, 302);
      assert.equal(let_in.headers.location, `${origin()}/`);
      const again = await visitor.ui("/");
      assert.equal(again.status, 401, "the browser is asked, and answers by itself");
      assert.match(again.headers["www-authenticate"] ?? "", /^Basic realm=/);
      assert.equal((await visitor.ui("/", { auth })).status, 200);
      await visitor.ui("/.private-registry/logout");
      assert.equal((await visitor.ui("/")).status, 302, "to the login");
    });

    it("shows a token that docker takes as a password, for the groups that one is in", async () => {
      const dora = await loggedIn("dora");
      const page = await dora.ui("/.private-registry/my-login");
      assert.equal(page.status, 200);
      assert.equal(page.headers["cache-control"], "no-store");
      const [, name, token = ""] = /--username (\S+) --password-stdin \S+ &lt;&lt;&lt;([\w.-]+)</.exec(page.body) ?? [];
      assert.equal(name, "devs");
      assert.doesNotMatch(page.body, /--username (?:ops|web) /);
      assert.equal(await site.gateway.code(`devs:${token}`, "PUT", "/v2/apps/one/manifests/1"), 200);
      assert.equal(await site.gateway.code(`ops:${token}`), 403);
      assert.equal(await site.gateway.code(`alice:${token}`), 401);
      const fresh = await dora.open("/.private-registry/my-login/new", "nobody is asked");
      assert.equal(new URL(fresh.url).pathname, "/.private-registry/my-login");
      assert.equal((await site.browser().ui("/.private-registry/my-login")).status, 302);
    });

    it("ends the session in the browser; a copy of the cookie stays good until its time is over", async () => {
      const dora = await loggedIn("dora");
      const { cookie } = dora;
      const out = await dora.ui("/.private-registry/logout");
      assert.equal(out.headers.location, "/.private-registry/logged-out");
      assert.equal(dora.jar.get(UI)?.size, 0);
      assert.match((await dora.ui("/.private-registry/logged-out")).body, /Logged out/);
      assert.equal(
        (await site.browser().ui("/", { headers: { Cookie: cookie } })).status,
        200,
        "as docs/security.md says",
      );
    });

    it("has nothing of its own that others may ask", async () => {
      const dora = await loggedIn("dora");
      for (const path of ["session-access", "session-token", "session", "access", "token-access", "other"])
        assert.equal(await code(dora, `/.private-registry/${path}`), 404, path);
    });

    it("names people in the log, and never a cookie or a token", async () => {
      const dora = await loggedIn("dora");
      await dora.ui("/v2/seen/tags/list");
      const log = (await site.gateway.host.run("cat /var/log/nginx/docker.access.log")).stdout;
      assert.match(log, / - dora \[[^\n]*\/v2\/seen\/tags\/list/);
      const value = dora.cookie.slice(COOKIE.length + 1, COOKIE.length + 60);
      assert.ok(!log.includes(value) && !site.login.log.includes(value));
      assert.doesNotMatch(log, /eyJ/);
    });

    slowly("hurts nobody else while it is down, and says so", async () => {
      const dora = await loggedIn("dora");
      await site.login.end("oauth2-proxy", "SIGSTOP");
      const hung = await dora.ui("/v2/_catalog");
      assert.equal(hung.status, 503);
      assert.match(hung.body, /the login can't be asked now/);
      assert.ok(hung.milliseconds < 12_000, `${hung.milliseconds} ms`);
      site.login.wake("oauth2-proxy");
      await site.login.end("nginx");
      assert.equal((await dora.ui("/v2/_catalog")).status, 503);
      assert.equal(await site.gateway.code(`${alice.name}:${alice.password}`, "GET", "/v2/_catalog", UI), 200);
      await site.login.run();
      assert.equal((await dora.ui("/v2/_catalog")).status, 200);
    });

    slowly("knows a group no longer once its time is over, without a question to the person", async () => {
      await site.login.renew(0.05);
      const dora = await loggedIn("dora");
      assert.equal(await code(dora, MANIFEST, "DELETE", { Origin: origin() }), 200);
      site.company.people.set("dora", ["night shift"]);
      const { cookie } = dora;
      await new Promise((done) => setTimeout(done, 3500));
      assert.equal((await site.browser().ui("/v2/_catalog", { headers: { Cookie: cookie } })).status, 401);
      const { status } = await dora.open("/", "nobody is asked");
      assert.equal(status, 200);
      assert.equal(await code(dora, MANIFEST, "DELETE", { Origin: origin() }), 403);
      assert.equal(await code(dora, MANIFEST), 200);
    });

    it("is gone with its setting, and every page asks for a password again", async () => {
      await site.put({ sso: undefined });
      const answer = await site.browser().ui("/");
      assert.equal(answer.status, 401);
      assert.match(answer.headers["www-authenticate"] ?? "", /^Basic/);
      assert.equal(await site.gateway.code(`${alice.name}:${alice.password}`, "GET", "/v2/", REGISTRY), 200);
    });
  });
}
