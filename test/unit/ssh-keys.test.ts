import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { hostKey, sshPrivateKey } from "../../components/hosts/ssh-keys";
import { HOST_KEY, newPrivateKey } from "../support/ssh-made";

interface Pair {
  private: string;
  /** The line of the `.pub` file. */
  public: string;
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ssh-keys-"));
const hasKeygen = spawnSync("ssh-keygen", ["-?"]).error === undefined;
/** A case that needs ssh-keygen; the same is shown by keys made here, too. */
const withKeygen = (title: string, run: () => void): unknown => hasKeygen && it(title, run);

/** A pair of keys as ssh-keygen makes it. */
function keygen(...[type = "", ...more]: readonly string[]): Pair {
  const file = path.join(folder, [type, ...more].join("").replace(/\W/g, ""));
  if (!fs.existsSync(file)) {
    const args = ["-q", "-t", type, "-C", "a comment", "-f", file, ...(more.includes("-N") ? [] : ["-N", ""]), ...more];
    execFileSync("ssh-keygen", args, { stdio: "pipe" });
  }
  return { private: fs.readFileSync(file, "utf8"), public: fs.readFileSync(`${file}.pub`, "utf8") };
}

/** Parts in SSH's wire form (RFC 4251 section 5). */
function wire(...parts: (string | Buffer)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** A public key's line; without ssh-keygen these are all that there is. */
const line = (type: string, ...parts: (string | Buffer)[]): string =>
  `${type} ${wire(type, ...parts).toString("base64")}`;
const ecdsa = (curve: string, bytes: number): string =>
  line(`ecdsa-sha2-${curve}`, curve, Buffer.concat([Buffer.from([4]), Buffer.alloc(bytes - 1, 7)]));

const faultOf = (rule: typeof hostKey, value: string): string => {
  const { expected = "", got = "the value" } = rule(value) ?? {};
  return expected === "" ? "none" : got;
};

after(() => fs.rmSync(folder, { recursive: true }));

describe("a host key", () => {
  const curves = [
    ["nistp256", 65],
    ["nistp384", 97],
    ["nistp521", 133],
  ] as const;
  const CUT = /^a key that is cut short, or not of type (ssh-ed25519|ecdsa-sha2-nistp\d{3})$/;

  it("is taken with all its bytes, with a comment, a line's end, or neither", () => {
    for (const key of [HOST_KEY, ...curves.map(([curve, bytes]) => ecdsa(curve, bytes))])
      for (const end of ["", "\n", " root@gw1", " root@gw1 and more\n"])
        assert.equal(hostKey(key + end), undefined, key);
  });

  withKeygen("is taken as ssh-keygen makes it", () => {
    for (const more of [["ed25519"], ["ecdsa", "-b", "256"], ["ecdsa", "-b", "384"], ["ecdsa", "-b", "521"]])
      assert.equal(hostKey(keygen(...more).public), undefined, more.join(" "));
  });

  it("is refused cut short, wherever it is cut, and with more behind it", () => {
    for (const key of [HOST_KEY, ecdsa("nistp256", 65)]) {
      const base = key.indexOf("AAAA");
      for (let end = base; end < key.length - 1; end++)
        assert.notEqual(hostKey(key.slice(0, end)), undefined, key.slice(0, end));
      assert.match(faultOf(hostKey, key.slice(0, -8)), CUT);
      assert.match(faultOf(hostKey, `${key.replace(/=+$/, "")}AAAA`), CUT);
    }
  });

  it("is refused if it is not of the type that it names", () => {
    const base64 = (key: string): string => key.split(" ")[1] ?? "";
    for (const wrong of [
      `ssh-ed25519 ${base64(ecdsa("nistp256", 65))}`,
      `ecdsa-sha2-nistp256 ${base64(HOST_KEY)}`,
      `ecdsa-sha2-nistp384 ${base64(ecdsa("nistp256", 65))}`,
      line("ecdsa-sha2-nistp256", "nistp384", Buffer.alloc(97, 4)),
      line("ecdsa-sha2-nistp256", "nistp256", Buffer.alloc(33, 2)),
      line("ssh-ed25519", Buffer.alloc(31)),
      line("ssh-ed25519", Buffer.alloc(32), "more"),
    ])
      assert.match(faultOf(hostKey, wrong), CUT, wrong);
  });

  it("is refused if it can't be pinned: of RSA, a fingerprint, a path, a private key", () => {
    const rsa = line("ssh-rsa", Buffer.from([1, 0, 1]), Buffer.alloc(257, 1));
    const certificate = line("ssh-ed25519-cert-v01@openssh.com", Buffer.alloc(32));
    const bare = HOST_KEY.split(" ")[1] ?? "";
    const others = [rsa, `ssh-ed25519 ${rsa.split(" ")[1] ?? ""}`, certificate, `gw1.example.com ${HOST_KEY}`, bare];
    const texts = ["", "SHA256:abc", "/etc/ssh/ssh_host_ed25519_key.pub", newPrivateKey(), `${HOST_KEY}\n${HOST_KEY}`];
    for (const wrong of [...others, ...texts, `${HOST_KEY}\r\n`, ` ${HOST_KEY}`, HOST_KEY.replace(" ", "  ")])
      assert.match(
        hostKey(wrong)?.expected ?? "",
        /^a line "ssh-ed25519 AAAA\.\.\." or "ecdsa-sha2-nistp256 AAAA/,
        wrong,
      );
    if (hasKeygen) assert.notEqual(hostKey(keygen("rsa").public), undefined);
  });
});

describe("an SSH private key", () => {
  const pem = (type: "pkcs1" | "pkcs8", passphrase?: string): string =>
    generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
      ...{ type, format: "pem" },
      ...(passphrase === undefined ? {} : { cipher: "aes-256-cbc", passphrase }),
    }) as string;
  /** OpenSSH's own form, as far as it is looked at (its file PROTOCOL.key). */
  const openssh = (cipher = "none", kdf = "none", options = "", secret = Buffer.alloc(136, 1)): string => {
    const head = Buffer.from("openssh-key-v1\0");
    const one = Buffer.from([0, 0, 0, 1]);
    const publicKey = wire("ssh-ed25519", Buffer.alloc(32));
    const bytes = Buffer.concat([head, wire(cipher, kdf, options), one, wire(publicKey, secret)]);
    const lines = bytes.toString("base64").match(/.{1,70}/g) ?? [];
    return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
  };
  const assertTaken = (key: string): void => {
    for (const each of [key, key.trimEnd(), `\n${key}\n`, key.replaceAll("\n", "\r\n")])
      assert.equal(faultOf(sshPrivateKey, each), "none", JSON.stringify(each));
  };

  it("is taken in each form that has no passphrase", () => {
    for (const key of [newPrivateKey(), pem("pkcs1"), pem("pkcs8"), openssh()]) assertTaken(key);
  });

  withKeygen("is taken as ssh-keygen makes it", () => {
    for (const more of [["ed25519"], ["ecdsa"], ["rsa"], ["ecdsa", "-m", "PEM"], ["rsa", "-m", "PKCS8"]])
      assertTaken(keygen(...more).private);
  });

  it("is refused with a passphrase, in every form", () => {
    const made = [pem("pkcs1", "x"), pem("pkcs8", "x"), openssh("aes256-ctr", "bcrypt", "salt")];
    const real = hasKeygen
      ? [["ed25519"], ["ecdsa"], ["rsa"], ["ecdsa", "-m", "PEM"], ["rsa", "-m", "PKCS8"]].map(
          (each) => keygen(...each, "-N", "a passphrase").private,
        )
      : [];
    for (const key of [...made, ...real]) assert.equal(faultOf(sshPrivateKey, key), "one with a passphrase", key);
  });

  it("is refused cut short, at the end or in the middle", () => {
    for (const key of [openssh(), ...(hasKeygen ? [keygen("ed25519").private, keygen("ecdsa").private] : [])]) {
      const lines = key.trimEnd().split("\n");
      for (let cut = 1; cut < lines.length; cut++) {
        const begin = lines.slice(0, cut);
        assert.equal(faultOf(sshPrivateKey, `${begin.join("\n")}\n`), "one that is cut short", `${cut}`);
        assert.equal(faultOf(sshPrivateKey, [...begin, lines.at(-1)].join("\n")) !== "none", cut < lines.length - 1);
      }
      const without = lines.filter((_, index) => index !== 2).join("\n");
      assert.equal(faultOf(sshPrivateKey, without), "one that is cut short");
    }
    const block = (text: string): string =>
      ["BEGIN", "END"].map((end) => `-----${end} OPENSSH PRIVATE KEY-----`).join(text);
    for (const text of ["\n", "\nAAAA\n"]) assert.equal(faultOf(sshPrivateKey, block(text)), "one that is cut short");
    const lines = newPrivateKey().trimEnd().split("\n");
    assert.equal(faultOf(sshPrivateKey, `${lines.slice(0, -1).join("\n")}\n`), "one that can't be read");
    assert.equal(faultOf(sshPrivateKey, lines.filter((_, n) => n !== 1).join("\n")), "one that can't be read");
  });

  it("is refused if it is none: a path, a public key, a text in which the line's ends are written out", () => {
    const publicKey = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }) as string;
    const key = newPrivateKey();
    for (const wrong of [
      "",
      "~/.ssh/id_ed25519",
      HOST_KEY,
      publicKey,
      key.replaceAll("\n", "\\n"),
      key.split("\n")[1] ?? "",
    ])
      assert.equal(faultOf(sshPrivateKey, wrong), "a text that is none", wrong);
  });
});
