import * as assert from "node:assert/strict";
import { ask } from "./client";
import { gatewayInput, REGISTRY, USERS } from "./fixture";
import { Upstreams } from "./upstream";
import { NginxHost, type NginxHostOptions } from "../hosts/nginx-host";

const [alice, bob] = USERS as [(typeof USERS)[0], (typeof USERS)[0]];
export { alice, bob };

/** Credentials of several kinds, "name:password". */
export const WHO = {
  anonymous: undefined,
  "wrong password": `${alice.name}:wrong`,
  "unknown user": "mallory:wrong",
  "another case": `${alice.name.toUpperCase()}:${alice.password}`,
  "the stand-in": ".nobody:-",
  "no name": `:${alice.password}`,
  pull: `${bob.name}:${bob.password}`,
  push: `${alice.name}:${alice.password}`,
} as const;

/** A gateway's release on a real nginx, before stand-ins for the registry and the UI. */
export class GatewayOnHost {
  private constructor(
    readonly host: NginxHost,
    readonly upstreams: Upstreams,
  ) {}

  /** Starts both, with a first release. */
  static async start(options: NginxHostOptions = {}): Promise<GatewayOnHost> {
    return GatewayOnHost.on(await NginxHost.start(options));
  }

  /** The same on a host that runs. */
  static async on(host: NginxHost): Promise<GatewayOnHost> {
    const gateway = new GatewayOnHost(host, await Upstreams.start());
    await gateway.put();
    return gateway;
  }

  /** Makes another release live. */
  async put(changes: Parameters<typeof gatewayInput>[0] = {}): Promise<void> {
    const done = await this.host.activate("update", await this.input(changes));
    assert.equal(done.code, 0, done.stderr);
  }

  /** What goes to the host for a release. Guesses are as good as not limited, unless a test wants it. */
  input(changes: Parameters<typeof gatewayInput>[0] = {}): Promise<string> {
    const { registryPort, uiPort } = this.upstreams;
    const ports = { httpsPort: this.host.httpsPort, registryNodePort: registryPort, uiNodePort: uiPort };
    return gatewayInput({ ...ports, guessesPerMinute: 6000, ...changes });
  }

  /** The status of one answer. */
  async code(auth: string | undefined, method = "GET", path = "/v2/", name = REGISTRY): Promise<number> {
    const who = auth === undefined ? {} : { auth };
    return (await ask({ port: this.host.httpsPort, host: name, method, path, ...who })).status;
  }

  /** Ends both. */
  async stop(): Promise<void> {
    this.upstreams.stop();
    await this.host.stop();
  }
}
