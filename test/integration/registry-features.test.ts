import assert from "node:assert/strict";
import { once } from "node:events";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { RegistryPodArgs } from "../../components/registry/pod-args";
import { layerOf, pullImage, pushImage } from "../../rig/registry/images";
import { writeLogin } from "../../rig/registry/login-files";
import { digestOf, RegistryProcess, type RegistryVersion, version2, version3 } from "../../rig/registry/process";

const TOKEN = "Bearer 7c0d-not-in-any-log";

interface Asked {
  method: string;
  url: string;
  host: string;
  authorization: string;
  body: string;
}

/** A server of HTTP in clear on loopback, which remembers what it was asked. */
async function listen(
  answer: (asked: Asked) => Promise<{ status: number; headers?: http.OutgoingHttpHeaders; body?: Buffer }>,
  port = 0,
): Promise<{ url: string; asked: Asked[]; close(): void }> {
  const asked: Asked[] = [];
  const server = http.createServer((request, response) => {
    void (async () => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const { method = "", url = "", headers } = request;
      const { host = "", authorization = "" } = headers;
      const one = { method, url, host, authorization, body: Buffer.concat(parts).toString() };
      asked.push(one);
      const { status, headers: more, body } = await answer(one);
      response.writeHead(status, more).end(request.method === "HEAD" ? undefined : body);
    })();
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => void (server.close(), server.closeAllConnections()),
  };
}

/** How a registry asks for a password. */
enum Login {
  /** With every request, as a registry behind these gateways does. Version 2 can't do it as a cache. */
  Basic,
  /** Once, for a token, as Docker Hub does. */
  Token,
}

/** The other registry, in clear and with a password. */
async function withPassword(registry: RegistryProcess, user: string, password: string, login: Login, port = 0) {
  const basic = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const [good, challenge] =
    login === Login.Basic
      ? [basic, () => 'Basic realm="other"']
      : ["Bearer a-token", (host: string) => `Bearer realm="http://${host}/token",service="other"`];
  return listen(async ({ method, url, host, authorization }) => {
    if (url.startsWith("/token") && authorization === basic) {
      return { status: 200, body: Buffer.from(JSON.stringify({ token: "a-token" })) };
    }
    if (authorization !== good) return { status: 401, headers: { "www-authenticate": challenge(host) } };
    const { status, headers, body } = await registry.ask(method, url);
    return { status, headers: headers, body };
  }, port);
}

