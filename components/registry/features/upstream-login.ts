import * as pulumi from "@pulumi/pulumi";
import type { Checked } from "../../checks/value";
import type { Settings } from "../environment";
import type { PROXY } from "./proxy-args";

/*
 * How a cache logs in at the registry that it is a cache of (distribution's `proxy.exec`, version 3). With a name and a
 * password in its variables, or with none, a cache asks the other registry at its start, and ends if that is away: what
 * it has kept would be gone with it. With a program that tells it the login, it starts, serves what it has, and reads a
 * changed password without a restart.
 */

/** The directory of the program and its answer in the container. */
export const UPSTREAM_LOGIN_PATH = "/upstream-login";

/** Names of the files there, and in the secret. */
export const LOGIN_PROGRAM = "proxy-login";
export const LOGIN_ANSWER = "proxy-login.json";
export const PROXY_CA = "proxy-ca.pem";

/** Go reads all certificates of these folders, beside the system's own file of them. */
export const CA_SETTINGS: Settings = { SSL_CERT_DIR: `/etc/ssl/certs:${UPSTREAM_LOGIN_PATH}` };

/** What the registry asks by is a question on stdin, which is the same each time. */
const PROGRAM = `#!/bin/sh\ncat >/dev/null\nexec cat "\${0%/*}/${LOGIN_ANSWER}"\n`;

/** The settings that name the program. A login is asked for anew after this time. */
export const LOGIN_SETTINGS: Settings = {
  REGISTRY_PROXY_EXEC_COMMAND: `${UPSTREAM_LOGIN_PATH}/${LOGIN_PROGRAM}`,
  REGISTRY_PROXY_EXEC_LIFETIME: "5m",
};

/** The files by name; none for what is no cache. Secret. */
export function loginFiles(proxy: Checked<typeof PROXY> | undefined): pulumi.Output<Record<string, string>> {
  if (!proxy) return pulumi.output<Record<string, string>>({});
  const { username = pulumi.output(""), password = pulumi.output(""), caPem = pulumi.output("") } = proxy;
  return pulumi.all([username, password, caPem]).apply(([user, word, roots]): Record<string, string> => ({
    ...(roots === "" ? {} : { [PROXY_CA]: roots }),
    [LOGIN_PROGRAM]: PROGRAM,
    [LOGIN_ANSWER]: JSON.stringify({ ServerURL: "", Username: user, Secret: word }),
  }));
}
