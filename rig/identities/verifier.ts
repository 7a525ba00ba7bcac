import { rmSync } from "node:fs";
import { join } from "node:path";
import { nginxText, type VerifierSettings, verifierText } from "../../components/verifier/text";
import type { Issuer } from "./issuer";
import { podPlaces, PodProcesses } from "./pod";
import type { Pair } from "../gateway/fixture";

/** A verifier's pod. */
export class Verifier extends PodProcesses {
  private settings!: VerifierSettings;

  /**
   * Starts one for an issuer.
   * @param names The port of a name server on this machine.
   * @param pair What it shows gateways.
   * @param gateways The CA of their client certificates.
   */
  static async start(
    issuer: Pick<Issuer, "url" | "keysUrl">,
    audience: string,
    names: number,
    pair?: Pair,
    gateways?: string,
  ): Promise<Verifier> {
    const { folder, places, program } = await podPlaces();
    const verifier = new Verifier(folder, places, program);
    const { url: issuerUrl, keysUrl } = issuer;
    verifier.settings = { issuerUrl, keysUrl, audience, algorithms: ["RS256"], hasCa: true };
    verifier.prepare({ names, ...(pair ? { pair } : {}), ...(gateways === undefined ? {} : { gateways }) });
    verifier.write(verifier.settings);
    await verifier.run();
    return verifier;
  }

  /** The texts, of these settings. */
  private write(settings: VerifierSettings): void {
    this.put("texts/nginx.conf", nginxText(settings, this.places));
    this.put("texts/oauth2-proxy.cfg", verifierText(settings, this.places));
    if (settings.keys !== undefined) this.put("texts/keys.json", settings.keys);
  }

  /** Makes a pod of it that is new: without keys, and with other settings if that is wanted. */
  async forgetKeys(changes: Partial<VerifierSettings> = {}): Promise<void> {
    await this.end("nginx");
    await this.end("oauth2-proxy");
    rmSync(join(this.folder, "state/keys"), { recursive: true, force: true });
    this.write({ ...this.settings, ...changes });
    await this.run();
  }
}
