import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { AcmeResponder, type GatewayHostArgs, type GatewaySshArgs, NginxGateway, UserRole } from "../../components";
import { certificates, REGISTRY } from "../../rig/gateway/fixture";
import { underMocks } from "../../rig/pulumi/mocks";
import { HOST_KEY, newPrivateKey } from "../support/ssh-made";

const privateKey = newPrivateKey();
const host = { address: "192.0.2.4", hostKey: HOST_KEY };

/** Both components that go to hosts, with these. */
const components: Record<string, (gateways: GatewayHostArgs[], ssh?: GatewaySshArgs) => unknown> = {
  AcmeResponder: (gateways, ssh) => new AcmeResponder("main", { gateways, ssh: ssh ?? {}, names: [REGISTRY] }),
  NginxGateway: (gateways, ssh) =>
    new NginxGateway("main", {
      gateways,
      ...(ssh ? { ssh } : {}),
      registryHost: REGISTRY,
      nodeAddresses: ["192.0.2.10"],
      certificate: { chainPem: certificates().server.cert, keyPem: certificates().server.key },
      users: [{ name: "ci", role: UserRole.Push, password: "hunter2" }],
      access: { bcryptCost: 4 },
    }),
};

for (const [name, make] of Object.entries(components)) {
  describe(`the hosts of ${name}`, () => {
    it("are reached as ssh says, where they don't say otherwise", async () => {
      const own = newPrivateKey();
      const other = { address: "GW2.example.com", hostKey: HOST_KEY, port: 2222, user: "deploy", privateKey: own };
      const run = await underMocks(() => make([host, other], { privateKey, user: "admin", dialErrorLimit: 7 }));
      const found = run.all("command:remote:Command").map(({ name: made, inputs, secrets }) => {
        assert.ok(secrets.some((path) => path.startsWith("connection")));
        const { hostKey, perDialTimeout, ...connection } = inputs["connection"] as Record<string, unknown>;
        assert.deepEqual([hostKey, perDialTimeout], [HOST_KEY, 15]);
        return [made, connection];
      });
      assert.deepEqual(found, [
        ["main-192-0-2-4", { host: "192.0.2.4", port: 22, user: "admin", privateKey, dialErrorLimit: 7 }],
        [
          "main-gw2-example-com",
          { host: "GW2.example.com", port: 2222, user: "deploy", privateKey: own, dialErrorLimit: 7 },
        ],
      ]);
    });

    it("need a key each, of their own or of ssh", async () => {
      await underMocks(() => make([{ ...host, privateKey }]));
      const words = /- ssh\.privateKey must be set, got nothing; give the content of the key file, not its path/;
      await assert.rejects(
        underMocks(() =>
          make(
            [
              { ...host, privateKey },
              { ...host, address: "192.0.2.5" },
            ],
            { user: "deploy" },
          ),
        ),
        words,
      );
      await assert.rejects(
        underMocks(() => make([host])),
        words,
      );
    });

    it("have different names", async () => {
      const twice = (...gateways: GatewayHostArgs[]) => underMocks(() => make(gateways, { privateKey }));
      await assert.rejects(
        twice({ ...host, name: "a" }, { ...host, address: "192.0.2.5", name: "a" }),
        /- gateways\[1\]\.name must be a name that no other host has, got "a"; give every host a name of its own/,
      );
      await assert.rejects(twice(host, { ...host, port: 2222 }), /- gateways\[1\]\.name must be .* got "192-0-2-4"/);
    });

    it("are told what is wrong with them and with ssh, each with what was expected and what to do", async () => {
      const said = async (gateways: unknown, ssh: object): Promise<string[]> => {
        const made = underMocks(() => make(gateways as GatewayHostArgs[], { privateKey, ...ssh }));
        const { message } = await made.then(
          () => assert.fail("taken"),
          (error: Error) => error,
        );
        return message.split("\n").flatMap((line) => /^ {2}- ((?:gateways|ssh).*)/.exec(line)?.[1] ?? []);
      };
      const user = "must be a user name of the host, got";
      const key = 'must be a line "ssh-ed25519 AAAA..." or "ecdsa-sha2-nistp256 AAAA..."';
      const scan =
        "get it with `ssh-keyscan -t ed25519 <address>` (leave out the host name in front), and compare it with " +
        "/etc/ssh/ssh_host_ed25519_key.pub on the host";
      assert.deepEqual(await said([], { user: "a b" }), [
        "gateways must be a list of nginx hosts, at least one, got an empty one; add one",
        `ssh.user ${user} "a b"; leave it out to use root`,
      ]);
      assert.deepEqual(await said(undefined, { user: "1x" }), [
        "gateways must be set, got nothing; add one",
        `ssh.user ${user} "1x"; leave it out to use root`,
      ]);
      const wrong = { address: "a b", hostKey: "x", user: "1x", name: "A b", listenAddresses: "x" };
      assert.deepEqual(await said([wrong, { listenAddresses: ["x"] }], {}), [
        'gateways[0].address must be a host name or an IP address, got "a b"; give the name or address that SSH connects to',
        `gateways[0].hostKey ${key}, got "x"; ${scan}`,
        `gateways[0].user ${user} "1x"; leave it out to use that of ssh`,
        `gateways[0].name must be lower-case letters, digits and '-', 63 at most, got "A b"; leave it out to use the address`,
        'gateways[0].listenAddresses must be a list of IP addresses, got "x"; give addresses of the host, as in ' +
          "`ip address`, or leave it out for all of them",
        "gateways[1].address must be set, got nothing; give the name or address that SSH connects to",
        `gateways[1].hostKey must be set, got nothing; ${scan}`,
        'gateways[1].listenAddresses[0] must be an IP address, got "x"; give addresses of the host, as in `ip address`',
      ]);
    });

    it("are judged where they are known only later, and no key is shown", async () => {
      const late = (changes: object, ssh: object = {}) =>
        underMocks(() => make([{ ...host, ...changes }], { privateKey, ...ssh }), { preview: true });
      await assert.rejects(late({ hostKey: pulumi.output("ssh-rsa AAAA") }), /- gateways\[0\]\.hostKey must be a line/);
      await assert.rejects(late({ port: pulumi.output(0) }), /- gateways\[0\]\.port must be 1-65535, got 0; .* ssh$/);
      await assert.rejects(late({}, { privateKey: pulumi.output("hunter2") }), (error: Error) => {
        assert.match(error.message, /- ssh\.privateKey must be an SSH private key .*, got a text that is none; give/);
        return !error.message.includes("hunter2");
      });
    });
  });
}

describe("the users of a gateway", () => {
  it("that are known only later have different names, and none is shown that is a secret", async () => {
    const users = (name: pulumi.Input<string>) => () => {
      const both = [name, "ci"].map((each) => ({ name: each, role: UserRole.Pull, password: "x" }));
      const { server } = certificates();
      const certificate = { chainPem: server.cert, keyPem: server.key };
      const hosts = { gateways: [host], ssh: { privateKey }, nodeAddresses: ["192.0.2.10"] };
      return new NginxGateway("main", { ...hosts, registryHost: REGISTRY, certificate, users: both });
    };
    const words = "- users must be users of different names, got";
    await assert.rejects(underMocks(users(pulumi.output("CI"))), new RegExp(`${words} ci twice; remove one`));
    await assert.rejects(underMocks(users(pulumi.secret("CI"))), new RegExp(`${words} a secret; remove one`));
  });
});
