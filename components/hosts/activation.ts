import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { CheckedHost } from "./host";
import { ReleaseFiles, ShownFiles } from "./preview";
import {
  activationInput,
  type Blueprint,
  doneAt,
  makeRelease,
  type Release,
  remoteCommand,
  warningsIn,
} from "./release";

/**
 * The remote command that makes a release live on one host, and takes it away on delete. One command carries the whole
 * release, since every command dials anew. Nothing of the release shows in a preview or a log: it goes through stdin,
 * which is secret. What stdout and stderr hold is secret too, since nginx's messages may quote the configuration.
 *
 * A changed release, and another address of the same host, is an update in place. A forced replacement deletes first:
 * the delete that comes after a create would take away what the create has just written, which looks the same.
 * @param site The component, whose name is the site's on the hosts.
 */
export function activation(
  site: string,
  host: CheckedHost,
  release: pulumi.Output<Release>,
  opts: pulumi.CustomResourceOptions,
): { command: remote.Command; sent: pulumi.Output<string> } {
  const name = `${site}-${host.name}`;
  const owner = pulumi.interpolate`${pulumi.getProject()}/${pulumi.getStack()}/${site} ${host.name} ${host.address}:${host.port}`;
  const sent = pulumi.secret(pulumi.all([release, owner]).apply(([known, writer]) => activationInput(known, writer)));
  const command = new remote.Command(
    name,
    {
      connection: {
        host: host.address,
        port: host.port,
        user: host.user,
        privateKey: host.privateKey,
        hostKey: host.hostKey,
        dialErrorLimit: host.dialErrorLimit,
        perDialTimeout: 15,
      },
      create: remoteCommand("create"),
      update: remoteCommand("update"),
      delete: remoteCommand("delete"),
      stdin: sent,
      logging: remote.Logging.None,
      addPreviousOutputInEnv: false,
    },
    {
      ...opts,
      additionalSecretOutputs: ["stdin", "stdout", "stderr"],
      deleteBeforeReplace: true,
    },
  );
  return { command, sent };
}

/**
 * One command per host, each after the one before, so that a bad release stops at the first; then what a preview shows
 * of the files. Returns the release's hash, known when all hosts have said that they serve it.
 */
export function activateInTurn(
  name: string,
  hosts: readonly CheckedHost[],
  blueprint: pulumi.Output<Blueprint>,
  shown: ShownFiles,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  let before: pulumi.Output<pulumi.Resource>[] = [];
  const done: remote.Command[] = [];
  const proven: pulumi.Output<string>[] = [];
  for (const host of hosts) {
    const release = pulumi
      .all([blueprint, host.listenAddresses])
      .apply(([known, listen]) => makeRelease(known, listen));
    const { command, sent } = activation(name, host, release, { parent, dependsOn: before });
    const finished = finishedRun(command, host, release, sent);
    done.push(command);
    proven.push(finished);
    before = [pulumi.runtime.isDryRun() ? pulumi.output(command) : finished.apply(() => command)];
  }
  new ReleaseFiles(`${name}-files`, { ...shown, ...listening(hosts) }, { parent, dependsOn: before });
  const ids = pulumi.all([...done.map((command) => command.id), ...proven]);
  return pulumi.unsecret(ids.apply(() => blueprint.apply((live) => makeRelease(live).hash)));
}

/** For a preview: which hosts serve it on certain addresses only. */
function listening(hosts: readonly CheckedHost[]): pulumi.Inputs {
  const chosen = hosts.filter(({ listens }) => listens);
  if (chosen.length === 0) return {};
  return { listenAddresses: Object.fromEntries(chosen.map(({ name, listenAddresses }) => [name, listenAddresses])) };
}

/** For how long after a run what it warned of is shown, in ms: clocks differ, and an `up` takes its time. */
const NEWS = 300_000;

/**
 * A command that ends with 0 may have done nothing: a login shell that is none, or a command that sshd forces on the
 * key, ends with 0 as well. The run itself says by its last line that it came to its end; without that the run fails,
 * and so does every later one until the host has been told again.
 */
function finishedRun(
  command: remote.Command,
  host: CheckedHost,
  release: pulumi.Output<Release>,
  sent: pulumi.Output<string>,
): pulumi.Output<string> {
  if (pulumi.runtime.isDryRun()) return pulumi.output("");
  const known = pulumi.all([command.stdout, sent, release, host.address]);
  return known.apply(([stdout, stdin, { site, hash }, address]) => {
    // A program's own tests, in which no command runs; the plugin always says what came, if only "".
    if ((stdout as string | undefined) === undefined) return hash;
    const at = doneAt(stdout, ["create", "update"], site, hash);
    if (at === undefined) {
      throw new pulumi.RunError(
        `${address}: the SSH command ended without an error, but the release of ${site} is not known to be there: ` +
          `its last line has to be "private-registry: done ...", and what came is ${came(stdout, stdin)}. ` +
          `Something else ran in its place: see the SSH user's login shell (getent passwd) and a command= in its ` +
          `authorized_keys on the host. Correct that, then run: npm run drift -- --fix`,
      );
    }
    if (Math.abs(Date.now() - at) < NEWS) {
      for (const text of warningsIn(stdout)) void pulumi.log.warn(`${address}: ${text}`, command);
    }
    return hash;
  });
}

/** What came instead, as far as it may be shown: a shell's greeting, but nothing of what was sent. */
function came(stdout: string, sent: string): string {
  const last = stdout.trim().split("\n").at(-1)?.trim() ?? "";
  if (last === "") return "nothing";
  const pieces = last.match(/[A-Za-z0-9+/=_.-]{8,}/g) ?? [];
  if (pieces.some((piece) => sent.includes(piece))) return "a part of what was sent to it";
  return JSON.stringify(last.slice(0, 120));
}
