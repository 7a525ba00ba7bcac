import * as pulumi from "@pulumi/pulumi";
import { CertificateIssuer } from "../issuers/args";
import { accountThumbprint } from "../acme/thumbprint";
import { AcmeCertificate } from "../acme-certificate";
import { AcmeResponder } from "../acme-responder";
import { Checker } from "../checks/checker";
import type { PrivateRegistryArgs } from "./args";
import { createKey } from "./mutual-tls";

/** With HTTP-01 the responder first: it has to answer before the CA asks. Else it only redirects, and nothing waits for it. */
export function createCertificate(name: string, args: PrivateRegistryArgs, parent: pulumi.Resource): AcmeCertificate {
  const names = [...new Set(args.uiHost === undefined ? [args.registryHost] : [args.registryHost, args.uiHost])];
  const { issuer = CertificateIssuer.Acme, dns01 } = args.certificate;
  const overHttp = issuer === CertificateIssuer.Acme && dns01 === undefined;
  const redirect = checkedRedirect(name, args.redirectHttp ?? true, overHttp);
  const site = { hosts: args.gateways, names };
  if (redirect && !overHttp) new AcmeResponder(`${name}-responder`, site, { parent });
  if (issuer !== CertificateIssuer.Acme) {
    return new AcmeCertificate(`${name}-certificate`, { ...args.certificate, names }, { parent });
  }
  const accountKeyPem = pulumi.secret(
    args.certificate.accountKeyPem ?? createKey(`${name}-account-key`, parent).privateKeyPem,
  );
  const settings = { ...args.certificate, names, accountKeyPem };
  if (!overHttp) return new AcmeCertificate(`${name}-certificate`, settings, { parent });
  const thumbprint = pulumi.unsecret(accountKeyPem.apply(accountThumbprint));
  const responder = new AcmeResponder(`${name}-responder`, { ...site, accountThumbprint: thumbprint }, { parent });
  return new AcmeCertificate(`${name}-certificate`, settings, { parent, dependsOn: responder });
}

function checkedRedirect(name: string, redirect: boolean, overHttp: boolean): boolean {
  const checker = new Checker(`PrivateRegistry "${name}"`);
  const expected = "true with HTTP-01, for which the CA comes to port 80";
  const advice = "leave it out, or show by dns01 that the names are yours";
  if (overHttp && !redirect) checker.add({ property: "redirectHttp", expected, got: "false", advice });
  checker.done();
  return redirect;
}
