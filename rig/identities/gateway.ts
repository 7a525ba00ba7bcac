import type { GatewaySite, VerifierPort } from "../../components/nginx/gateway/site";
import type { Identity } from "../../components/nginx/users/identities";
import { UserRole } from "../../components/nginx/users/role";
import { verifierKey } from "../../components/nginx/users/token-issuers";
import { certificates, gatewaySite, REGISTRY } from "../gateway/fixture";
import { GatewayOnHost } from "../gateway/on-host";
import { startVariant, type Variant } from "../gateway/variants";
import { Issuer, startNames } from "./issuer";
import { Verifier } from "./verifier";

/** What tokens have to be for. */
export const AUDIENCE = REGISTRY;
/** The subject of the identity `ci-main`. */
export const MAIN = "repo:acme/app:ref:refs/heads/main";

/** What the identities may do, as the gateway's maps have it. */
const RIGHTS: GatewaySite["users"] = [
  { name: "ci-main", repositories: [{ pattern: "acme/**", role: UserRole.Push }], role: UserRole.Pull },
  { name: "ci-release", role: UserRole.Push },
  { name: "ops", role: UserRole.Pull },
];

type Changes = Partial<GatewaySite>;

/** A gateway that takes tokens of two issuers, which real verifiers judge. */
export class IdentityGateway {
  readonly identities: Identity[] = [
    { name: "ci-main", issuer: "ours", audience: AUDIENCE, subject: MAIN, groups: [] },
    { name: "ci-release", issuer: "ours", audience: AUDIENCE, subject: "repo:acme/app:ref:refs/tags/*", groups: [] },
    { name: "ops", issuer: "theirs", audience: AUDIENCE, subject: undefined, groups: ["ops", "night shift"] },
  ];

  private constructor(
    readonly gateway: GatewayOnHost,
    readonly ours: Issuer,
    readonly theirs: Issuer,
    readonly verifiers: Record<"ours" | "theirs", Verifier>,
    private readonly names: { stop(): void },
  ) {}

  static async start(variant: Variant, changes: Changes = {}): Promise<IdentityGateway> {
    const { server } = certificates();
    const names = await startNames();
    // Names that the tests' certificate has.
    const ours = await Issuer.start(REGISTRY, server);
    const theirs = await Issuer.start(REGISTRY, server);
    const verifiers = {
      ours: await Verifier.start(ours, AUDIENCE, names.port),
      theirs: await Verifier.start(theirs, AUDIENCE, names.port),
    };
    const gateway = await GatewayOnHost.on(await startVariant(variant));
    const one = new IdentityGateway(gateway, ours, theirs, verifiers, names);
    await one.put(changes);
    return one;
  }

  /** Makes a release live that knows the identities. */
  async put(changes: Changes = {}, rights = RIGHTS): Promise<void> {
    await this.gateway.put(await this.changes(changes, rights));
  }

  /** What such a release differs by from a plain one. */
  async changes(more: Changes = {}, rights = RIGHTS): Promise<Changes> {
    const users = [...(await gatewaySite()).users, ...rights];
    const { identities } = this;
    const verifiers = this.ports();
    const { registryPort, uiPort } = this.gateway.upstreams;
    const ports = { httpsPort: this.gateway.host.httpsPort, registryNodePort: registryPort, uiNodePort: uiPort };
    return { ...ports, guessesPerMinute: 6000, users, identities, verifiers, ...more };
  }

  private ports(): VerifierPort[] {
    return (["ours", "theirs"] as const).map((name) => ({
      key: verifierKey(name, AUDIENCE),
      nodePort: this.verifiers[name].port,
    }));
  }

  /** All that the verifiers have written. */
  logs(): string {
    return Object.values(this.verifiers)
      .map(({ log }) => log)
      .join("");
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    for (const verifier of Object.values(this.verifiers)) await verifier.stop();
    await this.ours.stop();
    await this.theirs.stop();
    this.names.stop();
  }
}
