import * as pulumi from "@pulumi/pulumi";
import { certificateFacts, keyFacts, markOf, NOT_SHOWN } from "../release/public-facts";
import type { NginxGatewayArgs } from "./args";
import { gatewayBlueprint } from "./blueprint";
import { type GatewaySite, type UpstreamTls } from "./site";
import { gather, type Outputs } from "../gather";
import { LogFormat } from "./logs";
import { byFile, type ShownFiles } from "../release/preview";
import type { RepositoryRight } from "../users/repositories";
import type { CheckedUsers } from "../users/check";

/** The checked parts of a gateway, as far as they say what people may see of it. */
export interface GatewayParts {
  /** The site without what is secret or made of secrets. */
  plain: Outputs<Omit<GatewaySite, Hidden>>;
  chainPem: pulumi.Output<string>;
  keyPem: pulumi.Output<string>;
  upstreamTls: Outputs<UpstreamTls>;
  users: CheckedUsers;
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
  const { plain, users, upstreamTls } = parts;
  const given = upstreamGiven(args);
  const known = gather<Omit<GatewaySite, keyof typeof HIDDEN | "site">>({
    ...plain,
    users: users.named,
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
function shownUsers({ users: { named, passwords }, bcryptCost, markKey }: GatewayParts): pulumi.Output<string> {
  const marks = pulumi.unsecret(
    pulumi
      .all([named, passwords, markKey])
      .apply(([users, secrets, key]) => users.map(({ name }, index) => markOf(secrets[index] ?? "", key, name))),
  );
  return pulumi.all([bcryptCost, named, marks]).apply(([cost, users, all]) => {
    const lines = users.map(
      ({ name, role, repositories }, index) =>
        `${name} (${rightsOf(role, repositories)}): password ${NOT_SHOWN}, mark ${all[index]}`,
    );
    return [`hashes of bcrypt, cost ${cost}`, ...lines, ""].join("\n");
  });
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
