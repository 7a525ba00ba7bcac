import { certificateFor, gatewaySite, REGISTRY, UI } from "../gateway/fixture";
import { ask, type Answer } from "../gateway/client";
import { GatewayOnHost } from "../gateway/on-host";
import { startVariant, type Variant } from "../gateway/variants";
import type { GatewaySite } from "../../components/nginx/gateway/site";
import { UserRole } from "../../components/nginx/users/role";
import { verifierKey } from "../../components/nginx/users/token-issuers";
import { CompanyLogin } from "./company";
import { startNames } from "./issuer";
import { LoginPod } from "./login";
import { Verifier } from "./verifier";

const NAMES = { devs: "devs", ops: "night shift", web: "web" } as const;

/** A gateway whose UI sends people to a company's login. */
export class SsoGateway {
  private constructor(
    readonly gateway: GatewayOnHost,
    readonly company: CompanyLogin,
    readonly login: LoginPod,
    readonly verifier: Verifier,
    private readonly names: { port: number; stop(): void },
  ) {}

  static async start(variant: Variant): Promise<SsoGateway> {
    const names = await startNames();
    const gateway = await GatewayOnHost.on(await startVariant(variant));
    const ui = `${UI}:${gateway.host.httpsPort}`;
    const company = await CompanyLogin.start("localhost", certificateFor("localhost"), `https://${ui}/oauth2/callback`);
    const login = await LoginPod.start(company, names.port, ui);
    const verifier = await Verifier.start(company, company.clientId, names.port);
    const one = new SsoGateway(gateway, company, login, verifier, names);
    await one.put();
    return one;
  }

  /** Makes a release live. */
  async put(changes: Partial<GatewaySite> = {}): Promise<void> {
    const { clientId: audience } = this.company;
    const identities = Object.entries(NAMES).map(([name, group]) => ({
      ...{ name, issuer: "company", audience, subject: undefined, groups: [group] as string[] },
    }));
    const users = [
      ...(await gatewaySite()).users,
      { name: "devs", role: UserRole.Push },
      { name: "ops", role: UserRole.Pull },
      { name: "web", repositories: [{ pattern: "web/**", role: UserRole.Pull }] },
    ];
    await this.gateway.put({
      users,
      identities,
      verifiers: [
        { key: verifierKey("company", audience), nodePort: this.verifier.port },
        { key: "sso", nodePort: this.login.port },
      ],
      sso: {
        groups: Object.entries(NAMES).map(([identity, group]) => ({ identity, group })),
        logoutUrl: undefined,
      },
      ...changes,
    });
  }

  /** A browser that knows nobody yet. */
  browser(): Visitor {
    return new Visitor(this.gateway.host.httpsPort, this.company);
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    await this.login.stop();
    await this.verifier.stop();
    await this.company.stop();
    this.names.stop();
  }
}

/** What a browser does with redirects and cookies, at the UI's name and at the login's. */
export class Visitor {
  /** Cookies by host. */
  readonly jar = new Map<string, Map<string, string>>();

  constructor(
    readonly port: number,
    private readonly company: CompanyLogin,
  ) {}

  /** The UI's session, as a header. */
  get cookie(): string {
    return [...(this.jar.get(UI) ?? [])].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** Asks the UI's name once. */
  async ui(
    path: string,
    more: { method?: string; headers?: Record<string, string>; auth?: string; host?: string } = {},
  ): Promise<Answer> {
    return this.send({ port: this.port, host: more.host ?? UI, path, ...more });
  }

  private async send(request: Parameters<typeof ask>[0] & { host: string }): Promise<Answer> {
    const jar = this.jar.get(request.host) ?? new Map<string, string>();
    this.jar.set(request.host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...(cookie === "" ? {} : { Cookie: cookie }), ...request.headers };
    const host = request.port === this.port ? `${request.host}:${this.port}` : `localhost:${request.port}`;
    const answer = await ask({ ...request, headers: { Host: host, ...headers } });
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "" || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  }

  /** Follows redirects, logs in where the login asks who it is, and returns the last answer and where it was. */
  async open(path: string, person: string): Promise<Answer & { url: string }> {
    let url = new URL(`https://${UI}:${this.port}${path}`);
    for (let step = 0; step < 12; step++) {
      const port = Number(url.port);
      const answer = await this.send({ port, host: url.hostname, path: `${url.pathname}${url.search}` });
      const { location } = answer.headers;
      if (location !== undefined) {
        url = new URL(location, url);
        continue;
      }
      if (!answer.body.includes("<form")) return { ...answer, url: url.href };
      const form = { method: "POST", body: `person=${person}`, path: url.pathname };
      const said = await this.send({ port, host: url.hostname, ...form });
      url = new URL(said.headers.location ?? "", url);
    }
    throw new Error(`no end of redirects at ${url.href}; the login is ${this.company.url}`);
  }
}

export { REGISTRY, UI };
