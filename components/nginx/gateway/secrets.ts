import { createHmac } from "node:crypto";
import { NOT_SHOWN } from "../../hosts/public-facts";
import type { GatewaySite } from "./site";

/** 64 hex digits that nobody knows who doesn't know the key, or the hashes. */
export function secretOf(site: Pick<GatewaySite, "site">, key: string, purpose: string): string {
  if (key === NOT_SHOWN) return NOT_SHOWN;
  return createHmac("sha256", key).update(`${purpose} of ${site.site}`).digest("hex");
}

/** The key of the gateway's own secrets that outlives a renewed certificate, where there is one. */
export function clientKey(site: Pick<GatewaySite, "upstreamTls" | "keyPem">): string {
  return site.upstreamTls.clientKeyPem ?? site.keyPem;
}
