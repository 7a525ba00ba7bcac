import type * as pulumi from "@pulumi/pulumi";
import { Checker } from "../checks/checker";
import { type Problem, type Rule, shown } from "../checks/problems";
import { integer, oneOf, pem, text } from "../checks/rules";
import {
  type AcmeCertificateArgs,
  CertificateIssuer,
  KeyType,
  type PrivateCaArgs,
  type ProvidedCertificateArgs,
} from "./args";
import { type CheckedAcme, checkAcme } from "./check-acme";
import type { PrivateCaWish } from "./private-ca";
import type { ProvidedCertificate } from "./provided";
import * as rules from "./rules";

/** The arguments of a certificate after the checks: what concerns all, and one of the issuers. */
export interface CheckedCertificate {
  /** In ASCII form. */
  names: pulumi.Output<string[]>;
  keyType: pulumi.Output<KeyType>;
  keyGeneration: string | undefined;
  acme?: CheckedAcme;
  provided?: Pick<ProvidedCertificate, "chainPem" | "keyPem">;
  privateCa?: Pick<PrivateCaWish, "commonName" | "caValidityDays" | "validityDays">;
}

/** Checks the arguments of an `AcmeCertificate`; raises an error that names every one that is not right. */
export function checkAcmeCertificateArgs(name: string, args: AcmeCertificateArgs): CheckedCertificate {
  const checker = new Checker(`AcmeCertificate "${name}"`);
  const issuer = args.issuer ?? CertificateIssuer.Acme;
  const wildcards = issuer !== CertificateIssuer.Acme || args.dns01 !== undefined;
  const given = checker.check<string[]>("names", args.names, rules.certificateNames(wildcards));
  const names = given.apply((all) => all.map(rules.wireName));
  const keyTypes = oneOf(Object.values(KeyType), `leave it out to use ${KeyType.EcdsaP256}`);
  const keyType = checker.check<string>("keyType", args.keyType ?? KeyType.EcdsaP256, keyTypes);
  checker.add(complaintAbout("keyGeneration", args.keyGeneration, rules.generation));
  const checked = {
    names,
    keyType: keyType as pulumi.Output<KeyType>,
    keyGeneration: args.keyGeneration,
    ...checkIssuer(checker, issuer, args, names),
  };
  checker.done();
  return checked;
}

type Source = Pick<CheckedCertificate, "acme" | "provided" | "privateCa">;

function checkIssuer(
  checker: Checker,
  issuer: CertificateIssuer,
  args: AcmeCertificateArgs,
  names: pulumi.Output<string[]>,
): Source {
  checker.add(complaintAbout("issuer", issuer, oneOf(Object.values(CertificateIssuer), "leave it out to use acme")));
  for (const [property, own] of [
    ["provided", CertificateIssuer.Provided],
    ["privateCa", CertificateIssuer.PrivateCa],
  ] as const) {
    const advice = `leave it out, or set the issuer to "${own}"`;
    const misplaced = args[property] !== undefined && issuer !== own;
    if (misplaced) checker.add({ property, expected: `left out with the issuer "${issuer}"`, got: "settings", advice });
  }
  if (issuer === CertificateIssuer.Provided) return { provided: checkProvided(checker, args.provided) };
  if (issuer === CertificateIssuer.PrivateCa) return { privateCa: checkPrivateCa(checker, args.privateCa ?? {}) };
  return { acme: checkAcme(checker, args, names) };
}

function checkProvided(checker: Checker, args: ProvidedCertificateArgs | undefined): Source["provided"] & object {
  const advice = "give chain and key, or leave the issuer out";
  if (!args) checker.add({ property: "provided", expected: "chainPem and keyPem", got: "nothing", advice });
  const { chainPem, keyPem } = args ?? { chainPem: "", keyPem: "" };
  const chain = pem("CERTIFICATE", "give the certificate and its issuers, leaf first");
  const key = pem("PRIVATE KEY", "give the certificate's private key, unencrypted");
  return {
    chainPem: checker.check<string>("provided.chainPem", chainPem, chain),
    keyPem: checker.check<string>("provided.keyPem", keyPem, key, { secret: true }),
  };
}

function checkPrivateCa(checker: Checker, args: PrivateCaArgs): Source["privateCa"] & object {
  const whole = (
    property: string,
    value: pulumi.Input<number> | undefined,
    standard: number,
    [min, max]: [number, number],
  ) =>
    checker.check<number>(
      `privateCa.${property}`,
      value ?? standard,
      integer(min, max, `leave it out to use ${standard}`),
    );
  const name = text(64, 'leave it out to use "private-registry CA"');
  return {
    commonName: checker.check<string>("privateCa.commonName", args.commonName ?? "private-registry CA", name),
    caValidityDays: whole("caValidityDays", args.caValidityDays, 3650, [30, 36_500]),
    validityDays: whole("validityDays", args.validityDays, 90, [1, 825]),
  };
}

/** What a rule says of a plain value that may be left out. */
function complaintAbout<T>(property: string, value: T | undefined, rule: Rule<T>): Problem | undefined {
  const complaint = value === undefined ? undefined : rule(value);
  return complaint && { got: shown(value), ...complaint, property };
}
