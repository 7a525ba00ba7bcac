import * as assert from "node:assert/strict";
import { once } from "node:events";
import * as net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { activationInput } from "../../components/hosts/release";
import { htpasswd } from "../../components/nginx/users/users";
import { UserRole } from "../../components/nginx/users/role";
import { ask } from "../../rig/gateway/client";
import { certificates, gatewayRelease, OWNER, REGISTRY, USERS } from "../../rig/gateway/fixture";
import { alice, bob, GatewayOnHost, WHO } from "../../rig/gateway/on-host";
import { needHost } from "../../rig/hosts/nginx-host";

describe("what a gateway remembers of passwords, at a real nginx", function () {
  this.timeout(120_000);
  let gateway: GatewayOnHost;

  before(async function () {
    needHost(this);
    gateway = await GatewayOnHost.start();
  });
  after(() => gateway?.stop());

  const siteText = async (): Promise<string> =>
    (await gateway.host.run("cat /etc/nginx/private-registry/main-gateway/last-good/site.conf")).stdout;

  it("a changed password, role and user count from the moment the run ends", async () => {
    assert.equal(await gateway.code(WHO.push, "PUT"), 200);
    await gateway.put({
      people: [
        { ...alice, role: UserRole.Pull },
        { ...bob, password: "new" },
      ],
    });
    assert.equal(await gateway.code(WHO.push, "PUT"), 403);
    assert.equal(await gateway.code(WHO.push), 200);
    assert.equal(await gateway.code(WHO.pull), 401);
    assert.equal(await gateway.code(`${bob.name}:new`), 200);
    await gateway.put({ people: [bob] });
    assert.equal(await gateway.code(WHO.push), 401);
    assert.equal(await gateway.code(WHO.pull), 200);
    await gateway.put();
  });

  it("no answer but the access server's own is remembered: once the cause is gone, the right password is let in", async () => {
    const folder = "/etc/nginx/private-registry/main-gateway/last-good";
    const causes: Record<string, [string, string]> = {
      "the user file is missing": [`mv ${folder}/users /run/kept`, `mv /run/kept ${folder}/users`],
      "the user file can't be read": [`chmod 600 ${folder}/users`, `chmod 640 ${folder}/users`],
      "the file of the yes is missing": [`mv ${folder}/granted/yes /run/kept`, `mv /run/kept ${folder}/granted/yes`],
      "the release's folder is closed": [`chmod 700 ${folder}/`, `chmod 750 ${folder}/`],
    };
    let round = 0;
    for (const [cause, [begin, end]] of Object.entries(causes)) {
      // Other hashes of the same passwords, so that nothing is remembered yet.
      await gateway.put({ userFile: await htpasswd(USERS, `round ${++round}`, 4) });
      await gateway.host.run(begin);
      assert.notEqual(await gateway.code(WHO.push), 200, cause);
      await gateway.host.run(end);
      assert.equal(await gateway.code(WHO.push), 200, cause);
      assert.equal(await gateway.code(WHO.pull, "PUT"), 403, cause);
      await gateway.host.run(`mv ${folder}/users /run/kept`);
      assert.equal(await gateway.code(WHO.push), 200, `${cause}: a yes is remembered`);
      await gateway.host.run(`mv /run/kept ${folder}/users`);
    }
    await gateway.put();
  });

  it("what is remembered is kept in memory, for nginx only", async () => {
    const stat = await gateway.host.run(
      "stat -c '%a %U' /run/private-registry-main-gateway; stat -f -c %T /run/private-registry-main-gateway",
    );
    assert.equal(stat.stdout, "700 www-data\ntmpfs\n");
  });

  it("a worker of the former release is answered by the new one, whichever two of keys and users have changed", async () => {
    const text = await siteText();
    const [, address = ""] = /listen (127\.\S+:\d+);/.exec(text) ?? [];
    const [, before = ""] = /proxy_pass http:\/\/pr_main_gateway_access(\S+\/)/.exec(text) ?? [];
    const ask = async (path: string): Promise<string> => {
      const script = `curl -s -o /dev/null -w '%{http_code}' -K - 'http://${address}${path}yes'`;
      const config = `user = "${WHO.pull.replace(/["\\]/g, "\\$&")}"\nheader = "X-User: ${bob.name}"\n`;
      return (await gateway.host.run(script, config)).stdout;
    };
    const { ca, renewed } = certificates();
    const other = { clientCertificatePem: renewed.cert, clientKeyPem: renewed.key };
    const tls = { caPem: ca.cert, serverName: REGISTRY };
    assert.equal(await ask(before), "200");
    await gateway.put({ chainPem: renewed.cert, keyPem: renewed.key });
    assert.equal(await ask(before), "200", "another certificate key");
    await gateway.put({ upstreamTls: { ...tls, ...other }, people: [bob] });
    assert.equal(await ask(before), "200", "another client key, and other users");
    await gateway.put({ chainPem: renewed.cert, keyPem: renewed.key, upstreamTls: { ...tls, ...other } });
    assert.equal(await ask(before), "200", "both keys");
    assert.equal(await ask(before.replace(/[0-9a-f]/g, "0")), "404", "neither of them");
    await gateway.put();
  });

  it("the server that compares passwords is for nginx only", async () => {
    const text = await siteText();
    const [, address = ""] = /listen (127\.\S+):\d+;/.exec(text) ?? [];
    const socket = net.connect({ host: address, port: gateway.host.httpsPort });
    await once(socket, "connect");
    socket.write(`GET /pull HTTP/1.0\r\nAuthorization: Basic ${Buffer.from(WHO.pull).toString("base64")}\r\n\r\n`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1.1 404 /);
    socket.destroy();
  });

  it("an unknown user costs the same time as a wrong password", async () => {
    await gateway.put({ userFile: await htpasswd(USERS, REGISTRY, 10) });
    const time = async (auth: string): Promise<number> => {
      const all: number[] = [];
      for (let count = 0; count < 9; count++)
        all.push((await ask({ port: gateway.host.httpsPort, auth: `${auth}${count}` })).milliseconds);
      return all.sort((a, b) => a - b)[2] ?? 0;
    };
    const known = await time(WHO["wrong password"]);
    const unknown = await time(WHO["unknown user"]);
    assert.ok(known > 15, `bcrypt at cost 10 took ${known} ms`);
    assert.ok(Math.abs(known - unknown) / known < 0.5, `known ${known} ms, unknown ${unknown} ms`);
    await gateway.put();
  });

  it("guesses are limited for an address, and don't hit who is remembered", async () => {
    await gateway.put({ guessesPerMinute: 60 });
    assert.equal(await gateway.code(WHO.push), 200);
    const guesses: number[] = [];
    for (let count = 0; count < 40; count++) guesses.push(await gateway.code(`${alice.name}:guess${count}`));
    assert.equal(guesses[0], 401);
    assert.ok(guesses.filter((each) => each === 401).length <= 25, `${guesses.join(" ")}`);
    assert.ok(
      guesses.slice(-5).every((each) => each === 429),
      `${guesses.join(" ")}`,
    );
    assert.equal(await gateway.code(WHO.push), 200, "what is remembered stays good");
    for (let count = 0; count < 40; count++) assert.equal(await gateway.code(WHO.push, "DELETE"), 200);
    await gateway.put();
  });

  it("what is asked again for a remembered password is not counted as a guess", async () => {
    const { registryPort, uiPort } = gateway.upstreams;
    const ports = { httpsPort: gateway.host.httpsPort, registryNodePort: registryPort, uiNodePort: uiPort };
    const release = await gatewayRelease({ ...ports, guessesPerMinute: 1, realm: "A second" });
    const files = release.files.map((file) => ({
      ...file,
      content: file.content.replaceAll("X-Remember 60", "X-Remember 1"),
    }));
    const done = await gateway.host.activate("update", activationInput({ ...release, files }, OWNER));
    assert.equal(done.code, 0, done.stderr);
    // Nothing is left of what the tests before this one have guessed.
    await gateway.host.restartNginx();
    for (let count = 0; count < 8; count++) {
      assert.equal(await gateway.code(WHO.push), 200);
      await sleep(1100);
    }
    assert.equal(await gateway.code(WHO["wrong password"]), 401, "the budget of six is not used up by eight");
    await gateway.put();
  });

  it("with njs a credential is remembered under a keyed hash; without it as it is; never on a disk", async () => {
    const remembered = async (): Promise<string> => {
      await gateway.code(WHO.pull);
      return (
        await gateway.host.run("cat /run/private-registry-main-gateway/*/* | tr -c '[:print:]' '\\n' | grep ^KEY")
      ).stdout;
    };
    const way = async (): Promise<string> =>
      (await gateway.host.run("readlink /etc/nginx/private-registry/*/last-good/host/with-memory.conf")).stdout.trim();
    const basic = Buffer.from(WHO.pull).toString("base64");
    assert.equal(await way(), "../when-njs-memory.conf", "as docs/security.md says");
    assert.match(await remembered(), /^KEY: [0-9a-f]{16} yes [0-9a-f]{64}$/m);
    assert.ok(!(await remembered()).includes(basic));
    await gateway.host.run("rm /etc/nginx/modules-enabled/*http-js*");
    await gateway.put({ realm: "Without njs", userFile: await htpasswd(USERS, "without njs", 4) });
    assert.match(await remembered(), new RegExp(`yes Basic ${basic}`));
    assert.equal(await way(), "../unless-njs-memory.conf");
    const folder = (await gateway.host.run("stat -c '%a %U' /run/private-registry-main-gateway")).stdout.trim();
    assert.equal(folder, "700 www-data");
    await gateway.host.run(
      "ln -s /usr/share/nginx/modules-available/mod-http-js.conf /etc/nginx/modules-enabled/50-mod-http-js.conf",
    );
    await gateway.put();
  });
});
