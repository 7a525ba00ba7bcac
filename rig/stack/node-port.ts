import { network } from "../../lab/lab";
import { kubectl, onClient } from "./lab";

/**
 * What a connection without a client certificate to the registry's port of a node comes to: "a registry" if there was a
 * TLS handshake and then no answer, else what curl says. With TLS 1.3 the refusal comes after the handshake, and what
 * curl calls it depends on what it was just doing: an alert, a reset, or a socket that is no longer connected.
 */
export async function refusedBy(address: string): Promise<string> {
  const url = `https://${address}:30299/v2/_catalog`;
  const format = "%{http_code} %{time_appconnect}";
  const { exitCode, stdout, stderr } = await onClient("curl", ["-sSk", "--max-time", "5", "-w", format, url]);
  const [status = "", handshake = ""] = stdout.split("\n").at(-1)?.split(" ") ?? [];
  const refused = exitCode !== 0 && status === "000" && (Number(handshake) > 0 || / alert /.test(stderr));
  return refused ? "a registry" : `${exitCode} ${stderr} ${stdout}`;
}

/** How many connections from the client host each pod of the registry has refused, for want of a certificate. */
export async function refusals(pods: readonly string[]): Promise<number[]> {
  const from = `TLS handshake error from ${network.addresses.client}:`;
  const logs = pods.map((pod) => kubectl("-n", "kube-system", "logs", pod, "--container", "registry"));
  return (await Promise.all(logs)).map((log) => log.split("\n").filter((line) => line.includes(from)).length);
}
