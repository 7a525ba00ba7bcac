import * as pulumi from "@pulumi/pulumi";
import { certificateFacts, keyFacts, markOf, NOT_SHOWN } from "../../hosts/public-facts";
import { NGINX } from "./args";
import { gatewayBlueprint } from "./blueprint";
import { type CheckedGateway, everybodyOf } from "./check";
import { VERIFIERS } from "./identities";
import { type GatewaySite, type UpstreamTls, type VerifierPort } from "./site";
import { defaultsOf } from "../../checks/value";
import { gather } from "../gather";
import { byFile, type ShownFiles } from "../../hosts/preview";
import { ACCESS } from "../users/args";
import { hashesOf } from "../users/users";
import type { RepositoryRight } from "../users/repositories";

/** What never is in a text for people, and what stands for it. */
const HIDDEN = { chainPem: NOT_SHOWN, keyPem: NOT_SHOWN, userFile: NOT_SHOWN };

/**
 * What a preview shows of the gateway's files. The texts are made anew from data in which no secret is, instead of
 * being cleaned of them; of a certificate and a key it shows what is public, of a password a keyed mark that changes
 * with it. A certificate that is not known yet leaves the other files readable.
 */
export function shownGateway(input: CheckedGateway): ShownFiles {
  const { site, plain, upstreamTls } = input;
  const given = upstreamGiven(input);
  const known = gather<Omit<GatewaySite, keyof typeof HIDDEN | "site">>({
    ...plain,
    users: everybodyOf(input),
    verifiers: pulumi.output<VerifierPort[]>([]),
    upstreamTls: upstreamTls.serverName.apply((serverName) => ({ ...given, serverName })),
  });
  const facts = (pem: pulumi.Output<string | undefined>) =>
    pulumi.unsecret(pem.apply((text) => certificateFacts(text ?? "")));
  const key = (pem: pulumi.Output<string | undefined>) => pulumi.unsecret(pem.apply((text) => keyFacts(text ?? "")));
  return byFile(
    gatewayBlueprint(sampleSite(input)),
    known.apply((rest) => gatewayBlueprint({ site, ...HIDDEN, ...rest })),
    {
      "chain.pem": facts(input.chainPem),
      "key.pem": key(input.keyPem),
      "upstream-ca.pem": facts(upstreamTls.caPem),
      "client.pem": facts(upstreamTls.clientCertificatePem),
      "client-key.pem": key(upstreamTls.clientKeyPem),
      users: pulumi.all([shownUsers(input), shownIdentities(input)]).apply(([people, machines]) => people + machines),
      [VERIFIERS]: input.verifiers.apply(shownVerifiers),
    },
  );
}

/** One line for each user of the user file, with a mark instead of the hash. */
function shownUsers({ users, bcryptCost, hosts, keyPem }: CheckedGateway): pulumi.Output<string> {
  const { named, passwords, brought } = users;
  // A private key of the stack that every preview knows.
  const markKey = hosts[0]?.privateKey ?? keyPem;
  const marks = pulumi.unsecret(
    pulumi.all([named, passwords, brought, markKey]).apply(([all, secrets, hashes, key]) =>
      all.map(({ name }, index) => {
        const hash = hashes[index];
        const mark = markOf(hash?.hash ?? secrets[index] ?? "", key, name);
        return hash ? `hash of its own ${NOT_SHOWN}, mark ${mark}` : `password ${NOT_SHOWN}, mark ${mark}`;
      }),
    ),
  );
  return pulumi.all([bcryptCost, named, marks]).apply(([cost, all, secrets]) => {
    const lines = all.map(
      ({ name, role, repositories }, index) => `${name} (${rightsOf(role, repositories)}): ${secrets[index]}`,
    );
    return [`hashes of bcrypt, cost ${cost}`, ...lines, ""].join("\n");
  });
}

/** One line for each identity: what it may do, and whose tokens it takes. */
function shownIdentities({ identities: { named, identities } }: CheckedGateway): pulumi.Output<string> {
  return named.apply((all) =>
    all
      .map(({ name, role, repositories }, index) => {
        const { issuer, audience, subject, groups = [] } = identities[index] ?? {};
        const whose = subject === undefined ? `with a group of ${groups.join(", ")}` : `with the subject ${subject}`;
        return `${name} (${rightsOf(role, repositories)}): tokens of ${issuer} for ${audience} ${whose}\n`;
      })
      .join(""),
  );
}

/** Kubernetes chooses the ports, when the services are made. */
function shownVerifiers(verifiers: readonly VerifierPort[]): string {
  return verifiers
    .map(({ key, nodePort }) => `${key}: ${nodePort === 0 ? "a port that is not known yet" : `port ${nodePort}`}\n`)
    .join("");
}

function rightsOf(role: string | undefined, repositories: readonly RepositoryRight[]): string {
  return [...(role === undefined ? [] : [role]), ...repositories.map((each) => `${each.role} ${each.pattern}`)].join(
    ", ",
  );
}

/** Which of the upstream's files there are: that is known at once. */
function upstreamGiven({ given }: CheckedGateway): Omit<UpstreamTls, "serverName"> {
  const shown = (there: boolean): string | undefined => (there ? NOT_SHOWN : undefined);
  return {
    caPem: shown(given.caPem),
    clientCertificatePem: shown(given.client),
    clientKeyPem: shown(given.client),
  };
}

/** A site of the same files, with values that say nothing. */
function sampleSite(input: CheckedGateway): GatewaySite {
  return {
    ...defaultsOf(ACCESS),
    ...defaultsOf(NGINX),
    ...HIDDEN,
    site: input.site,
    registryHost: "registry",
    uiHost: input.given.uiHost ? "ui" : undefined,
    uiPath: "/",
    nodeAddresses: ["127.0.0.1"],
    registryNodePort: 0,
    uiNodePort: 0,
    httpsPort: 0,
    upstreamTls: { ...upstreamGiven(input), serverName: "registry" },
    users: [],
    identities: input.identities.identities,
    sso: input.given.sso,
    verifiers: [],
    blobCache: input.given.blobCache ? { sizeGiB: 1, path: "/cache" } : undefined,
    cryptKinds: [],
    ...hashesOf(input.users.made, defaultsOf(ACCESS).bcryptCost),
  };
}
