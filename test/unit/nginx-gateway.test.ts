import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { AcmeResponder, NginxGateway, type NginxGatewayArgs, UserRole } from "../../components";
import { fileOf, certificates, REGISTRY, THUMBPRINT, UI } from "../../rig/gateway/fixture";
import { isSecret, underMocks, UNKNOWN, valueOf } from "../../rig/pulumi/mocks";
import { HOST_KEY, newPrivateKey } from "../support/ssh-made";

const privateKey = newPrivateKey();
const host = { address: "192.0.2.4", user: "deploy", hostKey: HOST_KEY };
const password = "correct horse: battery";

function args(changes: Partial<NginxGatewayArgs> = {}): NginxGatewayArgs {
  const { server, client, ca } = certificates();
  return {
    gateways: [host],
    ssh: { privateKey },
    registryHost: REGISTRY,
    uiHost: UI,
    nodeAddresses: ["192.0.2.10", "2001:db8::11"],
    certificate: { chainPem: server.cert, keyPem: server.key },
    upstreamTls: { caPem: ca.cert, clientCertificatePem: client.cert, clientKeyPem: client.key },
    users: [{ name: "alice", role: UserRole.Push, password }],
    ...changes,
    access: { bcryptCost: 4, ...changes.access },
  };
}

const make = (changes: Partial<NginxGatewayArgs> = {}) => new NginxGateway("main-gateway", args(changes));

/** The inputs of the one command of a gateway. */
async function command(changes: Partial<NginxGatewayArgs> = {}): Promise<Record<string, unknown>> {
  return (await underMocks(() => make(changes))).one("Command").inputs;
}

