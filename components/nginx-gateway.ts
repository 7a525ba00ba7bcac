import * as pulumi from "@pulumi/pulumi";
import { activateInTurn } from "./nginx/release/activation";
import { NginxGatewayArgs } from "./nginx/gateway/args";
import { checkGateway } from "./nginx/gateway/check";
import { gatewayBlueprint } from "./nginx/gateway/blueprint";
import { makeRelease } from "./nginx/release/release";

/**
 * The TLS sites of registry and UI on one or more nginx hosts: passwords, roles, and the way to the nodes. Everything of
 * it is one release, named by its hash and activated over SSH so that nginx has accepted it before anything could read it,
 * and that the former one is back if it isn't served. Other sites of the hosts stay as they are.
 *
 * @example
 * const gateway = new NginxGateway("main-gateway", {
 *   hosts: [{ address: "gw1.example.com", privateKey: config.requireSecret("sshKey"), hostKey: "ssh-ed25519 AAAA..." }],
 *   registryHost: "registry.example.com",
 *   uiHost: "ui.example.com",
 *   nodeAddresses: ["192.0.2.10", "192.0.2.11"],
 *   certificate: { chainPem: certificate.chainPem, keyPem: certificate.keyPem },
 *   users: [{ name: "ci", role: UserRole.Push, password: config.requireSecret("ciPassword") }],
 * });
 */
export class NginxGateway extends pulumi.ComponentResource {
  /** Hash of the release that the hosts serve, known when they serve it. */
  public readonly releaseHash: pulumi.Output<string>;
  /** The registry's URL. */
  public readonly registryUrl: pulumi.Output<string>;
  /** The UI's URL; empty if there is none. */
  public readonly uiUrl: pulumi.Output<string>;

  /** Raises an error that names every argument that is not right. */
  constructor(name: string, args: NginxGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:index:NginxGateway", name, {}, opts);
    const { hosts, site, shown } = checkGateway(name, args, opts?.parent);
    const release = site.apply((known) => makeRelease(gatewayBlueprint(known)));
    this.releaseHash = activateInTurn(name, hosts, release, shown, this);
    this.registryUrl = pulumi.unsecret(site.apply((known) => urlOf(known.registryHost, known.httpsPort)));
    this.uiUrl = pulumi.unsecret(site.apply((known) => urlOf(known.uiHost, known.httpsPort, known.uiBasePath)));
    this.registerOutputs({ releaseHash: this.releaseHash, registryUrl: this.registryUrl, uiUrl: this.uiUrl });
  }
}

function urlOf(host: string | undefined, port: number, path = "/"): string {
  return host === undefined ? "" : `https://${host}${port === 443 ? "" : `:${port}`}${path === "/" ? "" : path}`;
}
