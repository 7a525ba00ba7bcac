import * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../checks/checker";
import { isTable } from "../checks/judge";
import { labelName } from "../checks/kubernetes";
import { hostOrAddress, ipAddress, matches } from "../checks/rules";
import { PORT } from "../checks/shared";
import { type Checked, list, type Members, plain, rows, table, text, wholeNumber } from "../checks/value";
import { hostKey, sshPrivateKey } from "./ssh-keys";

/** How hosts are reached over SSH, where one does not say otherwise. */
export interface GatewaySshArgs {
  /** SSH private key, in PEM or OpenSSH form, without a passphrase. Required unless every host has its own. Secret. */
  privateKey?: pulumi.Input<string>;
  /** SSH user: root, or one who may run `sudo -n`. Default root. */
  user?: pulumi.Input<string>;
  /** SSH port. Range 1-65535, default 22. */
  port?: pulumi.Input<number>;
  /**
   * After how many failed attempts to connect an update gives up, a wrong host key included. Range 1-100, default 3.
   */
  dialErrorLimit?: pulumi.Input<number>;
}

/** One host that is reached over SSH. */
export interface SshHostArgs {
  /** Host name or IP address for SSH. */
  address: pulumi.Input<string>;
  /**
   * The host's own public key, one line `ssh-ed25519 AAAA...` or `ecdsa-sha2-nistp256 AAAA...`; a host with another key
   * is refused. `ssh-keyscan -t ed25519 <address>` prints it after the host's name; compare it with
   * `/etc/ssh/ssh_host_ed25519_key.pub` on the host.
   */
  hostKey: pulumi.Input<string>;
  /** SSH port. Range 1-65535. Default: that of `ssh`. */
  port?: pulumi.Input<number>;
  /** SSH user: root, or one who may run `sudo -n`. Default: that of `ssh`. */
  user?: pulumi.Input<string>;
  /** SSH private key of the user, in PEM or OpenSSH form, without a passphrase. Default: that of `ssh`. Secret. */
  privateKey?: pulumi.Input<string>;
  /**
   * What the host is called in the names of resources: lower-case letters, digits, '-'. Not an output, since it names a
   * resource. A host that keeps its name and gets a new address is the same host; one with a new name is a new host:
   * the release goes there, and the old one is cleared. Default: the address with '-' for everything else, if it is
   * plain text here, or else the place in the list.
   */
  name?: string;
}

/** One nginx host, reached over SSH. It needs bash, nginx (running), and root or `sudo -n` for the user. */
export interface GatewayHostArgs extends SshHostArgs {
  /**
   * IP addresses of the host on which nginx listens for the registry, and on which each release is proven. For a host
   * whose other sites listen on single addresses, or own one of them. Default: all of the host's addresses.
   */
  listenAddresses?: pulumi.Input<pulumi.Input<string>[]>;
}

const sshUser = matches("a user name of the host", /^[a-z_][a-z0-9_.-]{0,31}$/i);
const KEY = {
  rule: sshPrivateKey,
  secret: true,
  advice: "give the content of the key file, not its path; ssh-keygen -t ed25519 -N '' makes a new one",
} as const;

/** The values of `GatewaySshArgs`. */
export const SSH = {
  privateKey: text(KEY),
  user: text({ rule: sshUser, default: "root" }),
  port: wholeNumber({ ...PORT, default: 22 }),
  dialErrorLimit: wholeNumber({ min: 1, max: 100, default: 3 }),
} satisfies Members<GatewaySshArgs>;

/** The values of `SshHostArgs`. */
export const SSH_HOST = {
  address: text({ required: true, rule: hostOrAddress, advice: "give the name or address that SSH connects to" }),
  hostKey: text({
    required: true,
    rule: hostKey,
    advice:
      "get it with `ssh-keyscan -t ed25519 <address>` (leave out the host name in front), and compare it with /etc/ssh/ssh_host_ed25519_key.pub on the host",
  }),
  port: wholeNumber({ ...PORT, without: "that of ssh" }),
  user: text({ rule: sshUser, without: "that of ssh" }),
  privateKey: text(KEY),
  name: plain(text({ rule: labelName, without: "the address" })),
} satisfies Members<SshHostArgs>;

