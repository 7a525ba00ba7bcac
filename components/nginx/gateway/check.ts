import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { Checker } from "../../checks/checker";
import { Rule } from "../../checks/problems";
import { absolutePath, basePath, hostName, integer, nodePort, pem, port } from "../../checks/rules";
import { GatewayUpstreamTlsArgs, NginxGatewayArgs } from "./args";
import { shownGateway } from "./preview";
import { GatewaySite, UpstreamTls } from "./site";
import { gather, type Outputs } from "../gather";
import { CheckedHost, checkHosts } from "../release/host";
import { LogFormat } from "./logs";
import type { ShownFiles } from "../release/preview";
import { siteName } from "../release/site-name";
import { type CheckedUsers, checkPatterns, checkUsers } from "../users/check";
import { userFile } from "../users/user-file";
import type { UserFileInputs } from "../users/user-file-life";

/** The arguments after the checks: where to, and what, as soon as all of it is known; and what people may see of it. */
export interface CheckedGateway {
  hosts: CheckedHost[];
  site: pulumi.Output<GatewaySite>;
  shown: ShownFiles;
}

/**
 * Checks the arguments of a gateway; all problems of plain values are thrown together.
 * @param parent What the gateway lies in, if it is a component.
 */
export function checkGateway(name: string, args: NginxGatewayArgs, parent?: pulumi.Resource): CheckedGateway {
  const checker = new Checker(`NginxGateway "${name}"`);
  const hosts = checkHosts(checker, args.hosts);
  const site = siteName(checker, name);
  const names = checkNames(checker, args);
  const settings = checkSettings(checker, args);
  const certificate = checkCertificate(checker, args);
  const upstreamTls = checkUpstreamTls(checker, args.upstreamTls ?? {}, names.registryHost);
  const users = checkUsers(checker, args.users);
  const anonymousPull = checkPatterns(checker, args.anonymousPull ?? []);
  checker.done();
  const { bcryptCost, ...plain } = { ...names, ...settings, anonymousPull };
  const known = gather<Omit<GatewaySite, "site">>({
    ...plain,
    ...certificate,
    upstreamTls: gather<UpstreamTls>(upstreamTls),
    users: users.named,
    userFile: userFile(name, hashed(names.registryHost, bcryptCost, users), parent),
  });
  const markKey = hosts[0]?.privateKey ?? certificate.keyPem;
  const shown = shownGateway(site, args, { plain, ...certificate, upstreamTls, users, bcryptCost, markKey });
  return { hosts, site: known.apply((input) => ({ site, ...input })), shown };
}

function hashed(
  realm: pulumi.Output<string>,
  cost: pulumi.Output<number>,
  { named, passwords }: CheckedUsers,
): pulumi.Output<UserFileInputs> {
  return pulumi.all([realm, cost, named, passwords]).apply(([name, rounds, users, all]) => ({
    realm: name,
    cost: rounds,
    users: users.map((user, index) => ({ name: user.name, password: all[index] ?? "" })),
  }));
}

const nodes: Rule<string[]> = (values) =>
  Array.isArray(values) && values.length > 0 && values.every((value) => isIP(value) !== 0 && !value.includes("%"))
    ? undefined
    : {
        expected: "a list of at least one IP address",
        advice: "give the nodes' addresses; a name that can't be resolved would keep nginx from starting",
      };