describe("NginxGateway", () => {
  it("has a UI at the registry's name only below a path, and not where browsers are asked for no password", async () => {
    const refused = (changes: Partial<NginxGatewayArgs>, words: RegExp): Promise<void> =>
      assert.rejects(
        underMocks(() => make({ uiHost: REGISTRY, ...changes })),
        words,
      );
    await refused({}, /uiHost must be a name other than registryHost, got the same; .*a uiPath such as \/ui\//);
    await refused(
      { uiPath: "/ui/", access: { anonymousPull: ["public/**"] } },
      /uiHost must be a name other.*access\.anonymousPull/,
    );
    for (const uiPath of ["ui/", "/ui", "/v2/", "/v2/ui/", "/../", "/a b/", "/$x/", "/.private-registry/"])
      await refused({ uiPath }, /uiPath must be a path such as \/ui\//);
    const run = await underMocks(() => make({ uiHost: REGISTRY, uiPath: "/ui/" }));
    assert.equal(await valueOf(run.result.uiUrl), `https://${REGISTRY}/ui/`);
    assert.match(fileOf(run.one("Command").inputs["stdin"], "site.conf"), /location \^~ \/ui\/ \{/);
  });

  it("is one remote command per host, with the host key pinned, that says nothing", async () => {
    const run = await underMocks(() => make({ gateways: [host, { ...host, address: "192.0.2.5", name: "second" }] }));
    assert.deepEqual(
      run.all("command:remote:Command").map(({ name, after }) => [name, after]),
      [
        ["main-gateway-192-0-2-4", ["main-gateway-users"]],
        ["main-gateway-second", ["main-gateway-192-0-2-4", "main-gateway-users"]],
      ],
    );
    const { inputs, secrets, options } = run.one("Command", "main-gateway-192-0-2-4");
    assert.deepEqual(inputs["connection"], {
      host: "192.0.2.4",
      port: 22,
      user: "deploy",
      privateKey,
      hostKey: HOST_KEY,
      dialErrorLimit: 3,
      perDialTimeout: 15,
    });
    assert.equal(inputs["logging"], "none");
    assert.equal(inputs["addPreviousOutputInEnv"], false);
    assert.equal(inputs["triggers"], undefined);
    assert.deepEqual(options.secretOutputs.sort(), ["connection", "stderr", "stdin", "stdout"]);
    assert.equal(options.deleteBeforeReplace, true);
    assert.ok(secrets.some((path) => path.startsWith("connection")));
  });

  it("keeps the command's texts short, the same for every release, and without secrets", async () => {
    const texts = async (changes = {}) => {
      const inputs = await command(changes);
      return [inputs["create"], inputs["update"], inputs["delete"]].map(String);
    };
    const first = await texts();
    assert.deepEqual(await texts({ access: { realm: "Another" }, registryHost: "r.example.org" }), first);
    for (const text of first) assert.ok(text.length < 500, text);
  });

  it("gives the same stdin in every run, passwords and all", async () => {
    assert.equal((await command())["stdin"], (await command())["stdin"]);
  });

  it("has the password nowhere, not even as a quick hash", async () => {
    const stdin = String((await command())["stdin"]);
    const users = fileOf(stdin, "users");
    assert.match(users, /^alice:\$2y\$04\$.{53}\n\.nobody:\$2y\$04\$.{53}\n\.probe:\$2y\$04\$.{53}\n$/);
    const [other] = fileOf(
      (await command({ users: [{ name: "alice", role: UserRole.Push, password: "x" }] }))["stdin"],
      "users",
    ).split("\n");
    const salt = users.slice(6, 35);
    assert.equal(other?.slice(6, 35), salt, "a salt that depends on the password would tell about it");
  });

  it("changes only its command when a setting, a user or a password changes", async () => {
    const before = await command();
    const user = { name: "alice", role: UserRole.Push, password };
    for (const changes of [
      { access: { realm: "Another" } },
      { users: [user, { ...user, name: "bob" }] },
      { users: [{ ...user, role: UserRole.Pull }] },
      { users: [{ ...user, password: "another" }] },
    ]) {
      const after = await command(changes);
      assert.notEqual(after["stdin"], before["stdin"]);
      assert.deepEqual({ ...after, stdin: "" }, { ...before, stdin: "" });
    }
  });

  it("has outputs that are no secrets", async () => {
    const { result } = await underMocks(() => make());
    assert.deepEqual(
      [await valueOf(result.registryUrl), await valueOf(result.uiUrl)],
      [`https://${REGISTRY}`, `https://${UI}`],
    );
    assert.match(await valueOf(result.releaseHash), /^[0-9a-f]{20}$/);
    for (const output of [result.registryUrl, result.uiUrl, result.releaseHash])
      assert.equal(await isSecret(output), false);
    const bare = args();
    delete bare.uiHost;
    const without = await underMocks(() => new NginxGateway("main-gateway", bare));
    assert.equal(await valueOf(without.result.uiUrl), "");
  });

  it("in a preview takes a certificate and a password that are not known yet", async () => {
    const unknown = () => {
      const output = pulumi.output("") as unknown as { isKnown: Promise<boolean> };
      output.isKnown = Promise.resolve(false);
      return output as unknown as pulumi.Output<string>;
    };
    const run = await underMocks(
      () =>
        make({
          certificate: { chainPem: unknown(), keyPem: unknown() },
          users: [{ name: "a", role: UserRole.Pull, password: unknown() }],
        }),
      { preview: true },
    );
    assert.equal(run.one("Command").inputs["stdin"], UNKNOWN);
    assert.equal(await valueOf(run.result.releaseHash), UNKNOWN);
  });

  it("names everything that is wrong at once, and no secret", async () => {
    const long = "p".repeat(73);
    const wrong = () =>
      make({
        gateways: [{ address: "a b", privateKey: "/path/to/key", hostKey: "SHA256:abc", port: 0, name: "A" }],
        registryHost: "https://r.example.com/",
        nodeAddresses: ["node-1"],
        access: { realm: 'a"b', bcryptCost: 3 },
        nginx: { accessLog: "/var/log/../x" },
        users: [
          { name: "a:b", role: "admin" as UserRole, password: long },
          { name: "carol", role: UserRole.Pull, password: "x" },
          { name: "Carol", role: UserRole.Push, password: "" },
        ],
      });
    await assert.rejects(underMocks(wrong), (error: Error) => {
      for (const part of [
        "gateways[0].address",
        "gateways[0].privateKey",
        "gateways[0].hostKey",
        "ssh-keyscan",
        "gateways[0].port",
        "gateways[0].name",
        "registryHost",
        "nodeAddresses[0] must be an IP address",
        "access.realm must be",
        "access.bcryptCost must be 4-14, got 3; leave it out to use 10",
        "nginx.accessLog must be an absolute path",
        "users[0].name",
        "users[0].role",
        "users[0].password",
        "users[2].password",
        "carol",
      ]) {
        assert.ok(error.message.includes(part), `${part} is missing in\n${error.message}`);
      }
      assert.ok(!error.message.includes(long) && !error.message.includes("/path/to/key"), error.message);
      return true;
    });
  });

  it("refuses a host key that can't be pinned", async () => {
    for (const key of ["", "ssh-rsa AAAAB3Nza", `gw.example.com ${HOST_KEY}`, "AAAAC3NzaC1lZDI1NTE5AAAA"]) {
      await assert.rejects(
        underMocks(() => make({ gateways: [{ ...host, hostKey: key }] })),
        /gateways\[0\]\.hostKey must be/,
      );
    }
  });

  it("refuses a certificate of the gateway's own without its key", async () => {
    const { client } = certificates();
    await assert.rejects(
      underMocks(() => make({ upstreamTls: { clientCertificatePem: client.cert } })),
      /upstreamTls\.clientKeyPem must be set, since clientCertificatePem is, got nothing/,
    );
  });
});

describe("AcmeResponder", () => {
  it("is a release of its own on every host", async () => {
    const run = await underMocks(
      () =>
        new AcmeResponder("main-responder", {
          gateways: [host],
          ssh: { privateKey },
          names: [UI, REGISTRY, UI],
          accountThumbprint: THUMBPRINT,
        }),
    );
    const { name, inputs, secrets } = run.one("Command");
    assert.equal(name, "main-responder-192-0-2-4");
    assert.ok(secrets.includes("stdin"));
    const text = fileOf(inputs["stdin"], "site.conf");
    assert.match(text, new RegExp(`server_name ${REGISTRY} ${UI};`));
    assert.ok(text.includes(`"$1.${THUMBPRINT}"`));
    assert.match(await valueOf(run.result.releaseHash), /^[0-9a-f]{20}$/);
  });

  it("only redirects, without an account", async () => {
    const run = await underMocks(
      () => new AcmeResponder("main-responder", { gateways: [host], ssh: { privateKey }, names: [REGISTRY] }),
    );
    const text = fileOf(run.one("Command").inputs["stdin"], "site.conf");
    assert.ok(text.includes("return 301 https://$host$request_uri;"));
    assert.doesNotMatch(text, /acme-challenge/);
  });

  it("names what is wrong at once", async () => {
    const wrong = () => new AcmeResponder("Main", { gateways: [], names: ["x"], accountThumbprint: "short" });
    await assert.rejects(
      underMocks(wrong),
      /(?=[^]*gateways must be)(?=[^]*names\[0\] must be)(?=[^]*accountThumbprint)(?=[^]*name must be)/,
    );
  });
});
