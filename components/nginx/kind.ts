import { createHash } from "node:crypto";
import { join } from "node:path";
import { END_MARK, type HostKind, program, shellWord } from "../hosts/release";

/** The header by which a probe asks "do you serve this release?"; its value is the release's hash. */
export const PROBE_HEADER = "X-Private-Registry-Release";

/** The header that makes a memory take the stand-in user's question for one that it has not been asked yet. */
export const NONCE_HEADER = "X-Private-Registry-Nonce";

/** The header in which an answer to the stand-in says of which release it is, what was said of access, and by whom. */
export const PROOF_HEADER = "X-Private-Registry-Proof";

/** A gateway: nginx, which serves a release once a link in its own folder names it. */
export const NGINX_HOST: HostKind = {
  root: "/etc/nginx/private-registry",
  folder: join(__dirname, "activate"),
  parts: [
    ...[
      "site",
      "find-nginx",
      "processes",
      "host-files",
      "cache",
      "logs",
      "judge",
      "reload",
      "prove",
      "without-users",
      "hash-kinds",
    ],
    ...["failures", "revoke", "check"],
  ],
  words: {
    probe_header: PROBE_HEADER,
    proof_header: PROOF_HEADER,
    nonce_header: NONCE_HEADER,
    cache: "",
    cache_gib: "0",
    cache_setting: "",
    cache_sliced: "",
  },
};

/**
 * Everything that goes to a host to take away the passwords of some users of a site.
 * @param spared Lines of the user file that stay good.
 */
export function revocationInput(site: string, users: readonly string[], spared: readonly string[] = []): string {
  const sums = spared.map((line) => createHash("sha256").update(line).digest("hex"));
  const lines = [
    `site=${shellWord(site)}`,
    `revoked=(${users.map(shellWord).join(" ")})`,
    `spared=" ${sums.join(" ")} "`,
    `root=${NGINX_HOST.root}`,
  ];
  return [...lines, program(NGINX_HOST), 'main "$@"', END_MARK].join("\n");
}
