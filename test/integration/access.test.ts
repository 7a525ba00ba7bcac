import * as assert from "node:assert/strict";
import { once } from "node:events";
import * as tls from "node:tls";
import { LogFormat } from "../../components/nginx/gateway/logs";
import { ask } from "../../rig/gateway/client";
import { certificates, REGISTRY, UI } from "../../rig/gateway/fixture";
import { alice, bob, GatewayOnHost, WHO } from "../../rig/gateway/on-host";
import { needHost } from "../../rig/hosts/nginx-host";

/** Paths as they are sent, and whether reading them is a pull. */
const PATHS: [path: string, readable: boolean][] = [
  ["/v2/", true],
  ["/v2", true],
  ["/v2/_catalog", true],
  ["/v2/team/app/tags/list", true],
  ["/v2/team/app/manifests/latest", true],
  ["/v2/team/app/blobs/sha256:00", true],
  ["/v2/team/app/blobs/uploads/", false],
  ["/v2/team/app/blobs/uploads/1-2-3", false],
  ["/v2/team/app/blobs/%75ploads/1", false],
  ["/v2/team/app/blobs/uploads%2F1", false],
  ["/v2/team/app/x/../blobs/uploads/1", false],
  ["//v2//team/app/blobs//uploads/1", false],
  ["/v2/a%0Ab/blobs/uploads/1", false],
  ["/", true],
  ["//", true],
  ["/index.html?a=b", true],
  ["//v2/", true],
  ["/v2/../v2/team/app/tags/list", true],
  ["/%76%32/team/app/tags/list", true],
  ["/V2/", true],
  ["/v2%2Fteam%2Fapp/tags/list", true],
  ["/anything/../v2/_catalog", true],
];
const READING = ["GET", "HEAD"];
const WRITING = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"];