for (const version of [version2, version3]) {
  describe(`${version.name} beside others`, () => {
    const running: RegistryProcess[] = [];
    const servers: { close(): void }[] = [];
    after(async () => {
      for (const server of servers) server.close();
      await Promise.all(running.map((registry) => registry.remove()));
    });
    const start = async (args: Partial<RegistryPodArgs> = {}): Promise<RegistryProcess> => {
      const registry = await RegistryProcess.prepare(version, args);
      running.push(registry);
      await registry.start();
      return registry;
    };

    it("sends notices with the secret header, which no log shows", async () => {
      const hook = await listen(() => Promise.resolve({ status: 200 }));
      servers.push(hook);
      const headers = { Authorization: pulumi.secret(TOKEN) };
      const registry = await start({
        registry: { notifications: [{ name: "audit", url: `${hook.url}/hook`, headers }] },
      });
      const digest = await pushImage(registry, "some/image", "content", { tags: ["1"] });
      await pullImage(registry, "some/image", digest);
      const seen = (): { action: string; target: { digest: string; mediaType: string } }[] =>
        hook.asked.flatMap(({ body }) => (JSON.parse(body) as { events: never[] }).events);
      const actions = (): string =>
        seen()
          .filter(({ target }) => target.digest === digest)
          .map(({ action }) => action)
          .join();
      for (let tries = 0; tries < 100 && actions() !== "push,pull"; tries++) await wait(50);
      assert.equal(actions(), "push,pull");
      assert.deepEqual(
        [...new Set(hook.asked.map(({ url, authorization }) => `${url} ${authorization}`))],
        [`/hook ${TOKEN}`],
      );
      const said = String((await registry.stop()).all);
      assert.match(said, /POST \/v2\/some\/image\/blobs\/uploads\//);
      assert.ok(
        !said.includes(TOKEN),
        said.split("\n").find((line) => line.includes(TOKEN)),
      );
    });

    it("shows the endpoints of notices on its debug port, which is why that is not open to others", async () => {
      const url = "http://user:url-password@127.0.0.1:9/hook?token=a-token";
      const notifications = [{ name: "audit", url, headers: { Authorization: "Bearer a-header" } }];
      const loopback = { environment: { REGISTRY_HTTP_DEBUG_ADDR: "127.0.0.1:5001" } };
      const shown = async (args: Partial<RegistryPodArgs>): Promise<string[]> => {
        const { debugAddress } = await start(args);
        const paths = ["metrics", "debug/vars", "debug/health", "debug/pprof/cmdline", "debug/pprof/goroutine?debug=2"];
        const texts = paths.map(async (path) => (await fetch(`http://${debugAddress}/${path}`)).text());
        const all = (await Promise.all(texts)).join("\n");
        return ["url-password", "a-token", "a-header"].filter((secret) => all.includes(secret));
      };
      assert.deepEqual(await shown({ registry: { notifications, ...loopback } }), [
        "url-password",
        "a-token",
        "a-header",
      ]);
      assert.deepEqual(await shown({ monitoring: { metrics: true } }), []);
      const closed = await start({ registry: { notifications } });
      assert.equal(closed.debugAddress, "");
    });

    it("as a cache brings what it lacks, keeps it, and refuses pushes", async () => {
      const origin = await start();
      const digest = await pushImage(origin, "team/app", "cached", { tags: ["1"] });
      // The registry reads variables as YAML, in which this would be an error, a table, or cut.
      const word = "@correct: [horse #battery";
      const remote = await withPassword(origin, "reader", word, version === version2 ? Login.Token : Login.Basic);
      servers.push(remote);
      const password = pulumi.secret(word);
      const image = version === version2 ? "registry:2" : "registry:3";
      const proxy = { remoteUrl: remote.url, username: "reader", password };
      const cache = await start({ registry: { image, proxy } });
      assert.equal(await pullImage(cache, "team/app", "1"), digest);
      const brought = remote.asked.filter(({ url }) => url.includes(digestOf(layerOf("cached"))));
      assert.ok(brought.some(({ method, authorization }) => method === "GET" && authorization !== ""));
      await wait(500);

      remote.asked.length = 0;
      assert.equal(await pullImage(cache, "team/app", digest), digest);
      assert.deepEqual(
        remote.asked.filter(({ url, method }) => method === "GET" && url.includes("/blobs/")),
        [],
      );

      const push = await cache.ask("POST", "/v2/team/app/blobs/uploads/");
      assert.equal(push.status, 405);
      assert.match(push.body.toString(), /"code":"UNSUPPORTED"/);
      assert.equal((await cache.ask("DELETE", `/v2/team/app/manifests/${digest}`)).status, 405);
      const body = Buffer.from(JSON.stringify({ mediaType: "application/vnd.oci.image.manifest.v1+json" }));
      const type = "application/vnd.oci.image.manifest.v1+json";
      assert.equal((await cache.ask("PUT", "/v2/team/app/manifests/2", { body, type })).status, 405);
    });
  });
}

describe("a cache of another registry", () => {
  const version: RegistryVersion = version3;
  const running: RegistryProcess[] = [];
  after(() => Promise.all(running.map((registry) => registry.remove())));

  it("on version 3 starts and serves what it has while that is away, and takes another password when it has one", async () => {
    const origin = await RegistryProcess.prepare(version);
    running.push(origin);
    await origin.start();
    const digest = await pushImage(origin, "team/app", "kept", { tags: ["1"] });
    const remote = await withPassword(origin, "reader", "first", Login.Basic);
    const proxy = { remoteUrl: remote.url, username: "reader", password: "first" };
    // Asked for at each request, so that the test need not wait.
    const environment = { REGISTRY_PROXY_EXEC_LIFETIME: "1ms" };
    const cache = await RegistryProcess.prepare(version, { registry: { proxy, environment } });
    running.push(cache);
    await cache.start();
    assert.equal(await pullImage(cache, "team/app", "1"), digest);
    await wait(500);

    await cache.stop();
    const { port } = new URL(remote.url);
    remote.close();
    await cache.start();
    assert.equal(await pullImage(cache, "team/app", "1"), digest, "by its tag");
    assert.equal(await pullImage(cache, "team/app", digest), digest, "by its digest");

    const other = await pushImage(origin, "team/app", "new", { tags: ["2"] });
    const back = await withPassword(origin, "reader", "second", Login.Basic, Number(port));
    assert.notEqual((await cache.ask("GET", "/v2/team/app/manifests/2")).status, 200);
    writeLogin(cache.folder, "reader", "second");
    assert.equal(await pullImage(cache, "team/app", "2"), other);
    back.close();
  });

  it("on version 3 forgets what it brought when its time is over", async () => {
    const origin = await RegistryProcess.prepare(version);
    running.push(origin);
    await origin.start();
    await pushImage(origin, "team/app", "passing", { tags: ["1"] });
    const remote = await withPassword(origin, "reader", "word", Login.Basic);
    const environment = { REGISTRY_PROXY_TTL: "2s" };
    const proxy = { remoteUrl: remote.url, username: "reader", password: "word" };
    const cache = await RegistryProcess.prepare(version, { registry: { proxy, environment } });
    running.push(cache);
    await cache.start();
    const layer = `/v2/team/app/blobs/${digestOf(layerOf("passing"))}`;
    const brought = (): number => remote.asked.filter(({ url, method }) => method === "GET" && url === layer).length;
    await cache.ask("GET", layer);
    const first = brought();
    assert.ok(first > 0);
    for (let tries = 0; tries < 40 && brought() === first; tries++) {
      await wait(250);
      assert.equal((await cache.ask("GET", layer)).status, 200);
    }
    assert.ok(brought() > first, "it is brought again");
    remote.close();
  });
});
