import * as assert from "node:assert/strict";
import * as net from "node:net";
import * as tls from "node:tls";
import { once } from "node:events";
import { UserRole } from "../../components";
import { htpasswd } from "../../components/nginx/users";
import { ask } from "../support/gateway-client";
import { certificates, gatewayInput, REGISTRY, UI, USERS } from "../support/gateway-fixture";
import { Upstreams } from "../support/gateway-upstream";
import { NginxHost, whyNoHost } from "../support/nginx-host";

const [alice, bob] = USERS as [(typeof USERS)[0], (typeof USERS)[0]];
const WHO = {
  anonymous: undefined,
  "wrong password": `${alice.name}:wrong`,
  "unknown user": "mallory:wrong",
  "another case": `${alice.name.toUpperCase()}:${alice.password}`,
  "the stand-in": ".nobody:-",
  "no name": `:${alice.password}`,
  pull: `${bob.name}:${bob.password}`,
  push: `${alice.name}:${alice.password}`,
} as const;

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
  let host: NginxHost;
  let upstreams: Upstreams;
  const ports = () => ({
    httpsPort: host.httpsPort,
    registryNodePort: upstreams.registryPort,
    uiNodePort: upstreams.uiPort,
  });
  const put = async (changes: Parameters<typeof gatewayInput>[0] = {}) => {
    const done = await host.activate("update", await gatewayInput({ ...ports(), ...changes }));
    assert.equal(done.code, 0, done.stderr);
  };
  const code = async (auth: string | undefined, method = "GET", path = "/v2/", name = REGISTRY) =>
    (await ask({ port: host.httpsPort, host: name, method, path, ...(auth === undefined ? {} : { auth }) })).status;

  before(async function () {
    if (whyNoHost() !== undefined && process.env["CI"] !== "true") return this.skip();
    host = await NginxHost.start();
    upstreams = await Upstreams.start();
    await put();
  });
  after(async () => {
    await host?.stop();
    upstreams?.stop();
  });

  for (const name of [REGISTRY, UI]) {
    for (const [who, auth] of Object.entries(WHO)) {
      it(`${who} at ${name}: every method on every path`, async () => {
        const wrong: string[] = [];
        for (const [path, readable] of PATHS) {
          for (const method of [...READING, ...WRITING]) {
            const reading = READING.includes(method) && readable;
            const expected = who === "push" || (who === "pull" && reading) ? 200 : who === "pull" ? 403 : 401;
            const got = await code(auth, method, path, name);
            if (got !== expected) wrong.push(`${method} ${path}: ${got}, not ${expected}`);
          }
        }
        assert.deepEqual(wrong, []);
      });
    }
  }

  it("an absolute URI, a made-up Host and a lower-case method give nobody more", async () => {
    const raw = async (text: string): Promise<string> => {
      const options = { host: "127.0.0.1", port: host.httpsPort, servername: REGISTRY, ca: certificates().ca.cert };
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
    const answer = await ask({ port: host.httpsPort });
    assert.equal(answer.headers["www-authenticate"], 'Basic realm="Restricted"');
    for (const auth of [undefined, WHO.push]) {
      const { rawHeaders } = await ask({ port: host.httpsPort, ...(auth === undefined ? {} : { auth }) });
      assert.equal(rawHeaders.filter((each) => each.toLowerCase() === "docker-distribution-api-version").length, 1);
      assert.ok(rawHeaders.includes("registry/2.0"));
    }
  });

  it("the registry is told what it needs, and never the password", async () => {
    await ask({
      port: host.httpsPort,
      auth: WHO.push,
      path: "/v2/a%2Fb/tags/list?n=1",
      headers: { "X-Forwarded-For": "203.0.113.9" },
    });
    const { url, headers } = upstreams.last;
    assert.equal(url, "/v2/a%2Fb/tags/list?n=1");
    assert.equal(headers.host, REGISTRY);
    assert.equal(headers["x-real-ip"], "127.0.0.1");
    assert.equal(headers["x-forwarded-for"], "203.0.113.9, 127.0.0.1");
    assert.equal(headers["x-forwarded-proto"], "https");
    assert.equal(headers["x-original-uri"], "/v2/a%2Fb/tags/list?n=1");
    assert.equal(headers.authorization, undefined);
  });

  it("the UI's name serves the UI, and the registry below /v2/", async () => {
    const body = async (path: string) => (await ask({ port: host.httpsPort, host: UI, path, auth: WHO.pull })).body;
    assert.equal(await body("/"), "ui /");
    assert.equal(await body("/v2/_catalog"), "registry /v2/_catalog");
  });

  it("a body of 32 MiB goes through, and nothing of it to the gateway's disk", async () => {
    const body = Buffer.alloc(32 * 1024 * 1024, "a");
    const answer = await ask({
      port: host.httpsPort,
      auth: WHO.push,
      method: "PUT",
      path: "/v2/a/blobs/uploads/1",
      body,
    });
    assert.equal(answer.status, 200);
    assert.equal(upstreams.last.bytes, body.length);
    assert.equal(
      (await host.run("grep -c 'buffered to a temporary file' /var/log/nginx/docker.error.log")).stdout,
      "0\n",
    );
  });

  it("a changed password, role and user count from the moment the run ends", async () => {
    assert.equal(await code(WHO.push, "PUT"), 200);
    await put({
      people: [
        { ...alice, role: UserRole.Pull },
        { ...bob, password: "new" },
      ],
    });
    assert.equal(await code(WHO.push, "PUT"), 403);
    assert.equal(await code(WHO.push), 200);
    assert.equal(await code(WHO.pull), 401);
    assert.equal(await code(`${bob.name}:new`), 200);
    await put({ people: [bob] });
    assert.equal(await code(WHO.push), 401);
    assert.equal(await code(WHO.pull), 200);
    await put();
  });

  it("what is remembered is kept in memory, for nginx alone", async () => {
    const stat = await host.run(
      "stat -c '%a %U' /run/private-registry-main-gateway; stat -f -c %T /run/private-registry-main-gateway",
    );
    assert.equal(stat.stdout, "700 www-data\ntmpfs\n");
  });

  it("the server that compares passwords is for nginx alone", async () => {
    const text = (await host.run("cat /etc/nginx/private-registry/main-gateway/last-good/site.conf")).stdout;
    const [, address = ""] = /listen (127\.\S+):\d+;/.exec(text) ?? [];
    const socket = net.connect({ host: address, port: host.httpsPort });
    await once(socket, "connect");
    socket.write(`GET /pull HTTP/1.0\r\nAuthorization: Basic ${Buffer.from(WHO.pull).toString("base64")}\r\n\r\n`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1.1 404 /);
    socket.destroy();
  });

  it("an unknown user costs the same time as a wrong password", async () => {
    await put({ userFile: await htpasswd(USERS, REGISTRY, 10) });
    const time = async (auth: string): Promise<number> => {
      const all: number[] = [];
      for (let count = 0; count < 9; count++)
        all.push((await ask({ port: host.httpsPort, auth: `${auth}${count}` })).milliseconds);
      return all.sort((a, b) => a - b)[2] ?? 0;
    };
    const known = await time(WHO["wrong password"]);
    const unknown = await time(WHO["unknown user"]);
    assert.ok(known > 15, `bcrypt at cost 10 took ${known} ms`);
    assert.ok(Math.abs(known - unknown) / known < 0.5, `known ${known} ms, unknown ${unknown} ms`);
    await put();
  });

  it("a probe on the port in clear is answered, and a lost browser is sent to https", async () => {
    const answer = await ask({ port: host.httpsPort, tls: false, path: "/x?y" });
    assert.deepEqual([answer.status, answer.headers.location], [301, `https://${REGISTRY}/x?y`]);
  });

  it("the access log has who, what and how it ended, and neither query nor password", async () => {
    await ask({ port: host.httpsPort, auth: WHO.push, path: "/v2/seen/tags/list?token=hidden" });
    const log = (await host.run("tail -n 1 /var/log/nginx/docker.access.log")).stdout;
    assert.match(log, /^127\.0\.0\.1 - alice \[.*\] "GET \/v2\/seen\/tags\/list HTTP\/1\.1" 200 /);
    const all = (await host.run("cat /var/log/nginx/*.log")).stdout;
    for (const secret of ["hidden", alice.password, bob.password, Buffer.from(WHO.push).toString("base64")]) {
      assert.ok(!all.includes(secret), `a log has ${secret}`);
    }
  });

  it("TLS before 1.2 is refused", async () => {
    const socket = tls.connect({
      host: "127.0.0.1",
      port: host.httpsPort,
      servername: REGISTRY,
      ca: certificates().ca.cert,
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    await assert.rejects(once(socket, "secureConnect"));
  });
});
