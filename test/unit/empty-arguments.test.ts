import assert from "node:assert/strict";
import * as components from "../../components";
import { readConfig } from "../../config";
import { underMocks } from "../../rig/pulumi/mocks";

/** The lines of an error that say that something is missing. */
function missing({ message }: Error): string[] {
  return [...message.matchAll(/^ {2}- (\S+) must be set, got nothing; /gm)].map(([, path = ""]) => path).sort();
}

const REGISTRY = ["certificate", "gateways", "nodeAddresses", "registryHost", "ssh.privateKey", "storage", "users"];
const REQUIRED: Record<string, string[]> = {
  AcmeCertificate: ["names"],
  AcmeResponder: ["gateways", "names", "ssh.privateKey"],
  NginxGateway: ["certificate", "gateways", "nodeAddresses", "registryHost", "ssh.privateKey", "users"],
  PrivateRegistry: REGISTRY,
  RegistryPod: ["httpSecret", "storage", "tlsChecksum", "tlsSecretName"],
  TlsSecret: ["chainPem", "keyPem"],
};

type Component = new (name: string, args: object) => unknown;

describe("arguments in which there is nothing", () => {
  for (const [name, required] of Object.entries(REQUIRED)) {
    it(`are refused by ${name} with all that it has to have`, async () => {
      const Made = components[name as keyof typeof components] as unknown as Component;
      await assert.rejects(
        underMocks(() => new Made("main", {})),
        (error: Error) => {
          assert.deepEqual(missing(error), required, error.message);
          return true;
        },
      );
    });
  }

  it("are refused so in a stack's file", () => {
    assert.throws(
      () => readConfig({}, "Pulumi.test.yaml"),
      (error: Error) => {
        assert.deepEqual(missing(error), REGISTRY, error.message);
        assert.match(error.message, /^Pulumi\.test\.yaml: 7 settings are not right$/m);
        return true;
      },
    );
  });

  it("are enough for a service", async () => {
    await underMocks(() => new components.RegistryService("main", {}));
  });

  it("and nulls in them are nothing: what they leave out is told, or has its default", async () => {
    const nothing = { gateways: null, ssh: null, access: null, nginx: null, nodePorts: null, upstreamTls: null };
    const Gateway = components.NginxGateway as unknown as Component;
    await assert.rejects(
      underMocks(() => new Gateway("main", { ...nothing, users: [null] })),
      (error: Error) => {
        const found = ["certificate", "gateways", "nodeAddresses", "registryHost", "ssh.privateKey", "users[0]"];
        assert.deepEqual(missing(error), found, error.message);
        return true;
      },
    );
  });
});