/** A text for the Basic scheme's realm, which nginx puts between quotes as it is (RFC 7235 section 2.2). */
const realm: Rule<string> = (value) =>
  typeof value === "string" && /^[ !#%-[\]-~]{1,80}$/.test(value)
    ? undefined
    : { expected: `1-80 printable ASCII characters without ", \\ and $`, advice: "leave it out to use Restricted" };

const logFormat: Rule<LogFormat> = (value) =>
  Object.values(LogFormat).includes(value)
    ? undefined
    : { expected: "combined or json", advice: "leave it out to use combined" };

const directives: Rule<string> = (value) =>
  typeof value === "string" && !value.includes("\0")
    ? undefined
    : { expected: "nginx directives", advice: "leave it out" };

function checkNames(checker: Checker, args: NginxGatewayArgs) {
  const advice = "give the name that clients use";
  const ascii = (value: pulumi.Output<string>): pulumi.Output<string> => value.apply((each) => domainToASCII(each));
  if (args.uiHost !== undefined && args.uiHost === args.registryHost) checkSharedName(checker, args);
  return {
    registryHost: ascii(checker.check("registryHost", args.registryHost, hostName(advice))),
    uiHost:
      args.uiHost === undefined
        ? pulumi.output<string | undefined>(undefined)
        : ascii(checker.check("uiHost", args.uiHost, hostName("leave it out for no UI"))),
  };
}

/** The UI below a path of the registry's name: there a browser is asked as a docker client is, which for open repositories is not for Basic. */
function checkSharedName(checker: Checker, { uiBasePath = "/", anonymousPull = [] }: NginxGatewayArgs): void {
  const add = (advice: string): void =>
    checker.add({ property: "uiHost", expected: "another name than registryHost", got: "the same", advice });
  if (uiBasePath === "/") add("give the UI its own name, or a uiBasePath such as /ui/");
  else if (anonymousPull.length > 0)
    add("give the UI its own name, since anonymousPull lets browsers ask for no password here");
}

function checkSettings(checker: Checker, args: NginxGatewayArgs) {
  const whole = (property: keyof NginxGatewayArgs, standard: number, min: number, max: number) =>
    checker.check<number>(
      property,
      (args[property] as pulumi.Input<number> | undefined) ?? standard,
      integer(min, max, `leave it out to use ${standard}`),
    );
  const path = (property: "accessLog" | "errorLog", standard: string) =>
    checker.check(property, args[property] ?? standard, absolutePath(`leave it out to use ${standard}`));
  const ports = args.nodePorts ?? {};
  return {
    nodeAddresses: checker.check<string[]>("nodeAddresses", args.nodeAddresses, nodes),
    registryNodePort: checker.check("nodePorts.registry", ports.registry ?? 30299, nodePort(30299)),
    uiNodePort: checker.check("nodePorts.ui", ports.ui ?? 30949, nodePort(30949)),
    httpsPort: checker.check("httpsPort", args.httpsPort ?? 443, port(443)),
    uiBasePath: checker.check("uiBasePath", args.uiBasePath ?? "/", basePath),
    realm: checker.check("realm", args.realm ?? "Restricted", realm),
    readTimeoutSeconds: whole("readTimeoutSeconds", 900, 1, 86400),
    clientMaxBodyMiB: whole("clientMaxBodyMiB", 0, 0, 1048576),
    bcryptCost: whole("bcryptCost", 10, 4, 14),
    guessesPerMinute: whole("guessesPerMinute", 60, 1, 6000),
    hstsSeconds: whole("hstsSeconds", 0, 0, 63072000),
    logFormat: checker.check("logFormat", args.logFormat ?? LogFormat.Combined, logFormat),
    accessLog: path("accessLog", "/var/log/nginx/docker.access.log"),
    errorLog: path("errorLog", "/var/log/nginx/docker.error.log"),
    extraRegistryDirectives: checker.check("extraRegistryDirectives", args.extraRegistryDirectives ?? "", directives),
  };
}

function checkCertificate(checker: Checker, args: NginxGatewayArgs) {
  const chain = pem("CERTIFICATE", "give the certificate and its intermediates");
  const key = pem("PRIVATE KEY", "give the key that belongs to the certificate");
  return {
    chainPem: checker.check("certificate.chainPem", args.certificate.chainPem, chain),
    keyPem: checker.check("certificate.keyPem", args.certificate.keyPem, key, { secret: true }),
  };
}

function checkUpstreamTls(
  checker: Checker,
  tls: GatewayUpstreamTlsArgs,
  registryHost: pulumi.Output<string>,
): Outputs<UpstreamTls> {
  const certificate = pem("CERTIFICATE", "leave it out to use the host's own roots");
  const optional = (property: keyof GatewayUpstreamTlsArgs, rule: Rule<string>, secret = false) => {
    const value = tls[property];
    return value === undefined
      ? pulumi.output<string | undefined>(undefined)
      : checker.check(`upstreamTls.${property}`, value, rule, { secret });
  };
  if ((tls.clientCertificatePem === undefined) !== (tls.clientKeyPem === undefined)) {
    const missing = tls.clientKeyPem === undefined ? "clientKeyPem" : "clientCertificatePem";
    const advice = "give both, or neither";
    checker.add({
      property: `upstreamTls.${missing}`,
      expected: "there, as its counterpart is",
      got: "nothing",
      advice,
    });
  }
  const serverName: pulumi.Output<string> =
    tls.serverName === undefined
      ? registryHost
      : checker.check("upstreamTls.serverName", tls.serverName, hostName("leave it out to use registryHost"));
  return {
    caPem: optional("caPem", certificate),
    serverName,
    clientCertificatePem: optional("clientCertificatePem", certificate),
    clientKeyPem: optional("clientKeyPem", pem("PRIVATE KEY", "give the client certificate's key"), true),
  };
}