describe("who may do what, at a real nginx", function () {
  this.timeout(120_000);
  let gateway: GatewayOnHost;

  before(async function () {
    needHost(this);
    gateway = await GatewayOnHost.start();
  });
  after(() => gateway?.stop());

  for (const name of [REGISTRY, UI]) {
    for (const [who, auth] of Object.entries(WHO)) {
      it(`${who} at ${name}: every method on every path`, async () => {
        const wrong: string[] = [];
        for (const [path, readable] of PATHS) {
          for (const method of [...READING, ...WRITING]) {
            const reading = READING.includes(method) && readable;
            const expected = who === "push" || (who === "pull" && reading) ? 200 : who === "pull" ? 403 : 401;
            const got = await gateway.code(auth, method, path, name);
            if (got !== expected) wrong.push(`${method} ${path}: ${got}, not ${expected}`);
          }
        }
        assert.deepEqual(wrong, []);
      });
    }
  }

  it("an absolute URI, a made-up Host and a lower-case method give nobody more", async () => {
    const raw = async (text: string): Promise<string> => {
      const options = {
        host: "127.0.0.1",
        port: gateway.host.httpsPort,
        servername: REGISTRY,
        ca: certificates().ca.cert,
      };
      const socket = tls.connect(options);
      await once(socket, "secureConnect");
      let answer = "";
      socket.on("data", (part: Buffer) => (answer += part.toString()));
      socket.write(text);
      await Promise.race([once(socket, "close"), new Promise((next) => setTimeout(next, 500))]);
      socket.destroy();
      return answer.split("\r\n")[0] ?? "";
    };
    const basic = `Authorization: Basic ${Buffer.from(WHO.pull).toString("base64")}\r\n`;
    const end = "Connection: close\r\n\r\n";
    assert.match(await raw(`GET https://${REGISTRY}/v2/ HTTP/1.1\r\nHost: x\r\n${end}`), / 401 /);
    assert.match(
      await raw(`DELETE https://${REGISTRY}/v2/a/manifests/b HTTP/1.1\r\nHost: x\r\n${basic}${end}`),
      / 403 /,
    );
    assert.match(await raw(`GET /v2/ HTTP/1.1\r\nHost: other.example.com\r\n${end}`), / 401 /);
    assert.match(await raw(`get /v2/ HTTP/1.1\r\nHost: ${REGISTRY}\r\n${basic}${end}`), / (400|403|405) /);
    assert.match(await raw(`GET /v2/ HTTP/1.0\r\n${end}`), / 401 /);
  });

  it("a no of nginx's own has the registry's header once, and asks for a password", async () => {
    const answer = await ask({ port: gateway.host.httpsPort });
    assert.equal(answer.headers["www-authenticate"], 'Basic realm="Restricted"');
    for (const auth of [undefined, WHO.push]) {
      const { rawHeaders } = await ask({ port: gateway.host.httpsPort, ...(auth === undefined ? {} : { auth }) });
      assert.equal(rawHeaders.filter((each) => each.toLowerCase() === "docker-distribution-api-version").length, 1);
      assert.ok(rawHeaders.includes("registry/2.0"));
    }
  });

  it("the registry is told what it needs, and never the password", async () => {
    await ask({
      port: gateway.host.httpsPort,
      auth: WHO.push,
      path: "/v2/a%2Fb/tags/list?n=1",
      headers: { "X-Forwarded-For": "203.0.113.9" },
    });
    const { url, headers } = gateway.upstreams.last;
    assert.equal(url, "/v2/a%2Fb/tags/list?n=1");
    assert.equal(headers.host, REGISTRY);
    assert.equal(headers["x-real-ip"], "127.0.0.1");
    assert.equal(headers["x-forwarded-for"], "203.0.113.9, 127.0.0.1");
    assert.equal(headers["x-forwarded-proto"], "https");
    assert.equal(headers["x-original-uri"], "/v2/a%2Fb/tags/list?n=1");
    assert.equal(headers.authorization, undefined);
  });

  it("the UI's name serves the UI, and the registry below /v2/", async () => {
    const body = async (path: string) =>
      (await ask({ port: gateway.host.httpsPort, host: UI, path, auth: WHO.pull })).body;
    assert.equal(await body("/"), "ui /");
    assert.equal(await body("/v2/_catalog"), "registry /v2/_catalog");
  });

  it("a no is the registry's JSON on both names, and nothing of the gateway's own path reaches the UI", async () => {
    await gateway.put({ anonymousPull: ["open/*"] });
    for (const host of [REGISTRY, UI]) {
      const refused = await ask({
        port: gateway.host.httpsPort,
        host,
        path: "/v2/a/manifests/1",
        method: "PUT",
        auth: WHO.pull,
      });
      assert.deepEqual([refused.status, refused.headers["content-type"]], [403, "application/json"], host);
      assert.equal((JSON.parse(refused.body) as { errors: { code: string }[] }).errors[0]?.code, "DENIED");
    }
    const seen = gateway.upstreams.seen.length;
    for (const path of ["/.private-registry/token", "/.private-registry/access", "/.private-registry/anything"]) {
      const answer = await ask({ port: gateway.host.httpsPort, host: UI, path });
      assert.equal(answer.status, 404, path);
    }
    assert.equal(gateway.upstreams.seen.length, seen, "none of them came to the UI");
    assert.equal((await ask({ port: gateway.host.httpsPort, path: "/.private-registry/token" })).status, 200);
    await gateway.put({ guessesPerMinute: 1 });
    let limited;
    for (let count = 0; count < 12; count++)
      limited = await ask({ port: gateway.host.httpsPort, host: UI, path: "/v2/_catalog", auth: `alice:${count}` });
    assert.deepEqual([limited?.status, limited?.headers["content-type"]], [429, "application/json"]);
    await gateway.put();
  });

  it("a body of 32 MiB goes through, and nothing of it to the gateway's disk", async () => {
    const body = Buffer.alloc(32 * 1024 * 1024, "a");
    const answer = await ask({
      port: gateway.host.httpsPort,
      auth: WHO.push,
      method: "PUT",
      path: "/v2/a/blobs/uploads/1",
      body,
    });
    assert.equal(answer.status, 200);
    assert.equal(gateway.upstreams.last.bytes, body.length);
    assert.equal(
      (await gateway.host.run("grep -c 'buffered to a temporary file' /var/log/nginx/docker.error.log")).stdout,
      "0\n",
    );
  });

  it("a JSON log has one object a line, and browsers are told to stay with https, if asked for", async () => {
    await gateway.put({ logFormat: LogFormat.Json, hstsSeconds: 600 });
    const answer = await ask({
      port: gateway.host.httpsPort,
      host: UI,
      path: "/a?secret=1",
      headers: { "X-Request-ID": "from-outside" },
      auth: WHO.pull,
    });
    assert.equal(answer.headers["strict-transport-security"], "max-age=600");
    assert.equal(gateway.upstreams.last.headers["x-request-id"], "from-outside");
    const line = JSON.parse((await gateway.host.run("tail -n 1 /var/log/nginx/docker.access.log")).stdout) as Record<
      string,
      string
    >;
    const { user, method, host: name, path, status, requestId } = line;
    assert.deepEqual(
      { user, method, name, path, status, requestId },
      {
        user: bob.name,
        method: "GET",
        name: UI,
        path: "/a",
        status: "200",
        requestId: "from-outside",
      },
    );
    await ask({ port: gateway.host.httpsPort, path: "/v2/", headers: { "X-Request-ID": 'no"good' }, auth: WHO.pull });
    assert.match(String(gateway.upstreams.last.headers["x-request-id"]), /^[0-9a-f]{32}$/);
    await gateway.put();
  });

  it("a probe on the port in clear is answered, and a lost browser is sent to https", async () => {
    const answer = await ask({ port: gateway.host.httpsPort, tls: false, path: "/x?y" });
    assert.deepEqual([answer.status, answer.headers.location], [301, `https://${REGISTRY}/x?y`]);
  });

  it("the access log has who, what and how it ended, and neither query nor password", async () => {
    await ask({ port: gateway.host.httpsPort, auth: WHO.push, path: "/v2/seen/tags/list?token=hidden" });
    const log = (await gateway.host.run("tail -n 1 /var/log/nginx/docker.access.log")).stdout;
    assert.match(log, /^127\.0\.0\.1 - alice \[.*\] "GET \/v2\/seen\/tags\/list HTTP\/1\.1" 200 /);
    const all = (await gateway.host.run("cat /var/log/nginx/*.log")).stdout;
    for (const secret of ["hidden", alice.password, bob.password, Buffer.from(WHO.push).toString("base64")]) {
      assert.ok(!all.includes(secret), `a log has ${secret}`);
    }
  });

  it("TLS before 1.2 is refused", async () => {
    const socket = tls.connect({
      host: "127.0.0.1",
      port: gateway.host.httpsPort,
      servername: REGISTRY,
      ca: certificates().ca.cert,
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    await assert.rejects(once(socket, "secureConnect"));
  });
});
