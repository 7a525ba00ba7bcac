import * as assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { AcmeResponder, NginxGateway, type NginxGatewayArgs, UserRole } from "../../components";
import { program } from "../../components/hosts/release";
import { NGINX_HOST } from "../../components/nginx/kind";
import { madePassword } from "../../components/nginx/users/made";
import { certificates, REGISTRY, THUMBPRINT, UI } from "../../rig/gateway/fixture";
import { type MockOptions, underMocks, UNKNOWN } from "../../rig/pulumi/mocks";
import { HOST_KEY, newPrivateKey } from "../support/ssh-made";

const privateKey = newPrivateKey();
const host = { address: "192.0.2.4", hostKey: HOST_KEY };
const password = "correct horse: battery";
const QUICK = `$2y$04$${"a".repeat(53)}`;
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

  it("hold no line of a user file where there are two of them, for quick hashes and for slow ones", async () => {
    const robot = { name: "robot", role: UserRole.Push, password: madePassword(pulumi.secret("made")) };
    const { files, stdin } = await shown({ users: [alice, robot], access: { bcryptCost: 5 } });
    const quick = sent(stdin).find(({ path }) => path === "made-users")?.content ?? "";
    assert.match(quick, /^robot:\$2y\$04\$[^]*\.probe:\$2y\$04\$/);
    assert.equal(files["made-users"], "mode 0640, for root and nginx's workers\n\n.probe:[secret]\n");
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

  it("tell readers, rights, and the program that the hosts run, whose change is an update too", async () => {
    const team = { pattern: "team/*", role: UserRole.Pull };
    const bob = { name: "bob", repositories: [team, { ...team, pattern: "base/*" }], password };
    const brought = { ...alice, name: "carol", repositories: [team], password: undefined, passwordHash: QUICK };
    const { files } = await shown({ users: [{ ...alice, repositories: [team] }, bob, brought as never] });
    const heads = ["site.conf", "key.pem", "users"].map((path) => files[path]?.split("\n")[0]);
    assert.deepEqual(heads, [
      "mode 0644, for everybody",
      "mode 0600, for root",
      "mode 0640, for root and nginx's workers",
    ]);
    assert.deepEqual(
      files["users"]
        ?.replace(/mark [0-9a-f]{12}/g, "mark")
        .split("\n")
        .slice(2),
      [
        "hashes of bcrypt, cost 4",
        "alice (push, pull team/*): password [secret], mark",
        "bob (pull team/*, pull base/*): password [secret], mark",
        "carol (push, pull team/*): hash of its own [secret], mark",
        "",
      ],
    );
    const sum = createHash("sha256").update(program(NGINX_HOST)).digest("hex");
    assert.equal(files["activation"], `SHA-256 of the program that the hosts run: ${sum}`);
    assert.equal(files["others"], undefined);
  });

  it("show together those that only a value makes that is known later, as a cache's or a quick hash's", async () => {
    const { files } = await shown({
      users: [alice, { ...alice, name: "bob", passwordHash: pulumi.secret(QUICK), password: undefined } as never],
      access: { bcryptCost: 5 },
    });
    assert.deepEqual(Object.keys(files["others"] as unknown as object), ["made-users"]);
    const blobCache = { sizeGiB: 20, path: "/srv/blobs" };
    const { files: cached } = await shown({ nginx: { blobCache } });
    assert.match(cached["when-1.19.1-blob-cache.conf"] ?? "", /proxy_cache_path \/srv\/blobs /);
    assert.equal(cached["others"], undefined);
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
