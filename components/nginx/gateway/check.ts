import * as pulumi from "@pulumi/pulumi";
import { Checker } from "../../checks/checker";
import { isTable } from "../../checks/judge";
import { bothOrNeither } from "../../checks/relations";
import { asciiName } from "../../checks/rules";
import type { Checked } from "../../checks/value";
import { gather, type Outputs } from "../gather";
import { type CheckedHost, checkHosts, reachable } from "../../hosts/host";
import { siteName } from "../../hosts/site-name";
import { CryptKind } from "../users/crypt-hashes";
import { hashesOf } from "../users/users";
import { type CheckedUsers, checkPasswords, checkUsers, type NamedUser, usersOf } from "../users/check";
import { checkIdentities, type CheckedIdentities, identitiesOf } from "../users/identities";
import { issuerOf, verifierKey } from "../users/token-issuers";
import { type GatewaySettingsArgs, NGINX_GATEWAY, type NginxGatewayArgs } from "./args";
import type { GatewaySite, SsoSite, UpstreamTls, VerifierPort } from "./site";
import { SSO_KEY } from "./sso";

/** The arguments of a gateway after the checks. */
export interface CheckedGateway {
  hosts: CheckedHost[];
  /** Name of the site on the hosts. */
  site: string;
  /** The site's data without certificate, upstream and users. */
  plain: Outputs<PlainSite>;
  /** Where tokens are verified: the ports may be known later than everything else. */
  verifiers: pulumi.Output<VerifierPort[]>;
  chainPem: pulumi.Output<string>;
  keyPem: pulumi.Output<string>;
  upstreamTls: Outputs<UpstreamTls>;
  users: CheckedUsers;
  identities: CheckedIdentities;
  bcryptCost: pulumi.Output<number>;
  /** Which files of the upstream there are: that is known at once. */
  given: { uiHost: boolean; caPem: boolean; client: boolean; blobCache: boolean; sso: SsoSite | undefined };
}

/** What is neither secret nor made of secrets. */
export type PlainSite = Omit<
  GatewaySite,
  "site" | "chainPem" | "keyPem" | "userFile" | "users" | "upstreamTls" | "verifiers"
>;

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
  checkVerifiers(checker, args);
  checkSso(checker, args);
  checker.done();
  const users = usersOf(checker, args.users);
  const identities = identitiesOf(checker, args.access?.identities ?? [], users.named);
  return {
    hosts: reachable(input, args.gateways),
    site,
    plain: plainSite(input, users, identities),
    verifiers: verifiersOf(input),
    ...input.certificate,
    upstreamTls: upstreamOf(input),
    users,
    identities,
    bcryptCost: input.access.bcryptCost,
    given: {
      uiHost: args.uiHost !== undefined,
      caPem: upstreamTls.caPem !== undefined,
      client: upstreamTls.clientKeyPem !== undefined,
      blobCache: input.nginx.blobCache !== undefined,
      sso: ssoOf(input),
    },
  };
}

/** What concerns more than one of the settings that a gateway has in common with its registry. */
export function checkGatewaySettings(checker: Checker, args: GatewaySettingsArgs): void {
  checkHosts(checker, "gateways", args.gateways, args.ssh);
  checkUsers(checker, args.users);
  checkIdentities(checker, args.access, args.users);
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

function plainSite(
  input: Input,
  { made, brought }: CheckedUsers,
  { identities }: CheckedIdentities,
): Outputs<PlainSite> {
  const { anonymousPull, realm, guessesPerMinute, bcryptCost, tokenMinutes } = input.access;
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
    tokenMinutes,
    identities: pulumi.output(identities),
    sso: pulumi.output(ssoOf(input)),
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

/** Each identity's issuer and audience needs a verifier, and a verifier admits only who shows a client certificate. */
function checkVerifiers(checker: Checker, { access, verifiers = [], upstreamTls }: NginxGatewayArgs): void {
  const identities = access?.identities ?? [];
  if (!Array.isArray(identities) || identities.length === 0) return;
  const there = new Set(Array.isArray(verifiers) ? verifiers.map((each) => keyOf(each)) : []);
  identities.forEach((identity, index) => {
    if (!isTable(identity)) return;
    const issuer = issuerOf(identity);
    if (there.has(keyOf({ issuer, audience: identity.audience }))) return;
    const expected = `a list with one for ${issuer} and the audience ${identity.audience}`;
    const advice = "give the nodePort of a TokenVerifier of that issuer and audience";
    checker.add({ property: "verifiers", expected, got: `none for access.identities[${index}]`, advice });
  });
  if (upstreamTls?.clientCertificatePem !== undefined) return;
  const expected = "set, since verifiers accept only gateways";
  const advice = "give the certificate and the key that the verifiers trust";
  checker.add({ property: "upstreamTls.clientCertificatePem", expected, got: "nothing", advice });
}

const keyOf = ({ issuer, audience }: { issuer: unknown; audience: unknown }): string =>
  verifierKey(String(issuer), String(audience));

function verifiersOf({ verifiers, sso }: Input): pulumi.Output<VerifierPort[]> {
  const all = verifiers.map((each) => ({ key: keyOf(each), nodePort: each.nodePort }));
  if (sso) all.push({ key: SSO_KEY, nodePort: sso.nodePort });
  return pulumi.output(all);
}

function ssoOf({ sso }: Input): SsoSite | undefined {
  return sso && { groups: sso.groups, logoutUrl: sso.logoutUrl };
}

/** The login's cookie is for the UI's name only, and each group has the rights of an identity. */
function checkSso(checker: Checker, { sso, uiHost, registryHost, access }: NginxGatewayArgs): void {
  if (!isTable(sso)) return;
  if (uiHost === undefined || uiHost === registryHost) {
    const got = uiHost === undefined ? "nothing" : "the registry's name";
    const advice = "give the UI a name of its own: the login's cookie is for that name only";
    checker.add({ property: "uiHost", expected: "a name of the UI's own with sso", got, advice });
  }
  const identities = Array.isArray(access?.identities) ? access.identities : [];
  const groups: unknown = sso.groups;
  if (!Array.isArray(groups)) return;
  groups.forEach((each: unknown, index) => {
    if (!isTable(each) || identities.some(({ name }) => name === each["identity"])) return;
    const got = JSON.stringify(each["identity"]);
    const advice = "add the identity, with the login's issuer and client as its issuer and audience";
    checker.add({ property: `sso.groups[${index}].identity`, expected: "the name of an identity", got, advice });
  });
}

/** Users and identities: all whose rights the gateway judges. */
export function everybodyOf({ users, identities }: CheckedGateway): pulumi.Output<NamedUser[]> {
  return pulumi.all([users.named, identities.named]).apply(([people, machines]) => [...people, ...machines]);
}

/** The site, as soon as all of it is known. */
export function siteOf(input: CheckedGateway, userFile: pulumi.Output<string>): pulumi.Output<GatewaySite> {
  const { site, plain, chainPem, keyPem, upstreamTls, verifiers } = input;
  return gather<Omit<GatewaySite, "site">>({
    ...plain,
    chainPem,
    keyPem,
    upstreamTls: gather<UpstreamTls>(upstreamTls),
    users: everybodyOf(input),
    verifiers,
    userFile,
  }).apply((known) => ({ site, ...known }));
}
