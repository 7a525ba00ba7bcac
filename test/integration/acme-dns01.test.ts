import * as assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import type { ChainInputs } from "../../components/acme/data";
import { addText, query, removeText } from "../../components/acme/dns/client";
import type { Dns01Settings } from "../../components/acme/dns/solver";
import { decodeText, TYPE } from "../../components/acme/dns/wire";
import { zoneOf } from "../../components/acme/dns/zone";
import { create } from "../../components/acme/lifecycle";
import { chainInputs, newAccountKey, TestRuntime } from "../../rig/acme/inputs";
import { type Named, startNamed } from "../../rig/acme/dns-named";
import { type Pebble, startPebble } from "../../rig/acme/pebble";

const SECRET = "bDNrM2RyaXZlcnNlY3JldGZvcnRlc3RzMTIzNDU2Nzg=";
const SECRET_512 = "YW5vdGhlcnNlY3JldGZvcnRlc3RzMTIzNDU2Nzg5MDEyMzQ1Njc4OTA=";

describe("DNS-01 against BIND with dynamic updates", function () {
  this.timeout(60_000);
  const account = newAccountKey();
  let named: Named;
  let pebble: Pebble;
  let runtime: TestRuntime;

  before(async () => {
    const zones = [
      { name: "example.test", updatedBy: ["updater", "updater512"] },
      { name: "delegated.test", updatedBy: ["updater"] },
      { name: "aliased.test", records: ["_acme-challenge.www IN CNAME www.delegated.test."] },
    ];
    const keys = { updater: SECRET, updater512: `hmac-sha512:${SECRET_512}`, powerless: SECRET };
    named = await startNamed(zones, keys);
    pebble = await startPebble({ dnsServer: named.address, env: { PEBBLE_AUTHZREUSE: "0" } });
  });
  beforeEach(() => {
    runtime = new TestRuntime();
  });
  after(async () => {
    await pebble.stop();
    await named.stop();
  });

  const settings = (change: object = {}, common: Partial<Dns01Settings> = {}): Dns01Settings => ({
    update: { server: named.address, keyName: "updater", keyAlgorithm: "hmac-sha256", ttlSeconds: 60, ...change },
    propagationTimeoutSeconds: 10,
    nameServers: [named.address],
    ...common,
  });
  const inputsFor = (names: string[], dns01: Dns01Settings, tsigSecret = SECRET): Promise<ChainInputs> =>
    chainInputs(pebble, account, { names, dns01, tsigSecret });
  const texts = async (name: string): Promise<string[]> => {
    const { answers } = await query({ host: "127.0.0.1", port: named.port }, name, TYPE.TXT);
    return answers.filter(({ type }) => type === TYPE.TXT).map(({ data }) => decodeText(data));
  };

  it("issues a wildcard together with its base name, and leaves no record behind", async () => {
    const { outs } = await create(await inputsFor(["*.example.test", "example.test"], settings()), runtime);
    const leaf = new X509Certificate(outs.leafPem);
    assert.equal(leaf.subjectAltName, "DNS:*.example.test, DNS:example.test");
    assert.deepEqual(await texts("_acme-challenge.example.test"), []);
    assert.deepEqual(runtime.said, []);
    assert.match(named.log(), /adding an RR at '_acme-challenge\.example\.test' TXT/);
  });

  it("leaves other records of the same name alone", async () => {
    const key = { name: "updater", algorithm: "hmac-sha256", secret: SECRET };
    const update = { server: { host: "127.0.0.1", port: named.port }, zone: "example.test", key, ttlSeconds: 60 };
    const other = { name: "_acme-challenge.shared.example.test", value: "somebody else's" };
    await addText(update, other);
    await create(await inputsFor(["shared.example.test"], settings()), runtime);
    assert.deepEqual(await texts(other.name), [other.value]);
    await removeText(update, other);
    await removeText(update, other);
    assert.deepEqual(await texts(other.name), []);
  });

  it("takes keys of another hash, and a zone that is named", async () => {
    const update = { keyName: "updater512", keyAlgorithm: "hmac-sha512", zone: "example.test" };
    await create(await inputsFor(["sha512.example.test"], settings(update), SECRET_512), runtime);
  });

  it("follows an alias of the challenge's name into another zone", async () => {
    await create(await inputsFor(["www.aliased.test"], settings()), runtime);
    assert.match(named.log(), /updating zone 'delegated\.test\/IN': adding an RR at 'www\.delegated\.test' TXT/);
    assert.deepEqual(await texts("www.delegated.test"), []);
  });

  it("finds the zone of a name at the server", async () => {
    const server = { host: "127.0.0.1", port: named.port };
    assert.equal(await zoneOf(server, "a.b.c.example.test"), "example.test");
    assert.equal(await zoneOf(server, "example.test"), "example.test");
    await assert.rejects(zoneOf(server, "example.org"), /does not know the zone of example\.org; set the zone/);
  });

  const refused: [string, object, string, RegExp][] = [
    ["a wrong secret", {}, SECRET_512, /the key's secret is another one there \(BADSIG\)/],
    ["an unknown key", { keyName: "nobody" }, SECRET, /no key of this name and algorithm is known there \(BADKEY\)/],
    ["a key without rights", { keyName: "powerless" }, SECRET, /does not allow the update: .* \(REFUSED\)/],
    [
      "a zone that is not the server's",
      { zone: "elsewhere.test" },
      SECRET,
      /not the server of the zone, .* \(NOTAUTH\)/,
    ],
    [
      "a server that is not there",
      { server: "127.0.0.1:1" },
      SECRET,
      /can't ask the name server 127\.0\.0\.1:1: .*ECONNREFUSED/,
    ],
  ];
  for (const [what, change, secret, message] of refused) {
    it(`tells ${what} in plain words, without the secret`, async () => {
      const inputs = await inputsFor(["refused.example.test"], settings(change), secret);
      await assert.rejects(create(inputs, runtime), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(![error.message, ...runtime.said].join().includes(secret));
        return true;
      });
    });
  }

  it("does not ask the CA before the zone's servers show the record, and says which one does not", async () => {
    const stale = await startNamed([{ name: "example.test" }]);
    try {
      const dns01 = settings({}, { nameServers: [named.address, stale.address], propagationTimeoutSeconds: 1 });
      await assert.rejects(
        create(await inputsFor(["stale.example.test"], dns01), runtime),
        new RegExp(
          `_acme-challenge\\.stale\\.example\\.test: after 1 s its TXT record is not seen at ${stale.address};`,
        ),
      );
      assert.ok(!pebble.log().includes("Pulled a task from the Tasks queue: stale.example.test"));
      assert.deepEqual(await texts("_acme-challenge.stale.example.test"), []);
    } finally {
      await stale.stop();
    }
  });

  it("waits for a server that shows the record late", async () => {
    let asked = 0;
    const late = net.createServer((socket) => {
      asked += 1;
      if (asked <= 4) return void socket.destroy();
      const target = net.connect({ host: "127.0.0.1", port: named.port });
      socket.on("error", () => target.destroy());
      target.on("error", () => socket.destroy());
      socket.pipe(target).pipe(socket);
    });
    await new Promise<void>((resolve) => late.listen(0, "127.0.0.1", resolve));
    const { port } = late.address() as net.AddressInfo;
    const nameServers = [named.address, `127.0.0.1:${port}`];
    await create(await inputsFor(["late.example.test"], settings({}, { nameServers })), runtime);
    assert.ok(asked > 4);
    late.close();
  });

  it("cleans up when the CA does not accept the name", async () => {
    const other = await startNamed([{ name: "example.test", updatedBy: ["updater"] }], { updater: SECRET });
    try {
      const dns01 = settings({ server: other.address }, { nameServers: [other.address] });
      await assert.rejects(create(await inputsFor(["hidden.example.test"], dns01), runtime), /hidden\.example\.test: /);
      assert.match(other.log(), /deleting an RR at _acme-challenge\.hidden\.example\.test TXT/);
    } finally {
      await other.stop();
    }
  });

  describe("through an exec hook", () => {
    let folder: string;
    const calls = (): string[] => fs.readFileSync(path.join(folder, "calls"), "utf8").trim().split("\n");
    const hook = (script: string, timeoutSeconds = 20): Dns01Settings => {
      const file = path.join(folder, "hook.cjs");
      fs.writeFileSync(
        file,
        `const fs = require("fs");\nconst [action, name, value] = process.argv.slice(3);\n${script}`,
      );
      const command = [process.execPath, file, "an argument; $(of its own)"];
      return { hook: { command, timeoutSeconds }, propagationTimeoutSeconds: 5, nameServers: [named.address] };
    };
    before(() => {
      folder = fs.mkdtempSync(path.join(os.tmpdir(), "hook-"));
    });
    beforeEach(() => fs.writeFileSync(path.join(folder, "calls"), ""));
    after(() => fs.rmSync(folder, { recursive: true }));

    const note = (): string =>
      `fs.appendFileSync(${JSON.stringify(path.join(folder, "calls"))}, [action, name, value].join(" ") + "\\n");`;

    it("makes and removes the record by the program, with name and value as arguments", async () => {
      const client = path.join(__dirname, "..", "..", "components", "acme", "dns", "client");
      const script = `${note()}
        require("ts-node/register/transpile-only");
        const { addText, removeText } = require(${JSON.stringify(client)});
        const key = { name: "updater", algorithm: "hmac-sha256", secret: "${SECRET}" };
        const update = { server: { host: "127.0.0.1", port: ${named.port} }, zone: "example.test", key, ttlSeconds: 60 };
        (action === "present" ? addText : removeText)(update, { name, value });`;
      await create(
        await inputsFor(["hook.example.test"], hook(script.replace('"ts-node', `"${root}/ts-node`))),
        runtime,
      );
      const [present = "", cleanup = ""] = calls();
      assert.match(present, /^present _acme-challenge\.hook\.example\.test [A-Za-z0-9_-]{43}$/);
      assert.equal(cleanup, present.replace("present", "cleanup"));
    });

    it("puts what the program printed into the error, and still cleans up", async () => {
      const script = `${note()} if (action === "present") { console.log("no such zone here"); process.exit(3); }`;
      await assert.rejects(
        create(await inputsFor(["broken.example.test"], hook(script)), runtime),
        /the hook .* present _acme-challenge\.broken\.example\.test ended with code 3; it printed:\nno such zone here/,
      );
      assert.deepEqual(
        calls().map((call) => call.split(" ")[0]),
        ["present", "cleanup"],
      );
    });

    it("stops a program that takes too long", async () => {
      const dns01 = hook(`${note()} setTimeout(() => undefined, action === "present" ? 60_000 : 0);`, 1);
      const inputs = await inputsFor(["slow.example.test"], dns01);
      await assert.rejects(create(inputs, runtime), /was stopped, since it took longer than 1 s/);
    });

    it("says when there is no such program, and warns of a clean-up that fails", async () => {
      const missing = hook("");
      missing.hook = { command: ["/nowhere/hook"], timeoutSeconds: 5 };
      const inputs = await inputsFor(["missing.example.test"], missing);
      await assert.rejects(create(inputs, runtime), /the hook \/nowhere\/hook present .* could not be started/);
      assert.match(
        runtime.said.join(),
        /^warning: the TXT record _acme-challenge\.missing\.example\.test ".*" is left behind/,
      );
    });
  });
});

/** Where the project's packages are. */
const root = path.join(__dirname, "..", "..", "node_modules");
