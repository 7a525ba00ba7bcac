import type * as pulumi from "@pulumi/pulumi";
import type { Checker, Given } from "../checks/checker";
import type { Rule } from "../checks/problems";
import { integer, oneOf, text } from "../checks/rules";
import { type AcmeCertificateArgs, type ExternalAccountArgs, Revocation } from "./args";
import { checkDns01 } from "./check-dns01";
import { directoryUrl } from "../acme/client/directory";
import type { Dns01Settings } from "../acme/dns/solver";
import * as rules from "./rules";

/** The arguments of an ACME certificate after the checks, with defaults and in the form that the CA gets. */
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

const TIMEOUT_SECONDS = 300;
const HOURS = integer(1, 87_600, "leave it out to let the CA's window or the lifetime decide");

/** Checks what concerns ACME alone. Problems are collected in the checker. */
export function checkAcme(checker: Checker, args: AcmeCertificateArgs, names: pulumi.Output<string[]>): CheckedAcme {
  const optional = <T>(
    property: string,
    value: Given<T> | undefined,
    rule: Rule<T>,
  ): Record<string, pulumi.Output<T>> =>
    value === undefined ? {} : { [property]: checker.check<T>(property, value, rule) };
  const directory = checker.check<string>("directory", args.directory ?? "staging", rules.acmeDirectory);
  const contacts = checker.check<string[]>("contacts", args.contacts ?? [], rules.mailAddresses);
  const termsAgreed = checker.check<boolean>("termsAgreed", args.termsAgreed ?? false, rules.yesOrNo);
  const timeoutSeconds = checker.check<number>(
    "timeoutSeconds",
    args.timeoutSeconds ?? TIMEOUT_SECONDS,
    integer(10, 3600, `leave it out to use ${TIMEOUT_SECONDS}`),
  );
  const accountKeyPem =
    args.accountKeyPem === undefined
      ? undefined
      : checker.check<string>("accountKeyPem", args.accountKeyPem, rules.accountKey, { secret: true });
  const settings = {
    ...optional<string>("directoryCaPem", args.directoryCaPem, rules.certificateBundle),
    ...optional<string>("profile", args.profile, text(64, "leave it out to use the CA's own")),
    ...optional<string>("preferredChain", args.preferredChain, text(128, "leave it out to use the CA's own")),
    ...optional<number>("renewBeforeHours", args.renewBeforeHours, HOURS),
    ...optional<string>("revocation", args.revocation, oneOf(Object.values(Revocation), "leave it out to use never")),
    ...(args.externalAccount ? checkExternalAccount(checker, args.externalAccount) : {}),
    ...(args.dns01 ? checkDns01(checker, args.dns01) : {}),
  };
  return {
    accountKeyPem,
    settings: { names, directory: directory.apply(directoryUrl), contacts, termsAgreed, timeoutSeconds, ...settings },
  };
}

function checkExternalAccount(
  checker: Checker,
  args: ExternalAccountArgs,
): { externalKeyId: pulumi.Output<string>; externalHmacKey: pulumi.Output<string> } {
  const keyId = text(256, "copy the key id of the external account from the CA");
  return {
    externalKeyId: checker.check<string>("externalAccount.keyId", args.keyId, keyId),
    externalHmacKey: checker.check<string>("externalAccount.hmacKey", args.hmacKey, rules.hmacKey, { secret: true }),
  };
}
