import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { freePorts, type NginxHost, until } from "./nginx-host";

/** A host's sshd on a loopback port, with one user who is not root and may run `sudo -n`. */
export interface Sshd {
  port: number;
  user: string;
  /** The user's private key. */
  keyFile: string;
  /** "ssh-ed25519 AAAA...". */
  hostKey: string;
  /** Starts a command over SSH; it is ended by its id. */
  run: Run;
}

type Run = ReturnType<typeof runner>;

function runner([program = "", ...args]: string[]) {
  return (command: string, input: string) => execa(program, [...args, command], { reject: false as const, input });
}

/** Starts sshd on an nginx host; it ends with the host. */
export async function startSshd(host: NginxHost): Promise<Sshd> {
  const [port = 0] = await freePorts(1);
  const user = "deploy";
  const keyFile = join(host.folder, "user-key");
  const hostKeyFile = join(host.folder, "host-key");
  for (const file of [keyFile, hostKeyFile]) await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
  const publicKey = readFileSync(`${keyFile}.pub`, "utf8");
  const hostKey = readFileSync(`${hostKeyFile}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
  const started = await host.run(
    `set -e
    echo '${user}:x:4242:4242::/run/home:/bin/sh' >>/etc/passwd
    echo '${user}:*:19000:0:99999:7:::' >>/etc/shadow
    mkdir -p /etc/sudoers.d
    echo '${user} ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/${user}
    chmod 440 /etc/sudoers.d/${user}
    cat >/run/user-key.pub
    cat >/run/sshd_config <<'.'
Port ${port}
ListenAddress 127.0.0.1
HostKey ${hostKeyFile}
AuthorizedKeysFile /run/user-key.pub
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
.
    /usr/sbin/sshd -f /run/sshd_config -E /run/sshd.log`,
    publicKey,
  );
  if (started.code !== 0) throw new Error(`sshd did not start: ${started.stderr}`);
  const known = join(host.folder, "known-hosts");
  await execa("tee", [known], { input: `[127.0.0.1]:${port} ${hostKey}\n` });
  const options = [
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    `UserKnownHostsFile=${known}`,
    "GlobalKnownHostsFile=/dev/null",
  ];
  const args = [
    ...host.networkPrefix(),
    "ssh",
    "-F",
    "none",
    "-p",
    `${port}`,
    "-i",
    keyFile,
    ...options.flatMap((each) => ["-o", each]),
    `${user}@127.0.0.1`,
  ];
  const run = runner(args);
  await until("sshd", async () => (await run("true", "")).exitCode === 0);
  return { port, user, keyFile, hostKey, run };
}
