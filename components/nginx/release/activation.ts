import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { CheckedHost } from "./host";
import { ReleaseFiles, ShownFiles } from "./preview";
import { activationInput, Release, remoteCommand } from "./release";

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
): remote.Command {
  const name = `${site}-${host.name}`;
  const owner = pulumi.interpolate`${pulumi.getProject()}/${pulumi.getStack()}/${site} ${host.name} ${host.address}:${host.port}`;
  return new remote.Command(
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
      stdin: pulumi.secret(pulumi.all([release, owner]).apply(([known, writer]) => activationInput(known, writer))),
      logging: remote.Logging.None,
      addPreviousOutputInEnv: false,
    },
    {
      ...opts,
      additionalSecretOutputs: ["stdin", "stdout", "stderr"],
      deleteBeforeReplace: true,
    },
  );
}

/**
 * One command per host, each after the one before, so that a bad release stops at the first; then what a preview shows
 * of the files. Returns the release's hash, known when all hosts serve it.
 */
export function activateInTurn(
  name: string,
  hosts: readonly CheckedHost[],
  release: pulumi.Output<Release>,
  shown: ShownFiles,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const done: remote.Command[] = [];
  for (const host of hosts) {
    done.push(activation(name, host, release, { parent, dependsOn: done.slice(-1) }));
  }
  new ReleaseFiles(`${name}-files`, shown, { parent, dependsOn: done });
  const ids = pulumi.all(done.map((command) => command.id));
  return pulumi.unsecret(ids.apply(() => release.apply((live) => live.hash)));
}
