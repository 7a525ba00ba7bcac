import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as release from "../../components/hosts/release";
import { revocationInput } from "../../components/nginx/kind";

const { activationInput, doneAt, doneLine, END_MARK, fileIn, makeRelease, manifest, wordIn } = release;

/** A folder with a kind's half of the program, with what a person writes in one. */
const folder = mkdtempSync(join(tmpdir(), "release-kind-"));
writeFileSync(join(folder, "half.sh"), "# A comment.\n\n  # Another one.\necho half # of it\n");
after(() => rmSync(folder, { recursive: true }));

const kind: release.HostKind = { root: "/etc/x", folder, parts: ["half"], words: { one: "1", two: "it's" } };
const LONG = "öffentlich ".repeat(20);
const blueprint = (changes: Partial<release.Blueprint> = {}): release.Blueprint => ({
  kind,
  site: "main",
  probes: [
    { scheme: "https", port: 443, host: "a.example" },
    { scheme: "http", port: 80, host: "b.example" },
  ],
  files: ({ directory, hash, listen }) => [
    { path: "site.conf", readers: "all", content: `${directory} ${hash} ${listen.join(" ")}` },
    { path: "users", readers: "nginx", content: LONG },
    { path: "key.pem", readers: "root", content: "" },
  ],
  ...changes,
});

/** What goes to a host, up to the program. */
const data = (made: release.Release, owner = "shop/dev/main gw"): string => {
  const input = activationInput(made, owner);
  const program = release.program(made.kind);
  assert.ok(input.endsWith(`\n}\n${program}\nmain "$@"\n${END_MARK}`));
  return input.slice(0, input.indexOf(`\n${program}`));
};

/** What bash makes of the data: each file as it is put, and the variables. */
function inBash(text: string): string {
  const script = `put() { printf '%s|' "$@"; base64 -d; printf '\\n'; }
${text}
printf '%s|' "$site" "$owner" "$root" "\${#probes[@]}" "\${probes[@]}" "\${#listen[@]}" "\${listen[@]}" "$one" "$two"
echo; unpack`;
  const { stdout, stderr, status } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  assert.deepEqual([status, stderr], [0, ""]);
  return stdout;
}

