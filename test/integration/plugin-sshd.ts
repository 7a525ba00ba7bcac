import { once } from "node:events";
import { ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { generateKeyPairSync, KeyObject } from "node:crypto";
import { opensshPrivateKey, sshPublicKey } from "../../lab/plugins/keys/openssh";

const PROGRAM = "/usr/sbin/sshd";

/** True if this machine has Debian's sshd. */
export const sshdInstalled = existsSync(PROGRAM);

/** A real sshd on loopback for one test file: key login for the present user, host keys of two kinds. */
export class Sshd {
  private process: ChildProcess | undefined;

  private constructor(
    readonly dir: string,
    readonly port: number,
    /** The login's private key in several forms. */
    readonly login: KeyObject,
    /** The host's public keys as authorized_keys lines. */
    readonly hostKeys: { ed25519: string; rsa: string },
  ) {}

  /** The inputs of a connection to it, with the right host key. */
  get connection(): Record<string, string | number> {
    return {
      host: "127.0.0.1",
      port: this.port,
      user: userInfo().username,
      privateKey: opensshPrivateKey(this.login) ?? "",
      hostKey: this.hostKeys.ed25519,
      dialErrorLimit: 0,
    };
  }

  /** Starts one on a free port, in a folder of its own. */
  static async start(): Promise<Sshd> {
    const dir = await mkdtemp(path.join(tmpdir(), "plugin-sshd-"));
    const login = generateKeyPairSync("ed25519").privateKey;
    const hosts = {
      ed25519: generateKeyPairSync("ed25519").privateKey,
      rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
    };
    for (const [name, key] of Object.entries(hosts)) {
      await writeFile(path.join(dir, name), opensshPrivateKey(key) ?? "", { mode: 0o600 });
    }
    await writeFile(path.join(dir, "authorized_keys"), `${publicLine(login)}\n`);
    await chmod(dir, 0o755);
    const hostKeys = { ed25519: publicLine(hosts.ed25519), rsa: publicLine(hosts.rsa) };
    const sshd = new Sshd(dir, await freePort(), login, hostKeys);
    await sshd.run();
    return sshd;
  }

  /** What it logged so far. */
  log(): Promise<string> {
    return readFile(path.join(this.dir, "log"), "utf8");
  }

  async stop(): Promise<void> {
    if (this.process && this.process.exitCode === null) {
      this.process.kill();
      await once(this.process, "exit");
    }
    await rm(this.dir, { recursive: true, force: true });
  }

  private async run(): Promise<void> {
    const config = path.join(this.dir, "sshd_config");
    await writeFile(config, this.config());
    // Debian's sshd wants this folder, and only its service unit makes it.
    if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true });
    const log = path.join(this.dir, "log");
    this.process = spawn(PROGRAM, ["-D", "-f", config, "-E", log], { stdio: "ignore" });
    for (let tries = 0; !(await answers(this.port)); tries++) {
      if (tries > 100) throw new Error(`sshd doesn't answer: ${await this.log()}`);
      await sleep(50);
    }
  }

  private config(): string {
    return [
      `Port ${this.port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${path.join(this.dir, "ed25519")}`,
      `HostKey ${path.join(this.dir, "rsa")}`,
      `AuthorizedKeysFile ${path.join(this.dir, "authorized_keys")}`,
      "StrictModes no",
      "PidFile none",
      "UsePAM no",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "PermitRootLogin prohibit-password",
      "MaxStartups 100",
      "AcceptEnv GREETING",
      "",
    ].join("\n");
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function publicLine(key: KeyObject): string {
  const ssh = sshPublicKey(key);
  return `${ssh?.type} ${ssh?.blob.toString("base64")}`;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("data", () => {
      resolve(true);
      socket.destroy();
    });
    socket.once("error", () => resolve(false));
  });
}
