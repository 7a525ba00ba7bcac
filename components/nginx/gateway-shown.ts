import * as pulumi from "@pulumi/pulumi";
import { certificateFacts, keyFacts, markOf, NOT_SHOWN } from "./facts";
import type { NginxGatewayArgs } from "./gateway-args";
import { gatewayBlueprint, type GatewaySite, type UpstreamTls } from "./gateway-site";
import { gather, type Outputs } from "./gather";
import { LogFormat } from "./logs";
import { byFile, type ShownFiles } from "./release-files";
import type { RepositoryRight } from "./repositories";
import type { PlainUser } from "./users";

/** The checked parts of a gateway, as far as they say what people may see of it. */
export interface GatewayParts {
  /** The site without what is secret or made of secrets. */
  plain: Outputs<Omit<GatewaySite, Hidden>>;
  chainPem: pulumi.Output<string>;
  keyPem: pulumi.Output<string>;
  upstreamTls: Outputs<UpstreamTls>;
  people: Outputs<Required<PlainUser>>[];
  bcryptCost: pulumi.Output<number>;
  /** A private key of the stack that is known in every preview: for marks of passwords. */
  markKey: pulumi.Output<string>;
}

/** What never is in a text for people, and what stands for it. */
const HIDDEN = { chainPem: NOT_SHOWN, keyPem: NOT_SHOWN, userFile: NOT_SHOWN };
type Hidden = keyof typeof HIDDEN | "site" | "users" | "upstreamTls";

/**
 * What a preview shows of the gateway's files. The texts are made anew from data in which no secret is, instead of being
 * cleaned of them; of a certificate and a key it shows what is public, of a password a keyed mark that changes with it.
 * A certificate that is not known yet leaves the other files readable.
 */
export function shownGateway(site: string, args: NginxGatewayArgs, parts: GatewayParts): ShownFiles {
  const { plain, people, upstreamTls } = parts;
  const given = upstreamGiven(args);
  const users = pulumi.all(
    people.map(({ name, role, repositories }) => gather<GatewaySite["users"][0]>({ name, role, repositories })),
  );
  const known = gather<Omit<GatewaySite, keyof typeof HIDDEN | "site">>({
    ...plain,
    users: users,
    upstreamTls: upstreamTls.serverName.apply((serverName) => ({ ...given, serverName })),
  });
  const facts = (pem: pulumi.Output<string | undefined>) =>
    pulumi.unsecret(pem.apply((text) => certificateFacts(text ?? "")));
  const key = (pem: pulumi.Output<string | undefined>) => pulumi.unsecret(pem.apply((text) => keyFacts(text ?? "")));
  return byFile(
    gatewayBlueprint(sampleSite(site, args)),
    known.apply((rest) => gatewayBlueprint({ site, ...HIDDEN, ...rest })),
    {
      "chain.pem": facts(parts.chainPem),
      "key.pem": key(parts.keyPem),
      "upstream-ca.pem": facts(upstreamTls.caPem),
      "client.pem": facts(upstreamTls.clientCertificatePem),
      "client-key.pem": key(upstreamTls.clientKeyPem),
      users: shownUsers(parts),
    },
  );
}

/** One line for each user of the user file, with a mark instead of the hash. */
function shownUsers({ people, bcryptCost, markKey }: GatewayParts): pulumi.Output<string> {
  const lines = people.map(({ name, role, repositories, password }) => {
    const rights = pulumi.all([role, repositories]).apply(([all, some]) => rightsOf(all, some));
    const mark = pulumi.unsecret(
      pulumi.all([name, password, markKey]).apply(([who, secret, key]) => markOf(secret, key, who)),
    );
    return pulumi.interpolate`${name} (${rights}): password ${NOT_SHOWN}, mark ${mark}`;
  });
  return pulumi
    .all([bcryptCost, pulumi.all(lines)])
    .apply(([cost, all]) => [`hashes of bcrypt, cost ${cost}`, ...all, ""].join("\n"));
}

function rightsOf(role: string | undefined, repositories: readonly RepositoryRight[]): string {
  return [...(role === undefined ? [] : [role]), ...repositories.map((each) => `${each.role} ${each.pattern}`)].join(
    ", ",
  );
}

/** Which of the upstream's files there are: that is known at once. */
function upstreamGiven({ upstreamTls = {} }: NginxGatewayArgs): Omit<UpstreamTls, "serverName"> {
  const there = (value: unknown): string | undefined => (value === undefined ? undefined : NOT_SHOWN);
  return {
    caPem: there(upstreamTls.caPem),
    clientCertificatePem: there(upstreamTls.clientCertificatePem),
    clientKeyPem: there(upstreamTls.clientKeyPem),
  };
}

/** A site of the same files, with values that say nothing. */
function sampleSite(site: string, args: NginxGatewayArgs): GatewaySite {
  return {
    site,
    ...HIDDEN,
    registryHost: "registry",
    uiHost: args.uiHost === undefined ? undefined : "ui",
    uiBasePath: "/",
    nodeAddresses: ["127.0.0.1"],
    registryNodePort: 0,
    uiNodePort: 0,
    httpsPort: 0,
    upstreamTls: { ...upstreamGiven(args), serverName: "registry" },
    users: [],
    anonymousPull: [],
    realm: "",
    readTimeoutSeconds: 0,
    clientMaxBodyMiB: 0,
    accessLog: "/",
    errorLog: "/",
    logFormat: LogFormat.Combined,
    guessesPerMinute: 1,
    hstsSeconds: 0,
    extraRegistryDirectives: "",
  };
}
