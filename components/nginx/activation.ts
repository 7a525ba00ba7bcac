import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { CheckedHost } from "./host";
import { activationInput, Release, remoteCommand } from "./release";

/**
 * The remote command that makes a release live on one host, and takes it away on delete. One command carries the whole
 * release, since every command dials anew. Nothing of the release shows in a preview or a log: it goes through stdin,
 * which is secret. What stdout and stderr hold is secret too, since nginx's messages may quote the configuration.
 *
 * A changed release is an update in place. Another address is another host: the release goes there first, then the old
 * host is cleared, if it still has what this resource wrote.
 * @param name Name of the resource.
 */
export function activation(
  name: string,
  host: CheckedHost,
  release: pulumi.Output<Release>,
  opts: pulumi.CustomResourceOptions,
): remote.Command {
  const owner = pulumi.interpolate`${pulumi.getProject()}/${pulumi.getStack()}/${name} ${host.address}:${host.port}`;
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
      replaceOnChanges: ["connection.host", "connection.port"],
    },
  );
}

/**
 * One command per host, each after the one before, so that a bad release stops at the first. Returns the release's hash,
 * known when all hosts serve it.
 */
export function activateInTurn(
  name: string,
  hosts: readonly CheckedHost[],
  release: pulumi.Output<Release>,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const done: remote.Command[] = [];
  for (const host of hosts) {
    done.push(activation(`${name}-${host.name}`, host, release, { parent, dependsOn: done.slice(-1) }));
  }
  const ids = pulumi.all(done.map((command) => command.id));
  return pulumi.unsecret(ids.apply(() => release.apply((live) => live.hash)));
}
