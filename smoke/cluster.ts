import { execFile } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { lookup } from "node:dns/promises";
import * as http from "node:http";
import { promisify } from "node:util";
import { kubectlFlags } from "../components/internal";
import type { Checks } from "./checks";
import { Unchecked } from "./checks";
import { look, send } from "./https";
import { siteOf, type SmokeTarget } from "./target";

/** By which cluster kubectl is asked. */
export interface ClusterOptions {
  /** Path of a kubeconfig file. Default: kubectl's own. */
  kubeconfig?: string | undefined;
  /** Context in it. Default: its current one. */
  context?: string | undefined;
}

/** That the secret in the cluster is the certificate of the stack's state, and its key that certificate's. */
export async function checkSecret(checks: Checks, target: SmokeTarget, options: ClusterOptions): Promise<void> {
  const { namespace, tlsSecretName } = target;
  await checks.run("cluster", `secret ${namespace}/${tlsSecretName}`, async () => {
    const data = await readSecret(target, options);
    const file = (name: string): string => Buffer.from(data[name] ?? "", "base64").toString("utf8");
    const stored = new X509Certificate(file("domain.crt"));
    const wanted = new X509Certificate(target.certificateChain);
    if (stored.fingerprint256 !== wanted.fingerprint256) {
      const numbers = `${stored.serialNumber}, and the stack's state has ${wanted.serialNumber}`;
      throw new Error(`it holds certificate ${numbers}; run pulumi up --refresh`);
    }
    if (!stored.checkPrivateKey(createPrivateKey(file("domain.key")))) {
      throw new Error("its key is not its certificate's; run pulumi up --refresh");
    }
    return `the stack's own certificate, and its key`;
  });
}

async function readSecret(
  { namespace, tlsSecretName }: SmokeTarget,
  options: ClusterOptions,
): Promise<Record<string, string>> {
  const flags = kubectlFlags(options);
  const args = ["get", "secret", tlsSecretName, "--namespace", namespace, "--output", "json"];
  try {
    const { stdout } = await promisify(execFile)("kubectl", [...flags, ...args, "--request-timeout=15s"]);
    return (JSON.parse(stdout) as { data: Record<string, string> }).data;
  } catch (error) {
    throw explained(error as { code?: unknown; stderr?: string });
  }
}

/** Why kubectl gave nothing; what it printed otherwise is left out, since it may be the secret. */
function explained({ code, stderr = "" }: { code?: unknown; stderr?: string }): Error {
  if (code === "ENOENT") return new Unchecked("there is no kubectl here");
  const words = stderr.trim().split("\n").at(-1) ?? "";
  if (words.includes("NotFound"))
    return new Error(`${words}; is it the stack's cluster that kubectl asks? See --context`);
  return new Unchecked(`kubectl: ${words || `it ended with ${String(code)}`}`);
}

/** That nobody gets at the images through a node's ports. */
export async function checkNodePorts(checks: Checks, target: SmokeTarget): Promise<void> {
  for (const node of target.nodes) {
    await checks.run(node, `port ${target.registryNodePort}`, () => registryPort(node, target));
    if (target.uiNodePort !== 0) await checks.run(node, `port ${target.uiNodePort}`, () => uiPort(node, target));
  }
}

async function registryPort(node: string, target: SmokeTarget): Promise<string> {
  const open = await answers(() =>
    send({ host: node, port: target.registryNodePort, path: "/v2/_catalog", rejectUnauthorized: false }),
  );
  if (open === undefined) return "closed to whoever has no client certificate";
  if (target.clientCertificateRequired) {
    throw new Error(`it answers ${open.status} to whoever has no client certificate; run pulumi up --refresh`);
  }
  throw new Unchecked("backend.requireClientCertificate is false: whoever reaches this port needs no password");
}

async function uiPort(node: string, target: SmokeTarget): Promise<string> {
  const open = await answers(() => plain(`http://${node}:${target.uiNodePort}/v2/_catalog`));
  if (!open?.body.includes('"repositories"')) return "gives no list of images";
  const advice = "set ui.kind to joxit, or backend.requireClientCertificate to true";
  throw new Error(`it gives the list of images to whoever asks; ${advice}`);
}

async function answers<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}

function plain(url: string): Promise<{ body: string }> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false, timeout: 5000 }, (response) => {
      let body = "";
      response.on("data", (part: Buffer) => (body += part.toString("utf8")));
      response.on("end", () => resolve({ body })).on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error("no answer")));
    request.on("error", reject);
  });
}

/** That the names lead to the gateways from here. A name that does not resolve here may well do so where it is used. */
export async function checkNames(checks: Checks, target: SmokeTarget): Promise<void> {
  const wanted = new X509Certificate(target.certificateChain).fingerprint256;
  for (const url of [target.registryUrl, target.uiUrl].filter(Boolean)) {
    const name = new URL(url).hostname;
    await checks.run("names", name, async () => {
      const addresses = await lookup(name, { all: true }).catch(() => []);
      if (addresses.length === 0)
        throw new Unchecked("it does not resolve here; the gateways were asked by their addresses");
      const list = [...new Set(addresses.map(({ address }) => address))];
      for (const address of list) {
        const { certificate } = await look(siteOf(target, url, address));
        if (certificate.fingerprint256 !== wanted)
          throw new Error(`${address} serves a certificate that is not the stack's`);
      }
      return list.join(", ");
    });
  }
}
