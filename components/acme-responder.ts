import * as pulumi from "@pulumi/pulumi";
import { outputsOf } from "./outputs";
import { Checker } from "./checks/checker";
import { omitUndefined } from "./checks/omit-undefined";
import { asciiName, hostName, matches } from "./checks/rules";
import { PORT } from "./checks/shared";
import { list, type Members, text, wholeNumber } from "./checks/value";
import { activateInTurn } from "./hosts/activation";
import { checkHosts, type GatewayListArgs, GATEWAYS, reachable } from "./hosts/host";
import { byFile } from "./hosts/preview";
import { siteName } from "./hosts/site-name";
import { responderBlueprint } from "./nginx/responder";

/** Arguments of `AcmeResponder`. */
export interface AcmeResponderArgs extends GatewayListArgs {
  /** The host names to answer for, at least one. */
  names: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * SHA-256 thumbprint of the ACME account's public key, base64url (RFC 7638). Default none: then the site only
   * redirects.
   */
  accountThumbprint?: pulumi.Input<string>;
  /** Port for HTTP. A CA connects to 80 and to no other. Range 1-65535, default 80. */
  httpPort?: pulumi.Input<number>;
  /** Port to which other requests are sent. Range 1-65535, default 443. */
  httpsPort?: pulumi.Input<number>;
}

const RESPONDER = {
  ...GATEWAYS,
  names: list(text({ rule: hostName, advice: "give the names that the certificate is for" }), {
    of: "host names",
    min: 1,
    required: true,
    advice: "give the names that the certificate is for",
  }),
  accountThumbprint: text({
    rule: matches("43 characters of base64url", /^[A-Za-z0-9_-]{43}$/),
    advice: "give the RFC 7638 thumbprint of the ACME account's key",
  }),
  httpPort: wholeNumber({ ...PORT, default: 80 }),
  httpsPort: wholeNumber({ ...PORT, default: 443 }),
} satisfies Members<AcmeResponderArgs>;

/**
 * The port-80 site on every nginx host: it answers the HTTP-01 challenges of one ACME account by itself (RFC 8555
 * section 8.3), if it is given one, and redirects everything else to https. It needs no file and no change when a
 * certificate is ordered, and is there before the first order. A release of its own on each host, activated like the
 * gateway's.
 *
 * @example
 * const responder = new AcmeResponder("main-responder", {
 *   gateways: [{ address: "gw1.example.com", hostKey: "ssh-ed25519 AAAA..." }],
 *   ssh: { privateKey: config.requireSecret("sshKey") },
 *   names: ["registry.example.com", "ui.example.com"],
 *   accountThumbprint: thumbprint,
 * });
 * new AcmeCertificate("main", { names, termsAgreed: true }, { dependsOn: responder });
 */
export class AcmeResponder extends pulumi.ComponentResource {
  /** Hash of the release that the hosts serve, known when they serve it. */
  public readonly releaseHash: pulumi.Output<string>;

  /** Raises an error that names every argument that is not right. */
  constructor(name: string, args: AcmeResponderArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:index:AcmeResponder", name, {}, opts);
    const { hosts, blueprint, sample } = checked(name, args);
    this.releaseHash = activateInTurn(name, hosts, blueprint, byFile(sample, blueprint), this);
    this.registerOutputs(outputsOf(this));
  }
}

function checked(name: string, args: AcmeResponderArgs) {
  const checker = new Checker(`AcmeResponder "${name}"`, args);
  const input = checker.read(RESPONDER, args, { hosts: "it is gateways now" });
  checkHosts(checker, "gateways", args.gateways, args.ssh);
  const site = siteName(checker, name);
  checker.done();
  const { names, accountThumbprint, httpPort, httpsPort } = input;
  const blueprint = pulumi
    .all([names, accountThumbprint, httpPort, httpsPort])
    .apply(([plainNames, thumbprint, http, https]) =>
      responderBlueprint({
        site,
        names: plainNames.map(asciiName),
        ...omitUndefined({ thumbprint }),
        httpPort: http,
        httpsPort: https,
      }),
    );
  const sample = responderBlueprint({ site, names: [], httpPort: 80, httpsPort: 443 });
  return { hosts: reachable(input, args.gateways), blueprint, sample };
}
