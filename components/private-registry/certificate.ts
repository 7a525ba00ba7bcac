import * as pulumi from "@pulumi/pulumi";
import { AcmeCertificate } from "../acme-certificate";
import { AcmeResponder } from "../acme-responder";
import { accountThumbprint } from "../acme/thumbprint";
import { Checker } from "../checks/checker";
import { isGiven } from "../checks/judge";
import { omitUndefined } from "../checks/omit-undefined";
import { from } from "../checks/origin";
import { CERTIFICATE_SOURCE, CertificateIssuer } from "../issuers/args";
import type { PrivateRegistryArgs } from "./args";
import { subjectOf } from "./check";
import { createKey } from "./mutual-tls";
import { originOf } from "./origins";

/**
 * With HTTP-01 the responder first: it has to answer before the CA asks. Else it only redirects, and nothing waits for
 * it.
 */
export function createCertificate(name: string, args: PrivateRegistryArgs, parent: pulumi.Resource): AcmeCertificate {
  const { registryHost, ui } = args;
  const names = [...new Set(ui?.host === undefined ? [registryHost] : [registryHost, ui.host])];
  const { trustedRootsPem, ...source } = args.certificate;
  const { issuer = CertificateIssuer.Acme, dns01 } = source;
  const overHttp = issuer === CertificateIssuer.Acme && !isGiven(dns01);
  const createResponder = (accountThumbprint?: pulumi.Output<string>): AcmeResponder => {
    const site = { gateways: args.gateways, names, ...omitUndefined({ ssh: args.ssh, accountThumbprint }) };
    return new AcmeResponder(`${name}-responder`, from(originOf(name, "responder"), site), { parent });
  };
  const create = (settings: object, opts: pulumi.ComponentResourceOptions): AcmeCertificate =>
    new AcmeCertificate(
      `${name}-certificate`,
      from(originOf(name, "certificate"), { ...source, ...settings, names }),
      opts,
    );
  if (!overHttp && (args.nginx?.redirectHttp ?? true)) createResponder();
  if (issuer !== CertificateIssuer.Acme) return create({}, { parent });
  const accountKeyPem = accountKey(name, args, parent);
  if (!overHttp) return create({ accountKeyPem }, { parent });
  const dependsOn = createResponder(pulumi.unsecret(accountKeyPem.apply(accountThumbprint)));
  return create({ accountKeyPem }, { parent, dependsOn });
}

/** The account's key as given, judged before anything is made of it, or one that is made. */
function accountKey(name: string, args: PrivateRegistryArgs, parent: pulumi.Resource): pulumi.Output<string> {
  const given = args.certificate.accountKeyPem ?? undefined;
  if (given === undefined) return pulumi.secret(createKey(`${name}-account-key`, parent).privateKeyPem);
  const value = CERTIFICATE_SOURCE.accountKeyPem;
  const checker = new Checker(subjectOf(name), args);
  return checker.column([{ property: "certificate.accountKeyPem", given, value }], true).apply(([key = ""]) => key);
}
