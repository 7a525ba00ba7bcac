import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { SmokeTarget } from "../../cli/smoke";
import { certificates, gatewayInput, REGISTRY, UI } from "./fixture";
import { alice, bob } from "./on-host";
import { NginxHost } from "../hosts/nginx-host";
import { RegistryProcess, version2 } from "../registry/process";

export const HERE = "127.0.0.1";

/** The port of a server that listens. */
export const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;

/** A real nginx with a gateway's release before a real registry, and a page for the UI. */
export class SmokedGateway {
  private constructor(
    readonly host: NginxHost,
    readonly registry: RegistryProcess,
    private readonly page: http.Server,
  ) {}

  static async start(): Promise<SmokedGateway> {
    const registry = await RegistryProcess.prepare(version2, { registry: { deleteEnabled: true } });
    await registry.start();
    const page = http.createServer((_, response) => response.end("<html>the UI</html>"));
    await once(page.listen(0, HERE), "listening");
    const gateway = new SmokedGateway(await NginxHost.start(), registry, page);
    await gateway.serve();
    return gateway;
  }

  /** Makes a release live that knows the registry. */
  async serve(changes: Parameters<typeof gatewayInput>[0] = {}): Promise<void> {
    const pem = (file: string): string => readFileSync(join(this.registry.folder, file), "utf8");
    const client = { clientCertificatePem: pem("domain.crt"), clientKeyPem: pem("domain.key") };
    const input = await gatewayInput({
      httpsPort: this.host.httpsPort,
      registryNodePort: this.registry.port,
      uiNodePort: portOf(this.page),
      upstreamTls: { caPem: pem("domain.crt"), serverName: "localhost", ...client },
      guessesPerMinute: 6000,
      ...changes,
    });
    const done = await this.host.activate("update", input);
    assert.equal(done.code, 0, done.stderr);
  }

  /** What a stack would say of it. */
  target(): SmokeTarget {
    return {
      registryUrl: `https://${REGISTRY}:${this.host.httpsPort}`,
      uiUrl: `https://${UI}:${this.host.httpsPort}`,
      gateways: [HERE],
      nodes: [HERE],
      registryNodePort: this.registry.port,
      uiNodePort: portOf(this.page),
      users: [alice, bob],
      certificateChain: certificates().server.cert,
      trustedRoots: certificates().ca.cert,
      namespace: "kube-system",
      tlsSecretName: "registry-tls-secret",
      deleteEnabled: true,
      clientCertificateRequired: true,
    };
  }

  async stop(): Promise<void> {
    this.page.close();
    await this.registry.remove();
    await this.host.stop();
  }
}
