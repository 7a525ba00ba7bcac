import { readFileSync } from "node:fs";
import https from "node:https";
import { until } from "../hosts";
import { Lab, LabNode } from "../lab";
import { adminToken, pkiFile } from "./credentials";
import { API_SERVER } from "./places";

/** Asks the API server as the admin. Rejects if there is no answer within 5 s; an error status is an answer. */
export function askApi(lab: Lab, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${adminToken(lab)}` };
    const ca = readFileSync(pkiFile(lab, "ca.crt"));
    const request = https.get(`${API_SERVER}${path}`, { ca, headers, agent: false, timeout: 5000 }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error("the API server does not answer")));
    request.on("error", reject);
  });
}

/** True if the API server says that it is ready. */
export async function apiIsReady(lab: Lab): Promise<boolean> {
  return askApi(lab, "/readyz").then(
    ({ status }) => status === 200,
    () => false,
  );
}

interface Node {
  status: { conditions?: { type: string; status: string; message: string; lastHeartbeatTime: string }[] };
  spec: { taints?: { key: string }[] };
}

/**
 * Undefined if pods can be placed on a node, else what is missing.
 * @param since When its kubelet was started, in ms: what an earlier one has reported says nothing. Default: no matter.
 */
export async function nodeProblem(lab: Lab, { name }: LabNode, since = 0): Promise<string | undefined> {
  const { status, body } = await askApi(lab, `/api/v1/nodes/${name}`);
  if (status !== 200) return "the kubelet has not registered the node";
  const node = JSON.parse(body) as Node;
  return unready(node, since) ?? (node.spec.taints?.[0] && `the node has the taint ${node.spec.taints[0].key}`);
}

function unready({ status }: Node, since: number): string | undefined {
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  if (!ready) return "the kubelet has not reported yet";
  const SECOND = 1000; // Kubernetes tells times in whole ones
  if (Date.parse(ready.lastHeartbeatTime) + SECOND <= since) return "the kubelet has not reported again yet";
  return ready.status === "True" ? undefined : ready.message;
}

/** Waits until a node takes pods, and kube-system can have them. Rejects with what is missing after `seconds`. */
export async function waitForNode(lab: Lab, node: LabNode, since: number, seconds: number): Promise<void> {
  let problem: string | undefined;
  const ready = await until(async () => {
    problem = await nodeProblem(lab, node, since).catch(String);
    if (problem) return false;
    const { status } = await askApi(lab, "/api/v1/namespaces/kube-system/serviceaccounts/default");
    problem = status === 200 ? undefined : "kube-system has no service account yet";
    return problem === undefined;
  }, seconds);
  if (!ready) throw new Error(`the node ${node.name} is not ready after ${seconds} s: ${problem}`);
}