describe("a release", () => {
  it("is named by what it says and by the addresses of the host, and knows its own place", () => {
    const made = makeRelease(blueprint(), ["192.0.2.4"]);
    assert.match(made.hash, /^[0-9a-f]{20}$/);
    assert.equal(made.files[0]?.content, `/etc/x/main/releases/${made.hash} ${made.hash} 192.0.2.4`);
    assert.equal(makeRelease(blueprint(), ["192.0.2.4"]).hash, made.hash);
    const files: release.Blueprint["files"] = (place) => blueprint().files(place);
    const readers: release.Blueprint["files"] = (place) =>
      files(place).map((file) => ({ ...file, readers: "all" as const }));
    const others = [
      makeRelease(blueprint()),
      makeRelease(blueprint({ site: "other" }), ["192.0.2.4"]),
      makeRelease(blueprint({ probes: [] }), ["192.0.2.4"]),
      makeRelease(blueprint({ files: readers }), ["192.0.2.4"]),
    ];
    assert.equal(new Set([made, ...others].map(({ hash }) => hash)).size, 5);
    const told = makeRelease(blueprint({ words: { two: "2" } }), ["192.0.2.4"]);
    assert.deepEqual([told.hash, told.words], [made.hash, { two: "2" }], "what hosts differ in is no part of its name");
    assert.deepEqual(made.words, {});
  });

  it("is kept beside its list, sorted by the sums, with mode and readers", () => {
    const sums = manifest(makeRelease(blueprint())).split("\n");
    assert.deepEqual(sums, [...sums.slice(0, -1)].sort().concat(""));
    assert.equal(
      sums.find((line) => line.endsWith("key.pem")),
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  0600 root key.pem",
    );
    assert.deepEqual(sums.map((line) => line.slice(66)).sort(), [
      "",
      "0600 root key.pem",
      "0640 nginx users",
      "0644 all site.conf",
    ]);
  });

  it("arrives in bash as it was, whatever is in it", () => {
    const made = makeRelease(blueprint({ words: { two: 'a "b" $c' } }), ["192.0.2.4", "2001:db8::4"]);
    const [words, ...rest] = inBash(data(made, "shop's $(dev) main")).split("\n");
    assert.equal(
      words,
      `main|shop's $(dev) main|/etc/x|2|https 443 a.example|http 80 b.example|2|192.0.2.4|2001:db8::4|1|a "b" $c|`,
    );
    const put = ({ path, readers, content }: release.ReleaseFile): string =>
      `${release.MODES[readers]}|${readers}|${path}|${content}\n`;
    const list: release.ReleaseFile = { path: "MANIFEST", readers: "all", content: manifest(made) };
    assert.equal(rest.join("\n"), [...made.files, list].map(put).join(""));
    assert.equal(
      inBash(data(makeRelease(blueprint({ probes: [] })))).split("\n")[0],
      "main|shop/dev/main gw|/etc/x|0|0|1|it's|",
    );
    for (const line of activationInput(made, "x").split("\n"))
      assert.ok(line.length < 1000, "no line is too long for a tool");
  });

  it("has the common half of the program first, and no comments", () => {
    const program = release.program(kind);
    assert.ok(program.endsWith("\necho half # of it"));
    assert.deepEqual(
      program.split("\n").filter((line) => /^\s*(#|$)/.test(line)),
      [],
    );
    assert.match(program, /^main\(\) \{$/m);
    assert.equal(release.program({ ...kind, parts: [] }), program, "it is read once");
  });

  it("is stopped at the first file that the host can't write", () => {
    const text = data(makeRelease(blueprint()));
    const script = `put() { echo "$3"; [ "$3" != users ]; }\n${text}\nunpack`;
    const { stdout, status } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
    assert.deepEqual([stdout, status], ["site.conf\nusers\n", 1]);
  });

  it("can be read again out of what went to a host", () => {
    const input = activationInput(makeRelease(blueprint()), "shop/dev/main gw");
    assert.deepEqual(
      ["site", "owner", "nothing"].map((name) => wordIn(input, name)),
      ["main", "shop/dev/main gw", ""],
    );
    assert.equal(fileIn(input, "users"), LONG);
    assert.equal(fileIn(input, "missing"), undefined);
  });
});

describe("the command that a host runs", () => {
  /** Runs it as a login shell would; the tests' user stands for root where there is no sudo. */
  const ran = (shell: string, input: string) =>
    spawnSync(shell, ["-c", release.remoteCommand("check")], {
      input,
      encoding: "utf8",
      env: { PATH: process.env["PATH"] ?? "", SSH_CONNECTION: "192.0.2.1 5 192.0.2.4 22" },
    });

  it("runs what has arrived whole, with the verb and the connection, and nothing of what was cut short", function () {
    if (process.getuid?.() !== 0) this.skip();
    const program = `echo "$0 says $*, 'quoted'"`;
    const whole = ran("sh", `${program}\n${END_MARK}`);
    assert.equal(whole.stdout, "private-registry says check 192.0.2.1 5 192.0.2.4 22, 'quoted'\n", whole.stderr);
    const cut = ran("bash", `${program}\n${END_MARK.slice(0, -1)}`);
    assert.deepEqual([cut.status, cut.stdout], [75, ""]);
    assert.match(
      cut.stderr,
      /^private-registry: the release arrived cut short, nothing was changed; run pulumi up again$/m,
    );
  });

  it("is one word in single quotes for any login shell, ends by itself and asks for no password", () => {
    const verbs: release.Verb[] = ["create", "update", "delete", "check", "revoke"];
    for (const verb of verbs) {
      const command = release.remoteCommand(verb);
      assert.match(command, /^sh -c '[^'!]*'$/);
      assert.match(command, new RegExp(` timeout -k 10 150 bash -c .* private-registry ${verb} `));
      assert.match(command, /sudo -n/);
    }
  });
});

describe("what a run says", () => {
  const line = "private-registry: done update main abc 1700000000";

  it("is that it has ended well, by its last line, for this site and release", () => {
    const at = (stdout: string, verbs: release.Verb[] = ["create", "update"], site = "main", hash = "abc") =>
      doneAt(stdout, verbs, site, hash);
    assert.equal(at(`hello\n${line}\n\n`), 1_700_000_000_000);
    for (const other of ["", `${line}\nmore`, `x${line}`, `${line}x`, line.replace("done", "did")])
      assert.equal(at(other), undefined, other);
    assert.deepEqual(
      [at(line, ["create"]), at(line, ["update"], "x"), at(line, ["update"], "main", "x")],
      [undefined, undefined, undefined],
    );
    assert.equal(at("private-registry: done revoke main  5", ["revoke"], "main", ""), 5000, "a run without a release");
  });

  it("is written as a host writes it where nothing runs", () => {
    const input = activationInput(makeRelease(blueprint()), "x");
    assert.equal(doneLine(input, "create", 1999), `private-registry: done create main ${wordIn(input, "release")} 1\n`);
    assert.equal(doneAt(doneLine(input, "create"), ["create"], "main", wordIn(input, "release")), 0);
  });

  it("is what it warns of, line by line", () => {
    const stdout =
      "hello\nprivate-registry: warning: one\n private-registry: warning: no\nprivate-registry: warning: two: x\n";
    assert.deepEqual(release.warningsIn(stdout), ["one", "two: x"]);
  });
});

describe("what takes passwords away from a host", () => {
  it("has the users' names, the sums of the lines that stay, and the program", () => {
    const input = revocationInput("main", ["alice", "it's"], ["bob:hash"]);
    assert.deepEqual(input.split("\n").slice(0, 4), [
      "site='main'",
      "revoked=('alice' 'it'\\''s')",
      'spared=" 41785e6645c315f4f22e7961f43a006fad82bdfc8cf058c1932d872db3b685d9 "',
      "root=/etc/nginx/private-registry",
    ]);
    assert.ok(input.endsWith(`\nmain "$@"\n${END_MARK}`));
    assert.match(revocationInput("main", ["alice"]), /^spared=" {2}"$/m);
  });
});