/** The values of `GatewayHostArgs`. */
export const HOST = {
  ...SSH_HOST,
  listenAddresses: list(text({ rule: ipAddress, advice: "give addresses of the host, as in `ip address`" }), {
    of: "IP addresses",
    without: "all of the host's addresses",
    advice: "give addresses of the host, as in `ip address`, or leave it out for all of them",
  }),
} satisfies Members<GatewayHostArgs>;

/** The members of every component that goes to hosts. */
export const GATEWAYS = {
  gateways: rows(HOST, { of: "nginx hosts", min: 1, required: true, advice: "add one" }),
  ssh: table(SSH),
};

/** The hosts and how they are reached, as a user writes them. */
export interface GatewayListArgs {
  /** The nginx hosts, updated one after the other. Not an output, since each has resources of its own. */
  gateways: GatewayHostArgs[];
  /** How the hosts are reached, where one does not say otherwise. */
  ssh?: GatewaySshArgs;
}

/** How a host is reached, after the checks. */
export interface ReachedHost {
  /** The host's part in the names of resources. */
  name: string;
  address: pulumi.Output<string>;
  port: pulumi.Output<number>;
  user: pulumi.Output<string>;
  privateKey: pulumi.Output<string>;
  hostKey: pulumi.Output<string>;
}

/** A gateway's host after the checks. */
export interface CheckedHost extends ReachedHost {
  dialErrorLimit: pulumi.Output<number>;
  /** Empty: all of the host's addresses. */
  listenAddresses: pulumi.Output<string[]>;
  /** Whether any were given: that is known at once. */
  listens: boolean;
}

/** What concerns more than one host of a list: every one has a key, and a name of its own. */
export function checkHosts(checker: Checker, property: string, given: unknown, ssh: GatewaySshArgs | undefined): void {
  const hosts: unknown[] = Array.isArray(given) ? given : [];
  const names = hosts.map((host, index) => nameOf(isTable(host) ? host : {}, index));
  const keyless = hosts.filter((host) => isTable(host) && (host["privateKey"] ?? undefined) === undefined);
  const said = checker.problems.some((problem) => problem.property === "ssh.privateKey");
  if ((hosts.length === 0 || keyless.length > 0) && ssh?.privateKey === undefined && !said) {
    checker.add({ property: "ssh.privateKey", expected: "set", got: "nothing", advice: KEY.advice });
  }
  names.forEach((name, index) => {
    if (names.indexOf(name) === index) return;
    const expected = "a name that no other host has";
    const advice = "give every host a name of its own";
    checker.add({ property: `${property}[${index}].name`, expected, got: JSON.stringify(name), advice });
  });
}

/** The gateways' hosts with what `ssh` says where they say nothing. */
export function reachable(input: Checked<typeof GATEWAYS>, given: readonly GatewayHostArgs[]): CheckedHost[] {
  return input.gateways.map((host, index) => ({
    ...reached(host, input.ssh, given[index] ?? {}, index),
    dialErrorLimit: input.ssh.dialErrorLimit,
    listenAddresses: host.listenAddresses ?? pulumi.output([]),
    listens: given[index]?.listenAddresses !== undefined,
  }));
}

/** How a host is reached, by what it and `ssh` say. */
export function reached(
  { address, hostKey: key, port, user, privateKey }: Checked<typeof SSH_HOST>,
  ssh: Checked<typeof SSH>,
  given: { name?: unknown; address?: unknown },
  index: number,
): ReachedHost {
  return {
    name: nameOf(given, index),
    address,
    hostKey: key,
    port: port ?? ssh.port,
    user: user ?? ssh.user,
    privateKey: (privateKey ?? ssh.privateKey) as pulumi.Output<string>,
  };
}

/** What a host is called in names of resources: "192.0.2.4" as "192-0-2-4". */
export function nameOf({ name, address }: { name?: unknown; address?: unknown }, index: number): string {
  if (typeof name === "string") return name;
  const made = typeof address === "string" ? address.toLowerCase().replace(/[^a-z0-9]+/g, "-") : "";
  return made.replace(/^-|-$/g, "") || String(index);
}
