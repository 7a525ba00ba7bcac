import * as assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { AcmeResponder, NginxGateway, type NginxGatewayArgs, UserRole } from "../../components";
import { certificateFacts, keyFacts } from "../../components/hosts/public-facts";
import { certificates, REGISTRY, THUMBPRINT, UI } from "../../rig/gateway/fixture";
import { type MockOptions, underMocks, UNKNOWN } from "../../rig/pulumi/mocks";
import { HOST_KEY, newPrivateKey } from "../support/ssh-made";

const privateKey = newPrivateKey();
const host = { address: "192.0.2.4", hostKey: HOST_KEY };
const password = "correct horse: battery";
const alice = { name: "alice", role: UserRole.Push, password: pulumi.secret(password) };

function args(changes: Partial<NginxGatewayArgs> = {}): NginxGatewayArgs {
  const { server, client, ca } = certificates();
  return {
    gateways: [host],
    ssh: { privateKey: pulumi.secret(privateKey) },
    registryHost: REGISTRY,
    uiHost: UI,
    nodeAddresses: ["192.0.2.10"],
    certificate: { chainPem: server.cert, keyPem: server.key },
    upstreamTls: { caPem: ca.cert, clientCertificatePem: client.cert, clientKeyPem: pulumi.secret(client.key) },
    users: [alice],
    ...changes,
    access: { bcryptCost: 4, ...changes.access },
  };
}

/** What a preview shows, and what goes to the host. */
async function shown(changes: Partial<NginxGatewayArgs> = {}, options: MockOptions = {}) {
  const run = await underMocks(() => new NginxGateway("main-gateway", args(changes)), options);
  const { inputs, secrets, after } = run.one("ReleaseFiles", "main-gateway-files");
  const stdin = run.one("Command").inputs["stdin"];
  return { files: inputs as Record<string, string>, secrets, after, stdin: String(stdin) };
}

/** The files that differ, as the summary of a preview names them. */
function changed(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  const all = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...all].filter((path) => before[path] !== after[path]).sort();
}

/** Contents of the files in what goes to a host. */
function sent(stdin: string): { path: string; content: string }[] {
  return [...stdin.matchAll(/^put \d+ \w+ '([^']+)' <<.*\n([^.]*)\n?\.$/gm)].map(([, path = "", text = ""]) => ({
    path,
    content: Buffer.from(text, "base64").toString(),
  }));
}

