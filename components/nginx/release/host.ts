import * as pulumi from "@pulumi/pulumi";
import { Checker } from "../../checks/checker";
import { Rule } from "../../checks/problems";
import { hostOrAddress, integer, port } from "../../checks/rules";

/** One nginx host, reached over SSH. It needs bash, nginx (running), and root or `sudo -n` for the user. */
export interface GatewayHostArgs {
  /** Host name or IP address for SSH. */
  address: pulumi.Input<string>;
  /** SSH port. Range 1-65535, default 22. */
  port?: pulumi.Input<number>;
  /** SSH user: root, or one who may run `sudo -n`. Default root. */
  user?: pulumi.Input<string>;
  /** SSH private key of the user, in PEM or OpenSSH form. Secret. */
  privateKey: pulumi.Input<string>;
  /**
   * The host's own public key, one line `ssh-ed25519 AAAA...` or `ecdsa-sha2-nistp256 AAAA...`; a host with another key is
   * refused. `ssh-keyscan -t ed25519 <address>` prints it after the host's name; compare it with
   * `/etc/ssh/ssh_host_ed25519_key.pub` on the host.
   */
  hostKey: pulumi.Input<string>;
  /** How many failed connection attempts are borne, a wrong host key included. Range 1-100, default 3. */
  dialErrorLimit?: pulumi.Input<number>;
  /**
   * What the host is called in the names of resources: lower-case letters, digits, '-'. Plain, since it names a resource. A
   * host that keeps its name and gets another address is the same host; one with another name is another host: the release
   * goes there, and the old one is cleared. Default: the address with '-' for everything else, if it is plain text here, or
   * else the place in the list.
   */
  name?: string;
}

/** A host after the checks. */
export interface CheckedHost {
  /** The host's part in the names of resources. */
  name: string;
  address: pulumi.Output<string>;
  port: pulumi.Output<number>;
  user: pulumi.Output<string>;
  privateKey: pulumi.Output<string>;
  hostKey: pulumi.Output<string>;
  dialErrorLimit: pulumi.Output<number>;
}

/** A host key that can be pinned. An RSA key can't: the connection fails with "no common algorithm". */
export const hostKey: Rule<string> = (value) =>
  typeof value === "string" &&
  /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) AAAA[A-Za-z0-9+/]+={0,2}( [^\n]*)?\n?$/.test(value)
    ? undefined
    : {
        expected: `a line "ssh-ed25519 AAAA..." or "ecdsa-sha2-nistp256 AAAA..."`,
        advice:
          "get it with `ssh-keyscan -t ed25519 <address>` (leave out the host name in front), and compare it with /etc/ssh/ssh_host_ed25519_key.pub on the host",
      };

export const privateKey: Rule<string> = (value) =>
  typeof value === "string" && /^\s*-----BEGIN [A-Z ]*PRIVATE KEY-----\s/.test(value)
    ? undefined
    : {
        expected: "an SSH private key that begins with -----BEGIN ... PRIVATE KEY-----",
        advice: "give the content of the key file, not its path; ssh-keygen -t ed25519 makes one",
      };

export const sshUser: Rule<string> = (value) =>
  typeof value === "string" && /^[a-z_][a-z0-9_.-]{0,31}$/i.test(value)
    ? undefined
    : { expected: "a user name of the host", advice: "leave it out to use root" };

/** Checks a list of hosts; problems go to `checker`. */
export function checkHosts(checker: Checker, hosts: GatewayHostArgs[]): CheckedHost[] {
  if (!Array.isArray(hosts) || hosts.length === 0) {
    checker.add({ property: "hosts", expected: "a list of at least one host", got: "none", advice: "add one" });
    return [];
  }
  const checked = hosts.map((host, index) => checkHost(checker, host, `hosts[${index}]`, index));
  const names = checked.map(({ name }) => name);
  names.forEach((name, index) => {
    if (names.indexOf(name) === index && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) return;
    const advice = "give every host a name of its own";
    const expected = "lower-case letters, digits and '-', another one for every host";
    checker.add({ property: `hosts[${index}].name`, expected, got: JSON.stringify(name), advice });
  });
  return checked;
}

function checkHost(checker: Checker, host: GatewayHostArgs, path: string, index: number): CheckedHost {
  const limit = integer(1, 100, "leave it out to use 3");
  return {
    name: host.name ?? nameOf(host.address) ?? `${index}`,
    address: checker.check(
      `${path}.address`,
      host.address,
      hostOrAddress("give the name or address that SSH connects to"),
    ),
    port: checker.check(`${path}.port`, host.port ?? 22, port(22)),
    user: checker.check(`${path}.user`, host.user ?? "root", sshUser),
    privateKey: checker.check(`${path}.privateKey`, host.privateKey, privateKey, { secret: true }),
    hostKey: checker.check(`${path}.hostKey`, host.hostKey, hostKey),
    dialErrorLimit: checker.check(`${path}.dialErrorLimit`, host.dialErrorLimit ?? 3, limit),
  };
}

/** "192.0.2.4" as "192-0-2-4". */
function nameOf(address: pulumi.Input<string>): string | undefined {
  const name =
    typeof address === "string"
      ? address
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, "-")
          .replace(/^-|-$/g, "")
      : "";
  return name === "" ? undefined : name;
}
