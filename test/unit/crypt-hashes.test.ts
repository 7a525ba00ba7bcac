import assert from "node:assert/strict";
import { htpasswdLine, passwordHash, readHash } from "../../components/nginx/users/crypt-hashes";
import { create, diff, update, type UserFileInputs } from "../../components/nginx/users/user-file-life";
import { byTime, DECOY, hashesOf, htpasswd } from "../../components/nginx/users/users";

/** Made by `htpasswd` and by `openssl passwd` of the password "open sesame". */
const BCRYPT_5 = "$2y$05$mcdbz0y7Y4B1/Isz2QfK5uK4LVs9GjQeKBO/BPmeZ9RNIoZJfUQ9.";
const SHA256 = "$5$salt$h.UKKrOh4IWVMOuLTQ.9nDSOOlTM10WXV2ZA7zyHHb9";
const SHA512 = `$6$rounds=100000$saltsalt$${"a".repeat(86)}`;
const APR1 = `$apr1$saltsalt$${"b".repeat(22)}`;

/** Texts that are not taken, and what is said of them. */
const REFUSED: [string, RegExp][] = [
  ["open sesame", /another form/],
  [`alice:${APR1.slice(0, -1)}`, /apr1 that is cut short/],
  [`${APR1}x`, /apr1/],
  [BCRYPT_5.replace("05", "15"), /of another cost/],
  [BCRYPT_5.slice(0, -2), /cut short/],
  [BCRYPT_5.replace("2y", "2x"), /a known fault/],
  [SHA256.slice(0, -1), /SHA-crypt that is cut short/],
  [SHA512.replace("100000", "999"), /other rounds/],
  [SHA512.replace("100000", "5000000"), /other rounds/],
  [`$1$saltsalt$${"b".repeat(22)}`, /MD5-crypt/],
  ["$y$j9T$salt$hash", /yescrypt/],
  ["$argon2id$v=19$m=65536$salt$hash", /Argon2/],
  ["{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", /without rounds/],
  ["rqXexS6ZhobKA", /DES/],
];

