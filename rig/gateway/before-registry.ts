import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";
import { htpasswd } from "../../components/nginx/users/users";
import { UserRole } from "../../components/nginx/users/role";
import { certificates, gatewayInput, type Pair, REGISTRY, USERS } from "./fixture";
import type { LoadTarget } from "../registry/load";
import { type NginxHost } from "../hosts/nginx-host";
import type { RegistryProcess } from "../registry/process";

type Changes = NonNullable<Parameters<typeof gatewayInput>[0]>;

/** The user who pushes: "name:password". */
export const PUSHER = USERS.filter(({ role }) => role === UserRole.Push).map(
  (user) => `${user.name}:${user.password}`,
)[0];

/** What differs in a gateway's site when a real registry is behind it, with mutual TLS. */
export function behind(registry: RegistryProcess): Changes {
  const pem = (file: string): string => fs.readFileSync(path.join(registry.folder, file), "utf8");
  const client = { clientCertificatePem: pem("domain.crt"), clientKeyPem: pem("domain.key") };
  return {
    registryNodePort: registry.port,
    upstreamTls: { caPem: pem("domain.crt"), serverName: "localhost", ...client },
    guessesPerMinute: 6000,
  };
}

/**
 * Makes a gateway's release live on a host, with the real registry behind it; says how long the host took, in seconds.
 */
export async function putBehind(host: NginxHost, registry: RegistryProcess, changes: Changes = {}): Promise<number> {
  const input = await gatewayInput({ httpsPort: host.httpsPort, ...behind(registry), ...changes });
  const done = await host.activate("update", input);
  assert.equal(done.code, 0, done.stderr);
  return done.seconds;
}

/** The user file as a stack has it, at a cost of bcrypt. */
export const bcryptFile = (cost: number): Promise<string> => htpasswd(USERS, REGISTRY, cost);

/** The user file as `htpasswd` makes it when nobody says how (apr1, a thousand rounds of MD5). */
export async function apr1File(): Promise<string> {
  const lines = USERS.map(async ({ name, password }) => {
    const { stdout } = await execa("openssl", ["passwd", "-apr1", "-stdin"], { input: password });
    return `${name}:${stdout.trim()}\n`;
  });
  return (await Promise.all(lines)).join("");
}

/** Another certificate for the site, as a release has it. */
export const served = (pair: Pair): Changes => ({ chainPem: pair.cert, keyPem: pair.key });

/** The gateway of a host as a target of load, for the user who pushes. */
export function loadTarget(host: NginxHost, repository: string): LoadTarget {
  const { cert } = certificates().ca;
  return { port: host.httpsPort, host: REGISTRY, caPem: cert, auth: PUSHER ?? "", repository };
}
