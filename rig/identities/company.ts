import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import type { Provider as OidcProvider } from "oidc-provider";
import type { Pair } from "../gateway/fixture";

/** A company's login (OpenID Connect), by npm's oidc-provider: who comes says who they are, without a password. */
export class CompanyLogin {
  readonly clientId = "registry-ui";
  readonly clientSecret = randomBytes(16).toString("hex");
  /** People, and their groups. */
  readonly people = new Map<string, string[]>();
  /** For how many seconds its tokens are good. */
  tokenSeconds = 300;
  private provider!: OidcProvider;

  private constructor(
    private readonly server: https.Server,
    /** The claim `iss`. */
    readonly url: string,
  ) {}

  get keysUrl(): string {
    return `${this.url}/jwks`;
  }

  /**
   * Starts one.
   * @param host Its name, which the certificate has.
   * @param callback Where it sends browsers back to.
   * @param address Where it listens.
   */
  static async start(host: string, pair: Pair, callback: string, address = "127.0.0.1"): Promise<CompanyLogin> {
    const server = https.createServer(pair);
    server.listen(0, address);
    await once(server, "listening");
    const login = new CompanyLogin(server, `https://${host}:${(server.address() as AddressInfo).port}`);
    await login.serve(callback);
    return login;
  }

  private async serve(callback: string): Promise<void> {
    const { Provider } = await import("oidc-provider");
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    this.provider = new Provider(this.url, {
      clients: [
        {
          client_id: this.clientId,
          client_secret: this.clientSecret,
          redirect_uris: [callback],
          grant_types: ["authorization_code"],
          response_types: ["code"],
        },
      ],
      jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig" }] },
      cookies: { keys: [randomBytes(16).toString("hex")] },
      claims: { openid: ["sub", "groups"] },
      conformIdTokenClaims: false,
      pkce: { required: () => true },
      features: { devInteractions: { enabled: false } },
      ttl: { IdToken: () => this.tokenSeconds, Session: 3600, Interaction: 600, Grant: 3600, AccessToken: 600 },
      interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
      findAccount: (_context, sub) => ({
        accountId: sub,
        claims: () => ({ sub, groups: this.people.get(sub) ?? [] }),
      }),
      loadExistingGrant: async (context) => {
        const grant = new this.provider.Grant({
          clientId: this.clientId,
          accountId: context.oidc.session?.accountId ?? "",
        });
        grant.addOIDCScope("openid");
        await grant.save();
        return grant;
      },
    });
    const answer = this.provider.callback();
    this.server.on("request", (request: http.IncomingMessage, response: http.ServerResponse) => {
      if (request.url?.startsWith("/interaction/")) void this.interact(request, response);
      else void answer(request, response);
    });
  }

  /** A page that asks for a name, and takes it. */
  private async interact(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    if (request.method === "GET") {
      response.writeHead(200, { "Content-Type": "text/html" });
      response.end(
        '<!doctype html><title>Company login</title><h1>Company login</h1><form method="post">' +
          '<input name="person" autofocus><button>Log in</button></form>',
      );
      return;
    }
    let form = "";
    for await (const part of request) form += String(part);
    const accountId = new URLSearchParams(form).get("person") ?? "";
    await this.provider.interactionFinished(request, response, { login: { accountId } });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
