import { importImages } from "../../lab/cluster/runtime";
import { ensureArchives, verifierSpecs } from "../../lab/images";
import { labOf, network, nodes } from "../../lab/lab";
import { ensurePrograms } from "../../lab/programs";
import { which } from "../../lab/programs/path";
import { certificateFor, certificates } from "../gateway/fixture";
import { Issuer } from "../identities/issuer";
import type { Settings } from "./stack";

/** Brings the images of the pods that verify tokens to the lab's nodes. */
export async function verifierImages(): Promise<void> {
  const { "oauth2-proxy": oauth2Proxy } = await ensurePrograms(["oauth2-proxy"], (now) => console.log(`      ${now}`));
  const [nginx = "", busybox = ""] = ["nginx", "busybox"].map((name) => which(name));
  const archives = await ensureArchives(verifierSpecs({ nginx, oauth2Proxy, busybox }), () => undefined);
  for (const node of nodes) await importImages(labOf(), node, archives);
}

/**
 * An issuer of tokens in this process, which the lab's pods reach at the machine's address. They have no name server,
 * so its certificate has that address as a name: nginx compares names only.
 */
export function labIssuer(): Promise<Issuer> {
  const { machine } = network.addresses;
  return Issuer.start(machine, certificateFor(machine), machine);
}

/** The settings of that issuer. */
export function issuerSettings({ url, keysUrl }: Issuer): Settings {
  const at = "access.issuers[0]";
  return {
    [`${at}.name`]: "lab",
    [`${at}.url`]: url,
    [`${at}.keysUrl`]: keysUrl,
    [`${at}.caPem`]: certificates().ca.cert,
  };
}
