import assert from "node:assert/strict";
import { PrivateRegistry } from "../../components";
import { pathOf, secretsIn } from "../../config/read";
import { STACK } from "../../config/stack";
import { underMocks } from "../../rig/pulumi/mocks";
import { makeCertificate } from "../support/acme-made";
import { complaint, gateway, KEY_PEM, read } from "../support/stack-config";

const openIn = (text: string, more: Record<string, unknown> = {}): string[] => {
  const said = complaint(more, { text, encrypted: () => true });
  return [...said.matchAll(/- (\S+) must be encrypted, got a secret in the open/g)].map(([, path = ""]) => path);
};

const two = [
  { name: "ci", role: "push", password: "horse-staple" },
  { name: "b", role: "pull", password: "hunter2!" },
];

describe("a secret in the open", () => {
  it("is found beside an encrypted one in the same list", () => {
    const file = `config:
  private-registry:users:
    - name: ci
      role: push
      password:
        secure: v1:abc
    - name: b
      role: pull
      password: hunter2!
`;
    assert.deepEqual(openIn(file, { users: two }), ["users[1].password"]);
    assert.doesNotMatch(complaint({ users: two }, { text: file, encrypted: () => true }), /hunter2|horse/);
    assert.deepEqual(openIn(file.replace("hunter2!", "\n        secure: v1:def"), { users: two }), []);
  });

  it("is found however the file is written: in one line, with escapes, as JSON text, as a number, without the prefix", () => {
    const users = (of: string) => `config:\n  private-registry:users: ${of}\n`;
    const inLine = "[{name: ci, role: push, password: {secure: v1:a}}, {name: b, role: pull, password: hunter2!}]";
    assert.deepEqual(openIn(users(inLine), { users: two }), ["users[1].password"]);
    const escaped = inLine.replace("hunter2!", '"hunt\\u0065r2!"');
    assert.deepEqual(openIn(users(escaped), { users: two }), ["users[1].password"]);
    assert.deepEqual(openIn(users(`'${JSON.stringify(two)}'`), { users: two }), [
      "users[0].password",
      "users[1].password",
    ]);
    const numbers = [{ name: "ci", role: "push", password: 16 }];
    assert.deepEqual(openIn(users("[{name: ci, role: push, password: 0x10}]"), { users: numbers }), [
      "users[0].password",
    ]);
    const bare = "config:\n  ssh:\n    privateKey: |\n" + KEY_PEM.replace(/^/gm, "      ");
    assert.deepEqual(openIn(bare), ["ssh.privateKey"]);
  });

  it("is found at the end of the file, and before a line that is not indented", () => {
    const found = (file: string, kubeconfig = "a token: of mine\n"): string[] => openIn(file, { kubeconfig });
    const block = "config:\n  kubeconfig: |\n    a token: of mine";
    assert.deepEqual(found(`${block}\nencryptionsalt: v1:abc\n`), ["kubeconfig"]);
    assert.deepEqual(found(`encryptionsalt: v1:abc\n${block}`), ["kubeconfig"]);
    assert.deepEqual(found(`${block}\n    and more`, "a token: of mine\nand more\n"), ["kubeconfig"]);
    assert.deepEqual(found("config: { kubeconfig: 'a token: of mine' }"), ["kubeconfig"]);
  });

  it("is found at any depth", () => {
    const storage = { s3: { bucket: "b", accessKeyId: "AKIA-is-open", secretAccessKey: "also-open" } };
    const file = `config:
  private-registry:storage:
    s3:
      bucket: b
      accessKeyId: AKIA-is-open
      secretAccessKey:
        secure: v1:x
  private-registry:registry:
    notifications:
      - name: audit
        url: https://audit.example.com/token
        headers:
          secure: v1:x
    secretEnvironment:
      A: open-too
`;
    const registry = {
      notifications: [
        { name: "audit", url: "https://audit.example.com/token", headers: { Authorization: "x-encrypted" } },
      ],
      secretEnvironment: { A: "open-too" },
    };
    assert.deepEqual(openIn(file, { storage, registry }), [
      "storage.s3.accessKeyId",
      "registry.notifications[0].url",
      "registry.secretEnvironment.A",
    ]);
  });

  it("is believed of the engine where the file can't be read or does not have it", () => {
    const stored = (text?: string) => ({ text, encrypted: (key: string) => key !== "users" });
    for (const text of [undefined, "config: {}\n"])
      assert.match(complaint({}, stored(text)), /users\[0\]\.password must be encrypted, got a secret in the open/);
    assert.equal(complaint({}, { text: "environment: [prod]\n", encrypted: () => true }), "nothing");
  });

  it("tells how it is put right", () => {
    const text = complaint({ kubeconfig: "hunter2" }, { encrypted: (key) => key !== "kubeconfig" });
    assert.match(
      text,
      /kubeconfig must be encrypted, got a secret in the open; set it with pulumi config set --secret --path 'kubeconfig', and take it/,
    );
    assert.doesNotMatch(text, /hunter2/);
  });
});

