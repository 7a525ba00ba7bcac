import * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../checks/checker";
import { integer, oneOf } from "../checks/rules";
import { type Dns01Args, type DnsHookArgs, type DynamicUpdateArgs, TsigAlgorithm } from "./args";
import type { Dns01Settings } from "../acme/dns/solver";
import * as rules from "../acme/dns/rules";

/** DNS-01 after the checks, as the ACME resource takes it. */
export interface CheckedDns01 {
  dns01: pulumi.Output<Dns01Settings>;
  /** Secret. */
  tsigSecret?: pulumi.Output<string>;
}

/** Checks the arguments of DNS-01. Problems are collected in the checker. */
export function checkDns01(checker: Checker, args: Dns01Args): CheckedDns01 {
  const { dynamicUpdate, hook } = args;
  if ((dynamicUpdate === undefined) === (hook === undefined)) {
    const got = hook ? "both" : "neither";
    checker.add({ property: "dns01", expected: "dynamicUpdate or hook", got, advice: "give exactly one of the two" });
  }
  const nameServers = checker.check<string[]>("dns01.nameServers", args.nameServers ?? [], rules.nameServers);
  const propagationTimeoutSeconds = checker.check<number>(
    "dns01.propagationTimeoutSeconds",
    args.propagationTimeoutSeconds ?? 120,
    integer(1, 3600, "leave it out to use 120"),
  );
  const common = { propagationTimeoutSeconds, nameServers };
  const settings = {
    ...common,
    ...(dynamicUpdate ? { update: checkUpdate(checker, dynamicUpdate) } : {}),
    ...(hook ? { hook: checkHook(checker, hook) } : {}),
  };
  const secret = dynamicUpdate
    ? checker.check<string>("dns01.dynamicUpdate.keySecret", dynamicUpdate.keySecret, rules.tsigSecret, {
        secret: true,
      })
    : undefined;
  return {
    dns01: pulumi.output<unknown>(settings) as pulumi.Output<Dns01Settings>,
    ...(secret ? { tsigSecret: secret } : {}),
  };
}

function checkUpdate(checker: Checker, args: DynamicUpdateArgs): Record<string, pulumi.Output<unknown>> {
  const at = "dns01.dynamicUpdate";
  const algorithms = oneOf(Object.values(TsigAlgorithm), "leave it out to use hmac-sha256");
  const algorithm = args.keyAlgorithm ?? TsigAlgorithm.HmacSha256;
  return {
    server: checker.check<string>(`${at}.server`, args.server, rules.nameServer),
    keyName: checker.check<string>(`${at}.keyName`, args.keyName, rules.dnsName("give the name of the TSIG key")),
    keyAlgorithm: checker.check<string>(`${at}.keyAlgorithm`, algorithm, algorithms),
    ttlSeconds: checker.check<number>(
      `${at}.ttlSeconds`,
      args.ttlSeconds ?? 60,
      integer(1, 86_400, "leave it out to use 60"),
    ),
    ...(args.zone === undefined
      ? {}
      : {
          zone: checker.check<string>(`${at}.zone`, args.zone, rules.dnsName("leave it out to have the server asked")),
        }),
  };
}

function checkHook(checker: Checker, args: DnsHookArgs): Record<string, pulumi.Output<unknown>> {
  return {
    command: checker.check<string[]>("dns01.hook.command", args.command, rules.command),
    timeoutSeconds: checker.check<number>(
      "dns01.hook.timeoutSeconds",
      args.timeoutSeconds ?? 60,
      integer(1, 3600, "leave it out to use 60"),
    ),
  };
}
