import type { Place, ReleaseFile } from "../../hosts/release";
import { block, directive, word } from "../text";
import { KNOWN_HASHES, KNOWN_PASSWORD } from "../users/crypt-hashes";
import { accessAddress, askedFor, secretParts } from "./access-question";
import type { GatewaySite } from "./site";

/*
 * nginx asks crypt(3) of its host about a hash of SHA-crypt, and a crypt(3) that doesn't know the kind says no to every
 * password. So a release with such hashes is live only if nginx has found a known password of each kind to be right.
 * That password is public and opens nothing: only the access server knows it, in a location that answers yes or no.
 */

const ANSWER = "known-hash";
const FILE = "known-hashes";

/** The access server's location for the proof; none if no user has such a hash. */
export function hashProof(site: GatewaySite, place: Place): string[] {
  if (site.cryptKinds.length === 0) return [];
  return block(askedFor(site, ANSWER), [
    directive("auth_basic", word(site.realm)),
    directive("auth_basic_user_file", `${place.directory}/${FILE}`),
    directive("root", `${place.directory}/granted`),
    directive("try_files", "/yes", "=403"),
  ]);
}

/** What nginx compares with, and what the program on the host asks: a line for each kind (see activate/prove.sh). */
export function hashProofFiles(site: GatewaySite): ReleaseFile[] {
  const { cryptKinds: kinds } = site;
  if (kinds.length === 0) return [];
  const where = `${accessAddress(site.site)} ${site.httpsPort} /${secretParts(site).join("/")}/${ANSWER}`;
  const basic = (user: string): string => Buffer.from(`${user}:${KNOWN_PASSWORD}`).toString("base64");
  const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join("");
  return [
    { path: FILE, readers: "nginx", content: lines(kinds.map((kind) => `${kind}:${KNOWN_HASHES[kind]}`)) },
    { path: "hash-proof", readers: "root", content: lines(kinds.map((kind) => `${where} ${basic(kind)} ${kind}`)) },
  ];
}
