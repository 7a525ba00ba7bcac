// Runs in a project that has the package from its tarball: makes a registry under mocks, and prints what was asked for.
const { execFileSync } = require("node:child_process");
const { generateKeyPairSync } = require("node:crypto");
const pulumi = require("@pulumi/pulumi");

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null"];
const certificate = execFileSync("openssl", ["req", "-x509", "-subj", "/CN=a", ...newKey], {
  stdio: "pipe",
}).toString();

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
  if (type.startsWith("tls:")) return { certPem: certificate, certRequestPem: "a request" };
  if (type.endsWith(":UserFile")) return { file: "ci:hash\n" };
  if (type.startsWith("pulumi-nodejs:dynamic")) return { chainPem: certificate };
  return {};
}

function keys() {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const privateKeyPem = privateKey.export({ type: "sec1", format: "pem" });
  return { privateKeyPem, publicKeyPem: publicKey.export({ type: "spki", format: "pem" }) };
}

async function program() {
  const { PrivateRegistry, UserRole } = require("private-registry");
  const registry = new PrivateRegistry("main", {
    registryHost: "registry.example.com",
    nodeAddresses: ["192.0.2.10"],
    gateways: [
      {
        address: "192.0.2.1",
        privateKey: keys().privateKeyPem,
        hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
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
