import * as pulumi from "@pulumi/pulumi";
import { outputsOf } from "./outputs";
import { activateInTurn } from "./hosts/activation";
import { NginxGatewayArgs } from "./nginx/gateway/args";
import { checkGateway, siteOf } from "./nginx/gateway/check";
import { shownGateway } from "./nginx/gateway/preview";
import { gatewayBlueprint } from "./nginx/gateway/blueprint";
import { createUserFile } from "./nginx/users/user-file";
import { tellWeakHashes } from "./nginx/users/weak-hashes";

/**
 * The TLS sites of registry and UI on one or more nginx hosts: passwords, roles, and the way to the nodes. Everything
 * of it is one release, named by its hash and activated over SSH so that nginx has accepted it before anything could
 * read it, and that the former one is back if it isn't served. Other sites of the hosts stay as they are.
 *
 * @example
 * const gateway = new NginxGateway("main-gateway", {
 *   gateways: [{ address: "gw1.example.com", hostKey: "ssh-ed25519 AAAA..." }],
 *   ssh: { privateKey: config.requireSecret("sshKey") },
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
    const input = checkGateway(name, args);
    tellWeakHashes(input.users, this);
    const site = siteOf(input, createUserFile(name, input, opts?.parent));
    this.releaseHash = activateInTurn(name, input.hosts, site.apply(gatewayBlueprint), shownGateway(input), this);
    this.registryUrl = pulumi.unsecret(site.apply((known) => urlOf(known.registryHost, known.httpsPort)));
    this.uiUrl = pulumi.unsecret(site.apply((known) => urlOf(known.uiHost, known.httpsPort, known.uiPath)));
    this.registerOutputs(outputsOf(this));
  }
}

function urlOf(host: string | undefined, port: number, path = "/"): string {
  return host === undefined ? "" : `https://${host}${port === 443 ? "" : `:${port}`}${path === "/" ? "" : path}`;
}
