import * as pulumi from "@pulumi/pulumi";
import { Checker } from "./checks/checker";
import { given } from "./checks/omit-undefined";
import { Rule } from "./checks/problems";
import { asciiName, hostName, port } from "./checks/rules";
import { activateInTurn } from "./nginx/release/activation";
import { checkHosts, GatewayHostArgs } from "./nginx/release/host";
import { makeRelease } from "./nginx/release/release";
import { byFile } from "./nginx/release/preview";
import { responderBlueprint } from "./nginx/responder";
import { siteName } from "./nginx/release/site-name";

/** Arguments of `AcmeResponder`. */
export interface AcmeResponderArgs {
  /** The nginx hosts that the names resolve to. Plain, since each is a resource. */
  hosts: GatewayHostArgs[];
  /** The host names to answer for, at least one. */
  names: pulumi.Input<pulumi.Input<string>[]>;
  /** SHA-256 thumbprint of the ACME account's public key, base64url (RFC 7638). Default none: then the site only redirects. */
  accountThumbprint?: pulumi.Input<string>;
  /** Port for HTTP. A CA connects to 80 and to no other. Range 1-65535, default 80. */
  httpPort?: pulumi.Input<number>;
  /** Port to which other requests are sent. Range 1-65535, default 443. */
  httpsPort?: pulumi.Input<number>;
}

/**
 * The port-80 site on every nginx host: it answers the HTTP-01 challenges of one ACME account by itself (RFC 8555 section
 * 8.3), if it is given one, and redirects everything else to https. It needs no file and no change when a certificate is ordered, and is
 * there before the first order. A release of its own on each host, activated like the gateway's.
 *
 * @example
 * const responder = new AcmeResponder("main-responder", {
 *   hosts: [{ address: "gw1.example.com", privateKey: config.requireSecret("sshKey"), hostKey: "ssh-ed25519 AAAA..." }],
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
    this.releaseHash = activateInTurn(name, hosts, blueprint.apply(makeRelease), byFile(sample, blueprint), this);
    this.registerOutputs({ releaseHash: this.releaseHash });
  }
}

const thumbprint: Rule<string> = (value) =>
  typeof value === "string" && /^[A-Za-z0-9_-]{43}$/.test(value)
    ? undefined
    : { expected: "43 characters of base64url", advice: "give the RFC 7638 thumbprint of the ACME account's key" };

const hostNames: Rule<string[]> = (values) =>
  Array.isArray(values) && values.length > 0 && values.every((value) => hostName("")(value) === undefined)
    ? undefined
    : { expected: "at least one host name", advice: "give the names that the certificate is for" };

function checked(name: string, args: AcmeResponderArgs) {
  const checker = new Checker(`AcmeResponder "${name}"`);
  const hosts = checkHosts(checker, args.hosts);
  const site = siteName(checker, name);
  const names = checker.check<string[]>("names", args.names, hostNames);
  const account =
    args.accountThumbprint === undefined
      ? undefined
      : checker.check("accountThumbprint", args.accountThumbprint, thumbprint);
  const httpPort = checker.check("httpPort", args.httpPort ?? 80, port(80));
  const httpsPort = checker.check("httpsPort", args.httpsPort ?? 443, port(443));
  checker.done();
  const blueprint = pulumi.all([names, account, httpPort, httpsPort]).apply(([plainNames, plainAccount, http, https]) =>
    responderBlueprint({
      site,
      names: plainNames.map(asciiName),
      ...given({ thumbprint: plainAccount }),
      httpPort: http,
      httpsPort: https,
    }),
  );
  const sample = responderBlueprint({ site, names: [], httpPort: 80, httpsPort: 443 });
  return { hosts, blueprint, sample };
}
