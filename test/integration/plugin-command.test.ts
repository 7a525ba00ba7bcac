import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { localCommand } from "../../lab/plugins/command/local-command";
import { remoteCommand } from "../../lab/plugins/command/remote-command";
import { Doing, ResourceType } from "../../lab/plugins/protocol/resource";
import { Properties, Secret } from "../../lab/plugins/protocol/values";
import { freePort, Sshd, sshdInstalled } from "./plugin-sshd";

/** A call that notes what it is told. */
function noting(): Doing & { notes: string[] } {
  const notes: string[] = [];
  const note = (kind: string) => (message: string) => void notes.push(`${kind}: ${message}`);
  const log = { status: note("status"), warning: note("warning"), error: note("error") };
  return { name: "main", log, cancelled: new AbortController().signal, preview: false, notes };
}

async function create(type: ResourceType, given: Properties, call: Doing = noting()): Promise<Properties> {
  const { inputs, failures } = type.check(given, call);
  assert.deepEqual(failures, []);
  return (await type.create(inputs, call)).state;
}

describe("plugin command: a remote command over a real sshd", () => {
  let sshd: Sshd;

  before(async function () {
    if (!sshdInstalled) {
      console.log("      skipped: Debian's package openssh-server is not installed");
      this.skip();
    }
    sshd = await Sshd.start();
  });
  after(() => sshd?.stop());

  const remote = (inputs: Properties, call: Doing = noting()): Promise<Properties> =>
    create(remoteCommand, { connection: sshd.connection, ...inputs }, call);
  const without = (name: string): Properties =>
    Object.fromEntries(Object.entries(sshd.connection).filter(([key]) => key !== name));
  const failing = (inputs: Properties, message: RegExp | string): Promise<void> =>
    assert.rejects(remote(inputs), typeof message === "string" ? { message } : message);

  it("gets its stdin and gives what it printed, line for line to the log, without the last line break", async () => {
    const call = noting();
    const state = await remote({ create: "cat; echo error >&2", stdin: "one\ntwo\n\n" }, call);
    assert.deepEqual([state["stdout"], state["stderr"]], ["one\ntwo\n", "error"]);
    assert.deepEqual(call.notes.sort(), ["status: ", "status: error", "status: one", "status: two"]);
    assert.ok(state["connection"] instanceof Secret);
  });

  it("logs only what its logging says", async () => {
    for (const [logging, expected] of [
      ["none", []],
      ["stdout", ["status: out"]],
      ["stderr", ["status: err"]],
    ] as const) {
      const call = noting();
      await remote({ create: "echo out; echo err >&2", logging }, call);
      assert.deepEqual(call.notes, expected);
    }
  });

  it("takes 8 MiB of stdin", async () => {
    const { stdout } = await remote({ create: "wc -c", stdin: "x".repeat(8 << 20), logging: "none" });
    assert.equal(stdout, String(8 << 20));
  });

  it("fails though it succeeded if it leaves much of its stdin unread", async () => {
    await failing({ create: "exit 0", stdin: "x".repeat(8 << 20) }, 'EOF: running "exit 0":\n');
  });

  it("that fails shows its status, its text and all that it printed", async () => {
    await failing(
      { create: 'echo "a\tb"; exit 3' },
      'Process exited with status 3: running "echo \\"a\\tb\\"; exit 3":\na\tb\n',
    );
    await failing({ create: "kill -TERM $$" }, /^Error: Process exited with status 143 from signal TERM: running/);
  });

  it("gets the variables that the server accepts, and isn't run if it refuses one", async () => {
    assert.equal((await remote({ create: "echo $GREETING", environment: { GREETING: "hi" } }))["stdout"], "hi");
    const file = path.join(sshd.dir, "was-run");
    const call = noting();
    await assert.rejects(
      remote({ create: `touch ${file}`, environment: { GREETING: "hi", OTHER: "x" } }, call),
      /^Error: could not set environment variable "OTHER": ssh: setenv failed$/,
    );
    assert.match(call.notes.join(), /^error: Unable to set 'OTHER'. This only works if your SSH server/);
    assert.equal(existsSync(file), false);
  });

  it("runs `update` on an update, else `create` again, and tells it what the run before printed", async () => {
    const state = await remote({ create: "echo made" });
    const call = noting();
    const again = await remoteCommand.update(state, { connection: sshd.connection, create: "echo again" }, call);
    assert.equal(again["stdout"], "again");
    assert.match(call.notes.join(), /warning: Unable to set 'PULUMI_COMMAND_STDOUT'/);
    const quiet = noting();
    const inputs = {
      connection: sshd.connection,
      create: "echo made",
      update: "echo changed",
      addPreviousOutputInEnv: false,
    };
    assert.equal((await remoteCommand.update(state, inputs, quiet))["stdout"], "changed");
    assert.deepEqual(quiet.notes, ["status: changed"]);
  });

  it("runs `delete` with its stdin when it goes, and nothing without one", async () => {
    const file = path.join(sshd.dir, "deleted");
    const state = await remote({ create: "cat", delete: `cat > ${file}`, stdin: "bye" });
    await remoteCommand.delete?.(state, noting());
    assert.equal(await readFile(file, "utf8"), "bye");
    await remoteCommand.delete?.({ connection: new Secret({ host: "nowhere.invalid" }) }, noting());
  });

  it("logs in with a key in each form that the real plugin takes", async () => {
    const pkcs8 = sshd.login.export({ type: "pkcs8", format: "pem" }) as string;
    assert.equal(
      (await remote({ create: "echo in", connection: { ...sshd.connection, privateKey: pkcs8 } }))["stdout"],
      "in",
    );
  });

  it("refuses a host whose key isn't the pinned one, whatever its kind", async () => {
    const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS a comment";
    const pinned = (hostKey: string): Properties => ({ create: "echo", connection: { ...sshd.connection, hostKey } });
    const prefix = "after 0 failed attempts: ssh: handshake failed: ";
    await failing(pinned(other), `${prefix}ssh: host key mismatch`);
    const offered = "we offered: [ssh-rsa], peer offered: [ssh-ed25519 rsa-sha2-512 rsa-sha2-256]";
    const algorithms = `${prefix}ssh: no common algorithm for host key; ${offered}`;
    await assert.rejects(remote(pinned(sshd.hostKeys.rsa)), (error: Error) => {
      const sorted = (text: string): string =>
        text
          .split(/[ [\]]/)
          .sort()
          .join(" ");
      return sorted(error.message) === sorted(algorithms);
    });
    await failing(pinned("SHA256:abc"), "failed to parse host key: ssh: no key found");
  });

  it("takes any host without a pinned key", async () => {
    const connection = without("hostKey");
    assert.equal((await remote({ create: "echo in", connection }))["stdout"], "in");
  });

  it("names the logins that it tried if none is let in", async () => {
    const connection = without("privateKey");
    const unable = "ssh: unable to authenticate, attempted methods [none], no supported methods remain";
    const previous = process.env["SSH_AUTH_SOCK"];
    delete process.env["SSH_AUTH_SOCK"];
    try {
      await failing(
        { create: "echo", connection: { ...connection, password: "hush" } },
        `after 0 failed attempts: ssh: handshake failed: ${unable}`,
      );
    } finally {
      if (previous !== undefined) process.env["SSH_AUTH_SOCK"] = previous;
    }
  });

  it("tells of a key that it can't read, without showing it", async () => {
    const keyed = (privateKey: string): Properties => ({
      create: "echo",
      connection: { ...sshd.connection, privateKey },
    });
    await failing(keyed("hush"), "ssh: no key found");
    const options = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "p" } as const;
    await failing(keyed(sshd.login.export(options) as string), 'ssh: unsupported key type "ENCRYPTED PRIVATE KEY"');
  });

  it("dials again as often as it may, saying so", async () => {
    const port = await freePort();
    const call = noting();
    const connection = { ...sshd.connection, port, dialErrorLimit: 2 };
    await assert.rejects(remote({ create: "echo", connection }, call), {
      message: `after 2 failed attempts: dial tcp 127.0.0.1:${port}: connect: connection refused`,
    });
    assert.deepEqual(call.notes, ["status: Dial 1/2 failed: retrying", "status: Dial 2/2 failed: retrying"]);
  });

  it("ends its dialing when the person cancels", async () => {
    const cancel = new AbortController();
    const connection = { ...sshd.connection, port: await freePort(), dialErrorLimit: -1 };
    const call = { ...noting(), cancelled: cancel.signal };
    setTimeout(() => cancel.abort(), 200);
    await assert.rejects(remote({ create: "echo", connection }, call), { message: "context canceled" });
  });

  it("says so when the connection ends in the handshake", async () => {
    const server = net.createServer((socket) => socket.end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    const connection = { ...sshd.connection, port };
    await failing({ create: "echo", connection }, "after 0 failed attempts: ssh: handshake failed: EOF");
    server.close();
  });

  it("goes through a proxy, whose host key is pinned by itself", async () => {
    const proxied = (proxy: Properties): Properties => ({
      create: "echo through",
      connection: { ...sshd.connection, proxy },
    });
    assert.equal((await remote(proxied({ ...sshd.connection })))["stdout"], "through");
    await failing(
      proxied({ ...sshd.connection, hostKey: sshd.hostKeys.rsa }),
      /^Error: proxy: after 0 failed attempts: ssh: handshake failed: ssh: no common algorithm for host key/,
    );
  });

  it("leaves no connection open", async () => {
    await remote({ create: "echo", connection: { ...sshd.connection, proxy: sshd.connection } });
    const open = async (): Promise<number> => {
      const log = await sshd.log();
      return (log.match(/^Accepted/gm)?.length ?? 0) - (log.match(/^Disconnected from user/gm)?.length ?? 0);
    };
    for (let tries = 0; tries < 40 && (await open()) !== 0; tries++) await sleep(50);
    assert.equal(await open(), 0);
  });
});

describe("plugin command: a local command", () => {
  it("runs on this machine with its folder, variables and stdin", async () => {
    const inputs = { create: 'echo "$GREETING $(pwd)"; cat', dir: "/", environment: { GREETING: "hi" }, stdin: "in" };
    assert.equal((await create(localCommand, inputs))["stdout"], "hi /\nin");
  });

  it("that fails shows its status, its text and all that it printed", async () => {
    await assert.rejects(create(localCommand, { create: "echo out; exit 2" }), {
      message: 'exit status 2: running "echo out; exit 2":\nout\n',
    });
  });

  it("may be run by a program other than the shell", async () => {
    const inputs = { create: "console.log(6 * 7)", interpreter: [process.execPath, "-e"] };
    assert.equal((await create(localCommand, inputs))["stdout"], "42");
  });
});
