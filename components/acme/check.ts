import type * as pulumi from "@pulumi/pulumi";
import { Checker, type Given } from "../checks/checker";
import type { Rule } from "../checks/problems";
import { integer, oneOf, text } from "../checks/rules";
import { type AcmeCertificateArgs, KeyType } from "./args";
import { directoryUrl } from "./directory";
import * as rules from "./rules";

/** The arguments of a certificate after the checks, with defaults and in the form that the CA gets. */
export interface CheckedCertificate {
  keyType: pulumi.Output<KeyType>;
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
    renewBeforeHours?: pulumi.Output<number>;
  };
}

const TIMEOUT_SECONDS = 300;
const TEN_YEARS_IN_HOURS = 87_600;

/** Checks the arguments of an `AcmeCertificate`; raises an error that names every one that is not right. */
export function checkAcmeCertificateArgs(name: string, args: AcmeCertificateArgs): CheckedCertificate {
  const checker = new Checker(`AcmeCertificate "${name}"`);
  const optional = <T>(property: string, value: Given<T> | undefined, rule: Rule<T>): pulumi.Output<T> | undefined =>
    value === undefined ? undefined : checker.check<T>(property, value, rule);
  const names = checker.check<string[]>("names", args.names, rules.certificateNames);
  const directory = checker.check<string>("directory", args.directory ?? "staging", rules.acmeDirectory);
  const contacts = checker.check<string[]>("contacts", args.contacts ?? [], rules.mailAddresses);
  const termsAgreed = checker.check<boolean>("termsAgreed", args.termsAgreed, rules.yesOrNo);
  const timeoutSeconds = checker.check<number>(
    "timeoutSeconds",
    args.timeoutSeconds ?? TIMEOUT_SECONDS,
    integer(10, 3600, `leave it out to use ${TIMEOUT_SECONDS}`),
  );
  const keyTypes = oneOf(Object.values(KeyType), `leave it out to use ${KeyType.EcdsaP256}`);
  const keyType = checker.check<string>("keyType", args.keyType ?? KeyType.EcdsaP256, keyTypes);
  const accountKeyPem =
    args.accountKeyPem === undefined
      ? undefined
      : checker.check<string>("accountKeyPem", args.accountKeyPem, rules.accountKey, { secret: true });
  const directoryCaPem = optional<string>("directoryCaPem", args.directoryCaPem, rules.certificateBundle);
  const profile = optional<string>("profile", args.profile, text(64, "leave it out to use the CA's own"));
  const hours = integer(1, TEN_YEARS_IN_HOURS, "leave it out to let the CA's window or the lifetime decide");
  const renewBeforeHours = optional<number>("renewBeforeHours", args.renewBeforeHours, hours);
  checker.done();
  return {
    keyType: keyType as pulumi.Output<KeyType>,
    accountKeyPem,
    settings: {
      names: names.apply((all) => all.map(rules.wireName)),
      directory: directory.apply(directoryUrl),
      contacts,
      termsAgreed,
      timeoutSeconds,
      ...(directoryCaPem ? { directoryCaPem } : {}),
      ...(profile ? { profile } : {}),
      ...(renewBeforeHours ? { renewBeforeHours } : {}),
    },
  };
}