describe("a secret of the config", () => {
  it("is marked wherever it goes, though the arguments have it as a plain text", async () => {
    const { leafPem, caPem, keyPem } = makeCertificate(["registry.example.com", "ui.example.com"]);
    const cases: Record<string, unknown>[] = [
      {
        users: [{ name: "ci", role: "push", password: "secret-password" }],
        "storage.hostPath": undefined,
        "storage.s3": { bucket: "b", accessKeyId: "secret-id", secretAccessKey: "secret-access" },
        "registry.secretEnvironment": { A: "secret-variable" },
        "registry.notifications": [{ name: "n", url: "https://n.test/secret", headers: { X: "secret-header" } }],
        "certificate.externalAccount": { keyId: "k", hmacKey: "c2VjcmV0LWhtYWMta2V5LTEyMzQ1" },
        "certificate.dns01": {
          dynamicUpdate: { server: "ns.example.com", keyName: "acme", keySecret: "c2VjcmV0LXRzaWcta2V5LTEyMzQ1" },
        },
        "certificate.accountKeyPem": KEY_PEM,
      },
      {
        "registry.proxy": { remoteUrl: "https://other.test", username: "u", password: "secret-proxy" },
        certificate: { issuer: "provided", provided: { chainPem: leafPem + caPem, keyPem } },
        gateways: [{ ...gateway, privateKey: KEY_PEM }],
      },
      { "storage.hostPath": undefined, "storage.gcs": { bucket: "b", keyFileJson: '{"secret":"key-file"}' } },
      {
        "storage.hostPath": undefined,
        "storage.azure": { accountName: "a", container: "c", accountKey: "secret-azure" },
      },
    ];
    const seen = new Set<string>();
    for (const more of cases) {
      const args = read(more);
      const secrets = secretsIn(STACK, args);
      const answer = (type: string) => (type.endsWith(":AcmeChain") ? { chainPem: leafPem } : certOf(type));
      const certOf = (type: string) =>
        /SelfSignedCert$|LocallySignedCert$/.test(type) ? { certPem: leafPem } : undefined;
      const run = await underMocks(() => new PrivateRegistry("main", args), { answer });
      for (const secret of secrets) {
        const { text } = secret;
        const path = pathOf(secret);
        seen.add(path.replace(/\[\d+\]/g, "[]"));
        for (const { urn, inputs, secrets: marked } of run.resources) {
          for (const place of placesOf(inputs, text))
            assert.ok(
              marked.some((each) => place === each || place.startsWith(`${each}.`) || place.startsWith(`${each}[`)),
              `${path} is open in ${urn} at ${place}`,
            );
        }
      }
    }
    assert.ok(seen.size >= 14, [...seen].join(", "));
  });
});

/** The paths of inputs in which a text is, plain or in base64. */
function placesOf(value: unknown, text: string, path = ""): string[] {
  if (typeof value === "string") {
    const forms = [text, JSON.stringify(text).slice(1, -1), Buffer.from(text).toString("base64")];
    return forms.some((form) => value.includes(form)) ? [path] : [];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => placesOf(item, text, `${path}[${index}]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => placesOf(item, text, path === "" ? name : `${path}.${name}`));
}
