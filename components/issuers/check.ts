import * as pulumi from "@pulumi/pulumi";
import { directoryUrl } from "../acme/client/directory";
import type { Dns01Settings } from "../acme/dns/solver";
import type { TsigAlgorithm } from "../acme/dns/tsig";
import { Checker } from "../checks/checker";
import { hasLate, isGiven, isTable } from "../checks/judge";
import { omitUndefined } from "../checks/omit-undefined";
import { hidden, type Problem } from "../checks/problems";
import { givenOf } from "../checks/relations";
import type { Checked } from "../checks/value";
import {
  ACME_CERTIFICATE,
  type AcmeCertificateArgs,
  CertificateIssuer,
  type CertificateSourceArgs,
  type KeyType,
} from "./args";
import type { PrivateCaOptions } from "./private-ca";
import type { ProvidedCertificate } from "./provided";
import { certificateNames, wireName } from "./rules";

/** What an ACME certificate is ordered with, after the checks: with defaults and in the form that the CA gets. */
export interface CheckedAcme {
  /** Undefined if an account key is to be made. Secret. */
  accountKeyPem: pulumi.Output<string> | undefined;
  /** What goes to the ACME resource as it is. */
  settings: {
    names: pulumi.Output<string[]>;
    directory: pulumi.Output<string>;
    contacts: pulumi.Output<string[]>;
    termsAgreed: pulumi.Output<boolean>;
    timeoutSeconds: pulumi.Output<number>;
    directoryCaPem?: pulumi.Output<string>;
    profile?: pulumi.Output<string>;
    preferredChain?: pulumi.Output<string>;
    renewBeforeHours?: pulumi.Output<number>;
    externalKeyId?: pulumi.Output<string>;
    externalHmacKey?: pulumi.Output<string>;
    revocation?: pulumi.Output<string>;
    dns01?: pulumi.Output<Dns01Settings>;
    tsigSecret?: pulumi.Output<string>;
  };
}

/** The arguments of a certificate after the checks: what concerns all, and one of the issuers. */
export interface CheckedCertificate {
  /** In ASCII form. */
  names: pulumi.Output<string[]>;
  keyType: pulumi.Output<KeyType>;
  generation: string | undefined;
  acme?: CheckedAcme;
  provided?: Pick<ProvidedCertificate, "chainPem" | "keyPem">;
  privateCa?: Pick<PrivateCaOptions, "commonName" | "caValidityDays" | "validityDays">;
}

type Input = Checked<typeof ACME_CERTIFICATE>;

/** Checks the arguments of an `AcmeCertificate`; throws one error that names every one that is not right. */
export function checkAcmeCertificate(name: string, args: AcmeCertificateArgs): CheckedCertificate {
  const checker = new Checker(`AcmeCertificate "${name}"`, args);
  const input = checker.read(ACME_CERTIFICATE, args);
  checkCertificateSource(checker, args, "");
  const nameRule = certificateNames(input.issuer !== CertificateIssuer.Acme || input.dns01 !== undefined);
  const complaint = (names: string[]): Problem | undefined => {
    const found = nameRule(names);
    const advice = "list every name, without scheme, port or path";
    return found && { got: JSON.stringify(names), ...found, property: "names", advice };
  };
  if (Array.isArray(args.names) && !hasLate(args.names)) checker.add(complaint(args.names as string[]));
  checker.done();
  const late = (all: string[], secret: boolean): (Problem | undefined)[] => [hidden(complaint(all), secret)];
  const names = checker.late(input.names, late).apply((all) => all.map(wireName));
  return { names, keyType: input.keyType, generation: input.generation, ...issuerOf(input, args, names) };
}

/**
 * What concerns more than one setting of where a certificate comes from.
 * @param at Where they are, with a dot behind it; empty for arguments of their own.
 */
export function checkCertificateSource(checker: Checker, args: CertificateSourceArgs, at: string): void {
  if (!isTable(args)) return;
  const issuer: CertificateIssuer = (args as CertificateSourceArgs).issuer ?? CertificateIssuer.Acme;
  for (const [property, own] of [
    ["provided", CertificateIssuer.Provided],
    ["privateCa", CertificateIssuer.PrivateCa],
    ...ACME_ONLY.map((name) => [name, CertificateIssuer.Acme] as const),
  ] as const) {
    if (issuer === own || !isGiven(args[property])) continue;
    const advice = `leave it out, or set ${at}issuer to ${own}`;
    checker.add({ property: at + property, expected: `left out with the issuer ${issuer}`, got: "a setting", advice });
  }
  if (issuer === CertificateIssuer.Provided && !isGiven(args.provided)) {
    const advice = `give chainPem and keyPem, or leave out ${at}issuer`;
    checker.add({ property: `${at}provided`, expected: "set with the issuer provided", got: "nothing", advice });
  }
  const ways = givenOf(args.dns01, ["dynamicUpdate", "hook"]);
  if (isGiven(args.dns01) && ways.length !== 1) {
    const advice = "give exactly one of the two";
    const got = ways.length === 0 ? "neither" : "both";
    checker.add({ property: `${at}dns01`, expected: "dynamicUpdate or hook", got, advice });
  }
}

/** What has no effect with any other issuer. */
const ACME_ONLY = ["dns01", "externalAccount"] as const;

type Source = Pick<CheckedCertificate, "acme" | "provided" | "privateCa">;

function issuerOf(input: Input, args: AcmeCertificateArgs, names: pulumi.Output<string[]>): Source {
  if (input.issuer === CertificateIssuer.PrivateCa) return { privateCa: input.privateCa };
  if (input.provided) return { provided: input.provided };
  return { acme: { accountKeyPem: input.accountKeyPem, settings: acmeSettings(input, args, names) } };
}

function acmeSettings(
  input: Input,
  args: AcmeCertificateArgs,
  names: pulumi.Output<string[]>,
): CheckedAcme["settings"] {
  const { contacts, termsAgreed, timeoutSeconds, externalAccount, dns01 } = input;
  return {
    names,
    directory: input.directory.apply(directoryUrl),
    contacts,
    termsAgreed,
    timeoutSeconds,
    ...omitUndefined({
      directoryCaPem: input.directoryCaPem,
      profile: input.profile,
      preferredChain: input.preferredChain,
      renewBeforeHours: input.renewBeforeHours,
      externalKeyId: externalAccount?.keyId,
      externalHmacKey: externalAccount?.hmacKey,
      // What is left out stays out of the state, where it was not before there was such a setting.
      revocation: args.revocation === undefined ? undefined : input.revocation,
      dns01: dns01 && dns01Settings(dns01),
      tsigSecret: dns01?.dynamicUpdate?.keySecret,
    }),
  };
}

function dns01Settings(dns01: NonNullable<Input["dns01"]>): pulumi.Output<Dns01Settings> {
  const { dynamicUpdate, hook, propagationTimeoutSeconds, nameServers } = dns01;
  const settings = { propagationTimeoutSeconds, nameServers, ...(hook ? { hook } : {}) };
  if (!dynamicUpdate) return pulumi.output<unknown>(settings) as pulumi.Output<Dns01Settings>;
  const { server, zone, keyName, keyAlgorithm, ttlSeconds } = dynamicUpdate;
  const update = { server, keyName, keyAlgorithm: keyAlgorithm as pulumi.Output<TsigAlgorithm>, ttlSeconds };
  const all = { ...settings, update: { ...update, ...omitUndefined({ zone }) } };
  return pulumi.output<unknown>(all) as pulumi.Output<Dns01Settings>;
}
