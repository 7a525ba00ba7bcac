import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { HostName, Lab, network } from "../lab";
import { run } from "./command";
import { Daemon, runOn } from "./run";

/** A host that takes the lab's SSH login. */
export type SshHost = Exclude<HostName, "ca" | "client">;

const hostKeyFile = (lab: Lab, host: SshHost): string =>
  host === "gateway" ? lab.ssh.hostKeyFile : path.join(path.dirname(lab.ssh.hostKeyFile), `${host}_ed25519.pub`);

const privateKeyFile = (publicFile: string): string => publicFile.replace(/\.pub$/, "");

/** A host's key as a pin: "ssh-ed25519 AAAA...". */
export function hostKeyOf(lab: Lab, host: SshHost): string {
  return readFileSync(hostKeyFile(lab, host), "utf8").trim().split(" ").slice(0, 2).join(" ");
}

/** Hosts come up side by side, and the login is the same for all: a key that is being made is waited for. */
const making = new Map<string, Promise<void>>();

/** Makes the key of the login, and the host's own, unless they are there. */
export async function makeSshKeys(lab: Lab, host: SshHost): Promise<void> {
  mkdirSync(path.dirname(lab.ssh.keyFile), { recursive: true, mode: 0o700 });
  await Promise.all(
    [lab.ssh.keyFile, privateKeyFile(hostKeyFile(lab, host))].map((file) => {
      const made = making.get(file) ?? makeKey(file).finally(() => making.delete(file));
      making.set(file, made);
      return made;
    }),
  );
}

async function makeKey(file: string): Promise<void> {
  if (existsSync(`${file}.pub`)) return;
  await run(["rm", "-f", file]);
  await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "private-registry lab", "-f", file]);
}

/** The SSH daemon of a host. */
export function sshdOf(host: SshHost): Daemon {
  return { name: `${host}-sshd`, command: ["/usr/sbin/sshd", "-D", "-e"] };
}

/** True if something listens on that port of a host. */
export async function listens(lab: Lab, host: HostName, port: number): Promise<boolean> {
  const { stdout } = await runOn(lab, host, ["ss", "-Hltn", `sport = :${port}`]);
  return stdout !== "";
}

/**
 * The part of a host's setup script (a shell's, with `set -eu`) that makes its user and its sshd. Safe to run again.
 * The host's /etc and /run have to be its own.
 * @param homes The folder of the user's home, which has to be the host's own too.
 */
export function sshSetup(lab: Lab, host: SshHost, homes: string): string {
  const { user } = lab.ssh;
  const home = `${homes}/${user}`;
  const hostKey = readFileSync(privateKeyFile(hostKeyFile(lab, host)), "utf8").trim();
  const login = readFileSync(`${lab.ssh.keyFile}.pub`, "utf8").trim();
  return `mkdir -p /run/sshd
# A locked account ("!") is refused by an sshd that runs without PAM; "*" only means that no password fits.
id ${user} >/dev/null 2>&1 || useradd --no-log-init --shell /bin/bash --home-dir ${home} ${user}
usermod --home ${home} --shell /bin/bash -p '*' ${user}
install -d -o ${user} -g ${user} -m 700 ${home} ${home}/.ssh
cat >${home}/.ssh/authorized_keys <<'END'
${login}
END
chown ${user}:${user} ${home}/.ssh/authorized_keys
chmod 600 ${home}/.ssh/authorized_keys
echo '${user} ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/lab
chmod 440 /etc/sudoers.d/lab

rm -rf /etc/ssh/sshd_config.d
cat >/etc/ssh/lab_host_ed25519 <<'END'
${hostKey}
END
chmod 600 /etc/ssh/lab_host_ed25519
cat >/etc/ssh/sshd_config <<'END'
ListenAddress ${network.addresses[host]}
HostKey /etc/ssh/lab_host_ed25519
AuthenticationMethods publickey
PermitRootLogin no
UsePAM no
AcceptEnv LANG LC_*
Subsystem sftp internal-sftp
END
sshd -t`;
}
