import assert from "node:assert/strict";
import { compare } from "bcryptjs";
import { create, diff, update, type UserFileInputs } from "../../components/nginx/users/user-file-life";
import { htpasswd } from "../../components/nginx/users/users";

const users = [
  { name: "alice", password: "open sesame" },
  { name: "bob", password: "open sesame" },
];

describe("the user file", () => {
  it("has for the same users the same lines in every version, so that an update changes none", async () => {
    assert.deepEqual((await htpasswd(users, "registry.example.com", 4)).split("\n"), [
      "alice:$2y$04$O7HxNvAnPCM6mCqm5q.UaeKkbn81T889lLhZEdN/XWTCffk55dOHe",
      "bob:$2y$04$.aEK4l3tEMsXxekFmE9Zk.KMHSO8fdyKzbR2kx0j087PH3hC.nivq",
      ".nobody:$2y$04$7KbIDxab/f4Pj13R6600q.L.tij1gqFveFpu49PhgnMwwnj8NA6Aa",
      "",
    ]);
  });

  it("has hashes of the passwords at the cost that is set, and for the stand-in one that fits none", async () => {
    const lines = (await htpasswd(users, "registry.example.com", 5)).trim().split("\n");
    const hashes = lines.map((line) => line.slice(line.indexOf(":") + 1));
    for (const hash of hashes) assert.match(hash, /^\$2y\$05\$[./A-Za-z0-9]{53}$/);
    const fit = hashes.map((hash) => compare("open sesame", hash.replace("$2y$", "$2b$")));
    assert.deepEqual(await Promise.all(fit), [true, true, false]);
    assert.equal(new Set(hashes.map((hash) => hash.slice(0, 29))).size, 3, "a salt each");
  });

  it("keeps the lines that are known", async () => {
    const known = new Map([["bob", "bob:known"]]);
    const [alice, bob, decoy, end] = (await htpasswd(users, "r", 4, known)).split("\n");
    const fresh = (await htpasswd(users, "r", 4)).split("\n");
    assert.deepEqual([alice, bob, decoy, end], [fresh[0], "bob:known", fresh[2], ""]);
  });
});

describe("the resource of a user file", () => {
  const inputs: UserFileInputs = { realm: "r", cost: 4, users };

  it("has one id, and remembers nothing beyond what its file is made of", async () => {
    const more = { ...inputs, __provider: "code", users: users.map((each) => ({ ...each, role: "pull" })) };
    const { id, outs } = await create(more);
    assert.equal(id, "users");
    assert.deepEqual(outs, { ...inputs, file: await htpasswd(users, "r", 4) });
    assert.equal(diff("users", outs, more).changes, false);
  });

  it("hashes again whom the file has lost, and whose password has changed", async () => {
    const { outs: olds } = await create(inputs);
    const { outs: lost } = await update("users", { ...olds, file: olds.file.replace(/^alice:.*\n/, "") }, inputs);
    assert.equal(lost.file, olds.file);
    const changed = [{ name: "alice", password: "x" }, ...users.slice(1)];
    const marked = { ...olds, file: olds.file.replace(/^bob:.*$/m, "bob:kept") };
    const { outs } = await update("users", marked, { ...inputs, users: changed });
    assert.deepEqual(outs.file.split("\n"), [
      (await htpasswd(changed, "r", 4)).split("\n")[0],
      "bob:kept",
      ...olds.file.split("\n").slice(2),
    ]);
  });
});
