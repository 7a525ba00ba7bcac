import type * as pulumi from "@pulumi/pulumi";
import * as dns from "../acme/dns/rules";
import { TsigAlgorithm } from "../acme/dns/tsig";
import { list, type Members, oneOf, optionalTable, text, wholeNumber } from "../checks/value";

/** DNS-01 by dynamic updates of the zone (RFC 2136), signed with TSIG (RFC 8945), over TCP. */
export interface DynamicUpdateArgs {
  /** The zone's primary name server: host name or address, with ":port" if it is not 53. */
  server: pulumi.Input<string>;
  /** The zone that is updated, such as "example.com". Default what the server says that the name is in. */
  zone?: pulumi.Input<string>;
  /** Name of the TSIG key, as the server knows it. */
  keyName: pulumi.Input<string>;
  /** Hash of the TSIG key. Default hmac-sha256. */
  keyAlgorithm?: pulumi.Input<TsigAlgorithm>;
  /** The TSIG key, base64. A secret. */
  keySecret: pulumi.Input<string>;
  /** Lifetime of the TXT records, 1 to 86400 seconds. Default 60. */
  ttlSeconds?: pulumi.Input<number>;
}

/** DNS-01 by a program of yours, for zones that take no dynamic updates. */
export interface DnsHookArgs {
  /**
   * The program and its first arguments, run where Pulumi runs, without a shell. It gets as further arguments "present"
   * or "cleanup", the record's full name without the last dot, and the TXT record's value. Two values of one name are
   * two calls.
   */
  command: pulumi.Input<pulumi.Input<string>[]>;
  /** The longest that one call may take, 1 to 3600 seconds. Default 60. */
  timeoutSeconds?: pulumi.Input<number>;
}

/**
 * Shows that names are yours by TXT records in their zone (RFC 8555 section 8.4): for wildcards, and without port 80.
 */
export interface Dns01Args {
  /** Dynamic updates. Either this or `hook` is given; plain, since it decides how. */
  dynamicUpdate?: DynamicUpdateArgs;
  /** A program. Either this or `dynamicUpdate` is given; plain, since it decides how. */
  hook?: DnsHookArgs;
  /**
   * The longest that the records may take until all name servers of the zone show them, 1 to 3600 seconds. Default 120.
   */
  propagationTimeoutSeconds?: pulumi.Input<number>;
  /**
   * The name servers where that is looked at, each with ":port" if it is not 53. Default those of the zone's NS
   * records.
   */
  nameServers?: pulumi.Input<pulumi.Input<string>[]>;
}

const SERVER = { rule: dns.nameServer, advice: "name the zone's name server" } as const;

const DYNAMIC_UPDATE = {
  server: text({ ...SERVER, required: true }),
  zone: text({ rule: dns.dnsName, without: "what the server says" }),
  keyName: text({ rule: dns.dnsName, required: true, advice: "give the name of the TSIG key" }),
  keyAlgorithm: oneOf(TsigAlgorithm, { default: TsigAlgorithm.HmacSha256 }),
  keySecret: text({
    rule: dns.tsigSecret,
    required: true,
    secret: true,
    advice: "copy the secret of the key from the name server's configuration",
  }),
  ttlSeconds: wholeNumber({ min: 1, max: 86400, default: 60 }),
} satisfies Members<DynamicUpdateArgs>;

const HOOK = {
  command: list(text({ rule: dns.argument }), {
    of: "the program and its arguments",
    min: 1,
    required: true,
    advice: "no shell runs it: one text for each",
  }),
  timeoutSeconds: wholeNumber({ min: 1, max: 3600, default: 60 }),
} satisfies Members<DnsHookArgs>;

/** The values of `Dns01Args`. */
export const DNS01 = {
  dynamicUpdate: optionalTable(DYNAMIC_UPDATE, {}),
  hook: optionalTable(HOOK, {}),
  propagationTimeoutSeconds: wholeNumber({ min: 1, max: 3600, default: 120 }),
  nameServers: list(text(SERVER), { of: "name servers", max: 16, default: [] as string[] }),
} satisfies Members<Dns01Args>;
