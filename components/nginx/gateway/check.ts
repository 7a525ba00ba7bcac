import * as pulumi from "@pulumi/pulumi";
import { Checker } from "../../checks/checker";
import { bothOrNeither } from "../../checks/relations";
import { asciiName } from "../../checks/rules";
import type { Checked } from "../../checks/value";
import { gather, type Outputs } from "../gather";
import { type CheckedHost, checkHosts, reachable } from "../../hosts/host";
import { siteName } from "../../hosts/site-name";
import { CryptKind } from "../users/crypt-hashes";
import { hashesOf } from "../users/users";
import { type CheckedUsers, checkPasswords, checkUsers, usersOf } from "../users/check";
import { type GatewaySettingsArgs, NGINX_GATEWAY, type NginxGatewayArgs } from "./args";
import type { GatewaySite, UpstreamTls } from "./site";

/** The arguments of a gateway after the checks. */
export interface CheckedGateway {
  hosts: CheckedHost[];
  /** Name of the site on the hosts. */
  site: string;
  /** The site's data without certificate, upstream and users. */
  plain: Outputs<PlainSite>;
  chainPem: pulumi.Output<string>;
  keyPem: pulumi.Output<string>;
  upstreamTls: Outputs<UpstreamTls>;
  users: CheckedUsers;
  bcryptCost: pulumi.Output<number>;
  /** Which files of the upstream there are: that is known at once. */
  given: { uiHost: boolean; caPem: boolean; client: boolean; blobCache: boolean };
}

/** What is neither secret nor made of secrets. */
export type PlainSite = Omit<GatewaySite, "site" | "chainPem" | "keyPem" | "userFile" | "users" | "upstreamTls">;

/** Checks the arguments of an `NginxGateway`; throws one error that names every one that is not right. */
export function checkGateway(name: string, args: NginxGatewayArgs): CheckedGateway {
  const checker = new Checker(`NginxGateway "${name}"`, args);
  const input = checker.read(NGINX_GATEWAY, args, FORMER);
  const site = siteName(checker, name);
  checkGatewaySettings(checker, args);
  checkPasswords(checker, args.users);
  checkSharedName(checker, args, "uiHost");
  const upstreamTls = args.upstreamTls ?? {};
  checker.add(bothOrNeither("upstreamTls", upstreamTls, ["clientCertificatePem", "clientKeyPem"]));
  checker.done();
  const users = usersOf(checker, args.users);
  return {
    hosts: reachable(input, args.gateways),
    site,
    plain: plainSite(input, users),
    ...input.certificate,
    upstreamTls: upstreamOf(input),
    users,
    bcryptCost: input.access.bcryptCost,
    given: {
      uiHost: args.uiHost !== undefined,
      caPem: upstreamTls.caPem !== undefined,
      client: upstreamTls.clientKeyPem !== undefined,
      blobCache: input.nginx.blobCache !== undefined,
    },
  };
}

/** What concerns more than one of the settings that a gateway has in common with its registry. */
export function checkGatewaySettings(checker: Checker, args: GatewaySettingsArgs): void {
  checkHosts(checker, "gateways", args.gateways, args.ssh);
  checkUsers(checker, args.users);
  const nodes: unknown = args.nodeAddresses;
  if (!Array.isArray(nodes)) return;
  const twice = nodes.findIndex((address, index) => typeof address === "string" && nodes.indexOf(address) !== index);
  if (twice === -1) return;
  const property = `nodeAddresses[${twice}]`;
  const advice = "remove it: it would get twice the requests";
  checker.add({ property, expected: "an address that is not there yet", got: JSON.stringify(nodes[twice]), advice });
}

/** A UI at the registry's own name, as a user wrote it. */
export interface SharedName extends Pick<GatewaySettingsArgs, "registryHost" | "access"> {
  uiHost?: pulumi.Input<string>;
  uiPath?: pulumi.Input<string>;
}

/**
 * The UI below a path of the registry's name: there a browser is asked as a docker client is, which for open
 * repositories is not for Basic.
 * @param property Where the user wrote the UI's host.
 */
export function checkSharedName(checker: Checker, args: SharedName, property: string): void {
  const { registryHost, uiHost, uiPath = "/", access } = args;
  if (typeof uiHost !== "string" || typeof registryHost !== "string") return;
  if (uiHost.toLowerCase() !== registryHost.toLowerCase()) return;
  const path = property.replace(/host$/i, (word) => (word === "host" ? "path" : "Path"));
  const add = (advice: string): void =>
    checker.add({ property, expected: "a name other than registryHost", got: "the same", advice });
  const open: unknown = access?.anonymousPull;
  if (uiPath === "/") add(`give the UI its own name, or a ${path} such as /ui/`);
  else if (Array.isArray(open) && open.length > 0)
    add("give the UI its own name, since access.anonymousPull lets browsers ask for no password here");
}

/** What to say of the arguments of 0.1.0. */
const FORMER = { hosts: "it is gateways now", uiBasePath: "it is uiPath now" };

type Input = Checked<typeof NGINX_GATEWAY>;

function plainSite(input: Input, { made, brought }: CheckedUsers): Outputs<PlainSite> {
  const { anonymousPull, realm, guessesPerMinute, bcryptCost } = input.access;
  // What kinds of hashes there are is no secret.
  const kinds = pulumi.unsecret(
    pulumi.all([bcryptCost, brought]).apply(([cost, all]) => ({
      ...hashesOf(made, cost, all),
      cryptKinds: Object.values(CryptKind).filter((kind) => all.some((hash) => hash?.kind === kind)),
    })),
  );
  return {
    registryHost: input.registryHost.apply(asciiName),
    uiHost: input.uiHost === undefined ? pulumi.output<string | undefined>(undefined) : input.uiHost.apply(asciiName),
    uiPath: input.uiPath,
    nodeAddresses: input.nodeAddresses,
    registryNodePort: input.nodePorts.registry,
    uiNodePort: input.nodePorts.ui,
    httpsPort: input.httpsPort,
    anonymousPull,
    realm,
    guessesPerMinute,
    quickHashes: kinds.quickHashes,
    slowCost: kinds.slowCost,
    cryptKinds: kinds.cryptKinds,
    ...input.nginx,
    blobCache: input.nginx.blobCache ? gather(input.nginx.blobCache) : pulumi.output(undefined),
  };
}

function upstreamOf({ upstreamTls: tls, registryHost }: Input): Outputs<UpstreamTls> {
  const none = pulumi.output<string | undefined>(undefined);
  return {
    caPem: tls.caPem ?? none,
    serverName: (tls.serverName ?? registryHost).apply(asciiName),
    clientCertificatePem: tls.clientCertificatePem ?? none,
    clientKeyPem: tls.clientKeyPem ?? none,
  };
}

/** The site, as soon as all of it is known. */
export function siteOf(input: CheckedGateway, userFile: pulumi.Output<string>): pulumi.Output<GatewaySite> {
  const { site, plain, chainPem, keyPem, upstreamTls, users } = input;
  return gather<Omit<GatewaySite, "site">>({
    ...plain,
    chainPem,
    keyPem,
    upstreamTls: gather<UpstreamTls>(upstreamTls),
    users: users.named,
    userFile,
  }).apply((known) => ({ site, ...known }));
}
