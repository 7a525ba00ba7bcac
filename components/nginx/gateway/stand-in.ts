import { hashSync } from "bcryptjs";
import { NOT_SHOWN } from "../../hosts/public-facts";
import { type Place } from "../../hosts/release";
import { NONCE_HEADER, PROBE_HEADER, PROOF_HEADER } from "../kind";
import { block, directive, identifier } from "../text";
import { prefix, QUICK_COST, saltOf } from "../users/users";
import { secretOf } from "./secrets";
import type { GatewaySite } from "./site";

/*
 * The stand-in user, who proves a release: the program on the host logs in with its password, and with a wrong one,
 * through the whole chain that a user takes (files, hash function, memory, maps, the registry behind it). It opens
 * nothing: it may only GET /v2/, only over a connection that the host has made to itself, and its 256 bits are known
 * only to root on the host and to the stack. No user can have its name, which begins with a dot.
 */

/** The stand-in's name. */
export const STAND_IN = ".probe";
const NAME = STAND_IN.replace(".", "\\.");

const variable = (header: string): string => `$http_${header.toLowerCase().replace(/-/g, "_")}`;

/** The stand-in's password: the same for the same release, so that the release has the same hash. */
export function standInPassword(site: GatewaySite): string {
  return secretOf(site, site.keyPem, "stand-in user");
}

/** The stand-in's line in a user file. */
export function standInLine(site: GatewaySite): string {
  const password = standInPassword(site);
  if (password === NOT_SHOWN) return `${STAND_IN}:${NOT_SHOWN}`;
  const bytes = Buffer.from(secretOf(site, site.keyPem, "salt of the stand-in"), "hex").subarray(0, 16);
  return `${STAND_IN}:${prefix(hashSync(password, saltOf(bytes, QUICK_COST)))}`;
}

/** Maps at the http level: from where the stand-in is known, and what its answers say. */
export function standInHttp(site: GatewaySite, place: Place): string[] {
  const id = identifier(site.site);
  return [
    "# The stand-in user is known only to the host itself: here a connection's two ends are the same address.",
    directive("include", `${place.directory}/host/with-peer.conf`),
    ...block(`map "$request_method $request_uri $${id}_peer $server_addr" $${id}_stand_in`, [
      directive("default", '"? none -"'),
      directive('"~^GET /v2/ (\\S+) \\1\\z"', `"${STAND_IN} none -"`),
    ]),
    ...block(`map $${id}_user $${id}_nonce`, [
      directive("default", '""'),
      directive(`"~^${NAME}\\z"`, variable(NONCE_HEADER)),
    ]),
    "# Neither its questions nor a probe's are in the access log.",
    ...block(`map "${variable(PROBE_HEADER)} $${id}_user" $${id}_logs`, [
      directive("default", 1),
      directive(`"~^${place.hash} "`, 0),
      directive(`"~ ${NAME}\\z"`, 0),
    ]),
    ...block(`map "$${id}_user $${id}_access $${id}_memory_state" $${id}_proof`, [
      directive("default", '""'),
      directive(`"~^${NAME} (.*)\\z"`, `"${place.hash} $1"`),
    ]),
  ];
}

/** The header of a stand-in's answer; nobody else's answer has it. */
export function proofHeader(site: GatewaySite): string {
  return directive("add_header", PROOF_HEADER, `$${identifier(site.site)}_proof`, "always");
}