describe("a password's hash that is given", () => {
  it("is taken by itself, as a line of an htpasswd file, with a comment, and with the end of a line", () => {
    for (const given of [APR1, `alice:${APR1}`, `alice:${APR1}:of the shop`, ` alice:${APR1}\n`]) {
      assert.equal(passwordHash(given), undefined, given);
      assert.equal(readHash(given)?.hash, APR1);
    }
    assert.equal(htpasswdLine(`alice:${APR1}`).name, "alice");
    assert.equal(htpasswdLine(APR1).name, undefined);
  });

  it("is of bcrypt, SHA-crypt or apr1; how long it takes to compare and what is weak is known", () => {
    const facts = [BCRYPT_5, BCRYPT_5.replace("05", "12"), SHA256, SHA512, APR1].map((text) => {
      const { kind, cost, weakness } = readHash(text) ?? {};
      return [kind, cost, weakness];
    });
    assert.deepEqual(facts, [
      [undefined, 5, "bcrypt of cost 5"],
      [undefined, 12, undefined],
      ["SHA-256-crypt", 5, "SHA-256-crypt of 5000 rounds"],
      ["SHA-512-crypt", 10, undefined],
      [undefined, 4, "apr1"],
    ]);
  });

  it("is taken at both ends of what is allowed, and strong from cost 10 and 100000 rounds on", () => {
    const cost = (digits: string) => readHash(BCRYPT_5.replace("05", digits));
    const rounds = (number: string) => readHash(SHA512.replace("100000", number));
    assert.deepEqual([cost("04")?.cost, cost("14")?.cost, cost("03"), cost("00")], [4, 14, undefined, undefined]);
    assert.deepEqual([cost("09")?.weakness, cost("10")?.weakness], ["bcrypt of cost 9", undefined]);
    assert.equal(rounds("1000")?.weakness, "SHA-512-crypt of 1000 rounds");
    assert.deepEqual([rounds("1000000")?.cost, rounds("1000000")?.weakness], [13, undefined]);
    assert.equal(rounds("99999")?.weakness, "SHA-512-crypt of 99999 rounds");
  });

  it("of bcrypt is one hash by all three of its names", () => {
    for (const name of ["2a", "2b", "2y"]) assert.equal(readHash(BCRYPT_5.replace("2y", name))?.hash, BCRYPT_5);
  });

  it("of any other form is refused for what it is, and never shown", () => {
    for (const [given, reason] of REFUSED) {
      const { expected, got = "" } = passwordHash(given) ?? { expected: "" };
      assert.match(got, reason, given);
      assert.match(expected, /^a hash of bcrypt \(cost 4-14\), SHA-crypt .* or apr1, or the user's whole line/);
      assert.ok(!got.includes(given.slice(-8)), given);
    }
  });

  it("is told by how it begins and ends: with anything before it or behind it, it is none", () => {
    const said = (given: string): string => passwordHash(given)?.got ?? "";
    for (const [given] of REFUSED.filter(([text]) => !text.includes(":"))) {
      assert.match(said(`?${given}`), /another form/, given);
    }
    for (const good of [BCRYPT_5, SHA256, SHA512, APR1]) {
      assert.match(said(`x${good}`), /another form/, "a hash with something before it");
      assert.match(said(`${good}?`), /cut short/, "a hash with something behind it");
    }
    assert.match(said("rqXexS6ZhobKA."), /another form/, "longer than DES crypt's");
  });
});

describe("a user file with hashes that were given", () => {
  const alice = { name: "alice", password: "", hash: APR1 };
  const bob = { name: "bob", password: "", hash: SHA512 };
  const carol = { name: "carol", password: "", hash: SHA512.replace(/a/g, "c") };
  const robot = { name: "robot", password: "made", made: true };

  it("has them as they are, between the others, and a decoy of the kind that most of them have", async () => {
    const lines = (await htpasswd([alice, robot, bob, carol], "r", 10)).split("\n");
    assert.deepEqual([lines[0], lines[2], lines[3]], [`alice:${APR1}`, `bob:${SHA512}`, `carol:${carol.hash}`]);
    assert.match(lines[4] ?? "", /^\.nobody:\$2y\$04\$/, "for those that the stack has made");
    const decoy = lines[5] ?? "";
    assert.match(decoy, /^\.nobody:\$6\$rounds=100000\$[0-9a-f]{8}\$[0-9a-f]{86}$/);
    assert.equal(readHash(decoy)?.cost, readHash(SHA512)?.cost);
    assert.deepEqual((await htpasswd([bob], "r", 10)).split("\n")[1], decoy, "the same in every run");
  });

  it("has a decoy that the registry's name makes, the same in every version, for those of apr1 too", async () => {
    const decoy = async (realm: string) => (await htpasswd([alice], realm, 10)).split("\n")[1];
    assert.equal(await decoy("r"), ".nobody:$apr1$3af9771b$c007d2a0190ae1dcb65167");
    assert.notEqual(await decoy("other"), await decoy("r"));
  });

  it("has a decoy of bcrypt where most passwords are the stack's own business", async () => {
    const users = [alice, { name: "dave", password: "x" }, { name: "erin", password: "y" }];
    const decoys = (await htpasswd(users, "r", 5)).split("\n").filter((line) => line.startsWith(DECOY));
    assert.equal(decoys.length, 1);
    assert.match(decoys[0] ?? "", /^\.nobody:\$2y\$05\$/);
  });

  it("is split by time as its facts say, whatever the mix", async () => {
    const people = [alice, bob, robot, { name: "dave", password: "x" }, { name: "erin", password: "", hash: BCRYPT_5 }];
    const cheap = { name: "finn", password: "", hash: BCRYPT_5.replace("05", "04") };
    for (let mask = 0; mask < 64; mask++) {
      const users = [...people, cheap].filter((_, index) => mask & (1 << index));
      const brought = users.map((user) => ("hash" in user ? readHash(String(user.hash)) : undefined));
      for (const cost of [4, 5]) {
        const made = users.map((user) => "made" in user);
        const { quick, slow } = byTime(await htpasswd(users, "r", cost));
        const { quickHashes, slowCost } = hashesOf(made, cost, brought);
        assert.deepEqual([quickHashes, slowCost !== undefined], [quick.length > 0, slow.length > 0], `${mask} ${cost}`);
        const costs = slow.map((line) => readHash(line)?.cost ?? 0);
        if (slowCost !== undefined) assert.equal(slowCost, Math.max(...costs));
        for (const part of [quick, slow]) {
          const decoys = part.filter((line) => line.startsWith(DECOY)).length;
          assert.equal(decoys, part.length === 0 ? 0 : 1, `${mask} ${cost}`);
        }
      }
    }
  });

  const inputs: UserFileInputs = { realm: "r", cost: 4, users: [alice, robot] };

  it("is remembered with them, and changes with them", async () => {
    const { outs } = await create(inputs);
    assert.equal(diff("users", outs, inputs).changes, false);
    const changed = { ...inputs, users: [{ ...alice, hash: SHA256 }, robot] };
    assert.equal(diff("users", outs, changed).changes, true);
    const { outs: next } = await update("users", outs, changed);
    assert.match(next.file, /^alice:\$5\$salt\$/);
    assert.deepEqual(next.left, ["alice"], "the former password is to end");
    const { outs: own } = await update("users", next, { ...inputs, users: [{ name: "alice", password: "x" }, robot] });
    assert.match(own.file, /^alice:\$2y\$04\$/);
    assert.deepEqual(own.left, ["alice"]);
  });
});