/** Lines of a text that would give something away: of keys, hashes, and what is made from keys. */
function secretsOf(stdin: string): string[] {
  const { server, client } = certificates();
  const files = sent(stdin);
  const content = (path: string) => files.find((file) => file.path === path)?.content ?? "";
  const keys = [server.key, client.key, privateKey].flatMap((key) =>
    key.split("\n").filter((line) => !/^(-|$)/.test(line)),
  );
  const hashes = content("users").match(/\$2y\$.*/g) ?? [];
  const made = /_access((?:\/[0-9a-f]{32}){3})\//.exec(content("site.conf"))?.[1]?.slice(1).split("/") ?? [];
  const memory = /createHmac\("sha256", "([0-9a-f]{64})"/.exec(content("memory.js"))?.[1] ?? "";
  assert.ok(keys.length > 3 && hashes.length === 3 && made.length === 3 && memory !== "");
  const standIn = content("stand-in").trim();
  const marks = content("site.conf").match(/ (?:push|pull|none) [0-9a-f]{16}"/g) ?? [];
  assert.ok(standIn.length === 64 && marks.length === 1);
  return [...keys, ...hashes, ...made, ...marks, memory, standIn, password, "PRIVATE KEY"];
}

describe("the files of a release in a preview", () => {
  it("are all those that go to the hosts, each under its path and with its mode", async () => {
    const bare = { ...args() };
    delete bare.uiHost;
    for (const changes of [{}, { upstreamTls: {} }]) {
      const { files, stdin, after } = await shown(changes);
      const paths = sent(stdin)
        .map(({ path }) => path)
        .filter((path) => path !== "MANIFEST");
      assert.deepEqual(Object.keys(files).sort(), ["activation", ...paths].sort());
      for (const [path, mode] of [
        ["site.conf", "0644"],
        ["key.pem", "0600"],
        ["users", "0640"],
      ] as const)
        assert.match(files[path] ?? "", new RegExp(`^mode ${mode}, for `));
      assert.deepEqual(
        after,
        ["main-gateway-192-0-2-4", "main-gateway-users"],
        "a failed up shows the difference again",
      );
    }
    const without = await underMocks(() => new NginxGateway("main-gateway", bare));
    assert.doesNotMatch(String(without.one("ReleaseFiles").inputs["site.conf"]), new RegExp(UI));
  });

  it("hold no key, no hash, no password and nothing made from one, though nothing is marked secret", async () => {
    const { files, secrets, stdin } = await shown();
    assert.deepEqual(secrets, []);
    const all = JSON.stringify(files);
    for (const secret of secretsOf(stdin)) assert.ok(!all.includes(secret), secret);
    assert.match(files["memory.js"] ?? "", /createHmac\("sha256", "\[secret\]"\)/);
  });

  it("have the nginx text as it goes to the hosts, but for secrets and the release's own hash", async () => {
    const { files, stdin } = await shown();
    const site = sent(stdin).find(({ path }) => path === "site.conf")?.content ?? "";
    const expected = site
      .replace(/\b(?:[0-9a-f]{32}|[0-9a-f]{16})\b/g, "[secret]")
      .replace(/\b[0-9a-f]{20}\b/g, "<release>");
    assert.equal((files["site.conf"] ?? "").replace(/^mode.*\n\n/, ""), expected);
  });

  it("differ in those that a change concerns, and in no other", async () => {
    const { files } = await shown();
    const after = async (changes: Partial<NginxGatewayArgs>) => changed(files, (await shown(changes)).files);
    const { ca } = certificates();
    assert.deepEqual(await after({}), []);
    assert.deepEqual(await after({ access: { realm: "Another" } }), ["site.conf"]);
    assert.deepEqual(await after({ users: [{ ...alice, password: "another" }] }), ["users"]);
    assert.deepEqual(await after({ users: [alice, { ...alice, name: "bob" }] }), ["site.conf", "users"]);
    assert.deepEqual(await after({ access: { bcryptCost: 5 } }), ["site.conf", "users"]);
    assert.deepEqual(await after({ certificate: { chainPem: ca.cert, keyPem: ca.key } }), ["chain.pem", "key.pem"]);
  });

  it("tell of a password only who knows the SSH key whether a guess is right", async () => {
    const { files } = await shown();
    const ssh = { privateKey: pulumi.secret(newPrivateKey()) };
    assert.deepEqual(changed(files, (await shown({ ssh })).files), ["users"]);
    const gateways = [{ ...host, ...ssh }];
    assert.deepEqual(changed(files, (await shown({ gateways })).files), ["users"]);
    assert.match(files["users"] ?? "", /^alice \(push\): password \[secret\], mark [0-9a-f]{12}$/m);
  });

  it("stay readable where the certificate is not known yet, as before a renewal", async () => {
    const unknown = () => {
      const output = pulumi.output("") as unknown as { isKnown: Promise<boolean> };
      output.isKnown = Promise.resolve(false);
      return output as unknown as pulumi.Output<string>;
    };
    const { files: before } = await shown();
    const certificate = { chainPem: unknown(), keyPem: certificates().server.key };
    const { files } = await shown({ certificate }, { preview: true });
    assert.equal(files["chain.pem"], UNKNOWN);
    assert.deepEqual(changed(before, files), ["chain.pem"]);
  });

  it("keep secret what the user marked so", async () => {
    const { secrets } = await shown({ access: { realm: pulumi.secret("Restricted") } });
    assert.ok(secrets.includes("site.conf"));
    assert.ok(!secrets.includes("chain.pem"));
    const { secrets: names } = await shown({ users: [{ ...alice, name: pulumi.secret("alice") }] });
    assert.ok(names.includes("users") && names.includes("site.conf"));
  });

  it("are there for the port-80 site, too", async () => {
    const responder = { gateways: [host], ssh: { privateKey }, names: [REGISTRY, UI], accountThumbprint: THUMBPRINT };
    const run = await underMocks(() => new AcmeResponder("main-responder", responder));
    const { inputs } = run.one("ReleaseFiles", "main-responder-files");
    assert.deepEqual(Object.keys(inputs).sort(), ["activation", "site.conf", "when-ipv6-listen.conf"]);
    assert.match(String(inputs["site.conf"]), new RegExp(`server_name ${REGISTRY} ${UI};`));
  });
});

describe("what is public", () => {
  it("of a chain is told in lines, each certificate by itself", () => {
    const { server, ca } = certificates();
    const facts = certificateFacts(server.cert + ca.cert);
    const { fingerprint256, validTo } = new X509Certificate(server.cert);
    assert.match(facts, new RegExp(`names: DNS:${REGISTRY}, DNS:${UI}\n`));
    assert.ok(facts.includes(`SHA-256: ${fingerprint256}`) && facts.includes(`to ${validTo}`));
    assert.equal(facts.match(/^subject: /gm)?.length, 2);
    assert.doesNotMatch(facts, /BEGIN/);
  });

  it("of a key is its public half, and nothing of one that can't be read", () => {
    const { server } = certificates();
    assert.match(keyFacts(server.key), /^\[secret\]: a key \(ec\); SHA-256 of its public half: [0-9a-f]{64}\n$/);
    assert.equal(keyFacts("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n"), "[secret]\n");
    assert.match(certificateFacts("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), /^not readable/);
  });
});
