// Runs in a project that has the package from its tarball: makes a registry under mocks, and prints what was asked for.
const pulumi = require("@pulumi/pulumi");

const seen = { types: [], stdin: [], deep: "" };
pulumi.runtime.setMocks({
  newResource: ({ type, name, inputs }) => {
    seen.types.push(type);
    if (type === "command:remote:Command") seen.stdin.push(inputs.stdin.value ?? inputs.stdin);
    return { id: `${name}-id`, state: { ...inputs, ...answer(type) } };
  },
  call: () => ({}),
});

function answer(type) {
  if (type === "tls:index/privateKey:PrivateKey") return keys();
  if (type.startsWith("tls:")) return { certPem: pem("CERTIFICATE"), certRequestPem: pem("CERTIFICATE REQUEST") };
  if (type.endsWith(":UserFile")) return { file: "ci:hash\n" };
  if (type.startsWith("pulumi-nodejs:dynamic")) return { chainPem: pem("CERTIFICATE") };
  return {};
}

function keys() {
  const { publicKey, privateKey } = require("node:crypto").generateKeyPairSync("ec", { namedCurve: "P-256" });
  const privateKeyPem = privateKey.export({ type: "sec1", format: "pem" });
  return { privateKeyPem, publicKeyPem: publicKey.export({ type: "spki", format: "pem" }) };
}

function pem(label) {
  return `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
}

async function program() {
  const { PrivateRegistry, UserRole } = require("private-registry");
  const registry = new PrivateRegistry("main", {
    registryHost: "registry.example.com",
    nodeAddresses: ["192.0.2.10"],
    gateways: [
      {
        address: "192.0.2.1",
        privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n",
        hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      },
    ],
    users: [{ name: "ci", role: UserRole.Push, password: "hunter2" }],
    certificate: { termsAgreed: true },
    storage: { hostPath: { nodeName: "node-1" } },
  });
  await new Promise((resolve) => registry.gatewayReleaseHash.apply(resolve));
  try {
    require("private-registry/dist/components/acme/lifecycle");
  } catch (error) {
    seen.deep = error.code;
  }
  console.log(JSON.stringify(seen));
}

program().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
