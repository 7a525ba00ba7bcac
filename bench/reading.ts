import { generateKeyPairSync, randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { execaNode } from "execa";
import { readConfig } from "../config";
import { inTheOpen } from "../config/in-the-open";
import { secretsIn } from "../config/read";
import { STACK } from "../config/stack";
import { median } from "./times";

const ROUNDS = 9;
const BOUND = 10;

/** How long it takes to read a stack's file and check it, each in a process that does it once, as Pulumi does. */
export async function benchReading({ users }: { users?: string }): Promise<void> {
  if (users !== undefined) return console.log(once(Number(users)).toFixed(1));
  for (const count of [10, 1000]) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const nodeOptions = ["-r", "ts-node/register"];
      const { stdout } = await execaNode(require.resolve("./main"), ["reading", "--users", `${count}`], {
        nodeOptions,
      });
      times.push(Number(stdout));
    }
    const kept = median(times) <= BOUND;
    if (!kept) process.exitCode = 1;
    const all = times.join(", ");
    console.log(
      `${count} users: ${median(times)} ms (median of ${all}), at most ${BOUND}: ${kept ? "kept" : "NOT kept"}`,
    );
  }
}

/** Milliseconds of the first time in this process. */
function once(count: number): number {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const password = (): string => randomBytes(16).toString("base64url");
  const users = Array.from({ length: count }, (_, index) => ({
    name: `u${index}`,
    role: "push",
    password: password(),
  }));
  const lines = users.map(
    ({ name }) =>
      `    - name: ${name}\n      role: push\n      password:\n        secure: v1:${password()}:${password()}=\n`,
  );
  const text = `config:\n  private-registry:users:\n${lines.join("")}`;
  const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  const raw = {
    registryHost: "registry.example.com",
    nodeAddresses: '["192.0.2.10"]',
    gateways: JSON.stringify([{ address: "gw1.example.com", hostKey }]),
    ssh: JSON.stringify({ privateKey: key }),
    users: JSON.stringify(users),
    certificate: '{"termsAgreed":true}',
    storage: '{"hostPath":{"nodeName":"node-1"}}',
  };
  const stored = { text, encrypted: () => true };
  const began = performance.now();
  readConfig(raw, "Pulumi.bench.yaml", (values) => inTheOpen(secretsIn(STACK, values), "private-registry", stored));
  return performance.now() - began;
}
