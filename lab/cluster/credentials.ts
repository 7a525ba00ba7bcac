import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { run } from "../hosts";
import { Lab, LabNode, network, nodes } from "../lab";
import { API_SERVER, clusterDir } from "./places";

/** A node's kubelet as a user, and the name of its serving certificate. */
export const kubeletOf = ({ host }: LabNode): `kubelet-${LabNode["host"]}` => `kubelet-${host}`;

/** A user of the API server. */
export type ClusterUser =
  "admin" | "kube-controller-manager" | "kube-scheduler" | "kube-proxy" | ReturnType<typeof kubeletOf>;

/** Who may talk to the API server; each has a token. RBAC's own roles hold for all of them. The admin comes last. */
const USERS: readonly { name: ClusterUser; user: string; groups: readonly string[] }[] = [
  ...nodes.map((node) => ({ name: kubeletOf(node), user: `system:node:${node.name}`, groups: ["system:nodes"] })),
  { name: "kube-controller-manager", user: "system:kube-controller-manager", groups: [] },
  { name: "kube-scheduler", user: "system:kube-scheduler", groups: [] },
  { name: "kube-proxy", user: "system:kube-proxy", groups: [] },
  { name: "admin", user: "lab-admin", groups: ["system:masters"] },
];

/** A file of the cluster's keys and certificates. */
export const pkiFile = (lab: Lab, name: string): string => clusterDir(lab, "pki", name);

/** A component's kubeconfig; the admin's is the lab's. */
export function kubeconfigFile(lab: Lab, user: ClusterUser): string {
  return user === "admin" ? lab.kubeconfig : clusterDir(lab, `${user}.kubeconfig`);
}

/** The admin's token. */
export function adminToken(lab: Lab): string {
  const { users } = JSON.parse(readFileSync(lab.kubeconfig, "utf8")) as { users: { user: { token: string } }[] };
  return users[0]?.user.token ?? "";
}

/** Makes the CA, the certificates, the tokens and the kubeconfigs, unless they are there. All are for this lab only. */
export async function makeCredentials(lab: Lab): Promise<void> {
  if (existsSync(lab.kubeconfig)) return;
  mkdirSync(clusterDir(lab, "pki"), { recursive: true, mode: 0o700 });
  await selfSigned(lab);
  const { node } = network.addresses;
  await Promise.all([
    signed(lab, "apiserver", "/CN=kube-apiserver", [
      "extendedKeyUsage=serverAuth",
      `subjectAltName=IP:${node},IP:127.0.0.1,IP:10.233.0.1,DNS:localhost,DNS:kubernetes.default.svc`,
    ]),
    signed(lab, "apiserver-kubelet-client", "/O=system:masters/CN=kube-apiserver-kubelet-client", [
      "extendedKeyUsage=clientAuth",
    ]),
    ...nodes.map((one) => {
      const address = `subjectAltName=IP:${network.addresses[one.host]}`;
      return signed(lab, kubeletOf(one), `/CN=${one.name}`, ["extendedKeyUsage=serverAuth", address]);
    }),
    run([
      "openssl",
      "ecparam",
      "-genkey",
      "-noout",
      "-name",
      "prime256v1",
      "-out",
      pkiFile(lab, "service-account.key"),
    ]),
  ]);
  writeTokens(lab);
}

const NEW_REQUEST = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

async function selfSigned(lab: Lab): Promise<void> {
  const files = ["-keyout", pkiFile(lab, "ca.key"), "-out", pkiFile(lab, "ca.crt")];
  await run(["openssl", ...NEW_REQUEST, "-x509", "-days", "3650", "-subj", "/CN=private-registry-lab", ...files]);
}

/** Makes a key and a certificate of the cluster's CA. */
async function signed(lab: Lab, name: string, subject: string, extensions: readonly string[]): Promise<void> {
  const authority = ["-CA", pkiFile(lab, "ca.crt"), "-CAkey", pkiFile(lab, "ca.key")];
  const files = ["-keyout", pkiFile(lab, `${name}.key`), "-out", pkiFile(lab, `${name}.csr`)];
  await run(["openssl", ...NEW_REQUEST, "-subj", subject, ...files]);
  const extensionFile = pkiFile(lab, `${name}.ext`);
  writeFileSync(extensionFile, `${extensions.join("\n")}\n`);
  const serial = ["-set_serial", `0x${randomBytes(8).toString("hex")}`];
  const request = ["-in", pkiFile(lab, `${name}.csr`), "-extfile", extensionFile, "-days", "3650", ...serial];
  await run(["openssl", "x509", "-req", ...authority, ...request, "-out", pkiFile(lab, `${name}.crt`)]);
}

/** The admin's kubeconfig comes last and by a rename: it shows that all of it is there. */
function writeTokens(lab: Lab): void {
  const lines: string[] = [];
  for (const { name, user, groups } of USERS) {
    const token = randomBytes(24).toString("base64url");
    lines.push(`${token},${user},${user},"${groups.join(",")}"`);
    const file = kubeconfigFile(lab, name);
    if (name === "admin") writeFileSync(pkiFile(lab, "tokens.csv"), `${lines.join("\n")}\n`, { mode: 0o600 });
    writeFileSync(`${file}.new`, kubeconfig(lab, user, token), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
}

/** JSON is YAML too. */
function kubeconfig(lab: Lab, user: string, token: string): string {
  const certificate = readFileSync(pkiFile(lab, "ca.crt")).toString("base64");
  const cluster = { server: API_SERVER, "certificate-authority-data": certificate };
  const value = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "lab", cluster }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: "lab", context: { cluster: "lab", user } }],
    "current-context": "lab",
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}
