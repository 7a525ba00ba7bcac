import assert from "node:assert/strict";
import * as path from "node:path";
import { hashSync } from "bcryptjs";
import { execa } from "execa";
import { hashes, threadsFor } from "../../components/nginx/users/hashing";
import { inThreads } from "../../components/nginx/users/threads";
import { htpasswd, saltOf } from "../../components/nginx/users/users";

const salted = (count: number, cost: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => ({
    password: `päss ${index}`,
    salt: saltOf(Buffer.alloc(16, index), cost(index)),
  }));

describe("the hashing of passwords", () => {
  it("makes the same hashes in the same order with any number of threads, slow ones before quick ones", async () => {
    const passwords = salted(9, (index) => (index % 3 === 0 ? 7 : 4));
    const expected = passwords.map(({ password, salt }) => hashSync(password, salt));
    for (const threads of [0, 1, 2, 3, 12]) assert.deepEqual(await hashes(passwords, threads), expected, `${threads}`);
  });

  it("takes a thread for each core where there is enough to do, and none for a few passwords", () => {
    const threads = (count: number, cost: number, cores: number) =>
      threadsFor(
        salted(count, () => cost),
        cores,
      );
    assert.ok(threads(0, 10, 8) < 2, "nobody");
    assert.ok(threads(4, 10, 8) < 2, "a few users");
    assert.ok(threads(100, 4, 8) < 2, "many quick hashes");
    assert.equal(threads(8, 10, 8), 2);
    assert.equal(threads(1000, 10, 8), 8);
    assert.equal(threads(1000, 10, 1), 1, "one core");
    assert.equal(threads(3, 14, 8), 3, "one password is not divided");
  });

  it("writes the user file of many line by line as for each of them, and keeps the lines that are known", async () => {
    const cost = 8;
    const users = Array.from({ length: 34 }, (_, index) => ({ name: `u${index}`, password: `p${index}` }));
    const fresh = salted(users.length - 1, () => cost);
    assert.equal(threadsFor(fresh, 2), 2, "enough for two threads");
    const known = new Map([["u3", "u3:known"]]);
    const lines = (await htpasswd(users, "r", cost, known)).split("\n");
    const each = await Promise.all(users.map(async (user) => (await htpasswd([user], "r", cost)).split("\n")));
    const expected = each.map(([line], index) => (index === 3 ? "u3:known" : line));
    assert.deepEqual(lines, [...expected, ...(each[0] ?? []).slice(1)]);
  });

  it("says that a thread failed, how many were wanted and what to do, and no password", async () => {
    const passwords = [...salted(3, () => 4), { password: "hunter2", salt: "$2b$04$short" }];
    await assert.rejects(hashes(passwords, 2), ({ message }: Error) => {
      assert.match(message, /^4 passwords of users were to be hashed in 2 threads, which failed: Illegal salt length/);
      assert.match(message, /ulimit -u/);
      assert.ok(!message.includes("hunter2"));
      return true;
    });
  });
});

describe("work in threads", () => {
  const program = (onMessage: string, data?: unknown) => ({
    text: `const { parentPort, workerData } = require("node:worker_threads");
      parentPort.on("message", (task) => { ${onMessage} });`,
    data,
  });

  it("hands a thread its tasks, and nothing of this process's environment and options", async () => {
    const show = program("parentPort.postMessage([task, workerData, process.env, process.execArgv, process.argv[2]])");
    process.env["OF_THIS_PROCESS"] = "yes";
    try {
      const [seen] = await inThreads({ ...show, data: "data" }, ["task"], 1);
      assert.deepEqual(seen, ["task", "data", {}, [], undefined]);
    } finally {
      delete process.env["OF_THIS_PROCESS"];
    }
  });

  it("fails if a thread ends early, can't load its program or throws, whatever the others do", async () => {
    const early = program("task === 5 ? process.exit(3) : parentPort.postMessage(task)");
    await assert.rejects(inThreads(early, [1, 2, 5, 4], 2), /a thread ended with code 3 before its work was done/);
    await assert.rejects(inThreads({ text: 'require("not-there")' }, [1, 2], 2), /Cannot find module 'not-there'/);
    const never = program('if (task === 1) throw new Error("no more");');
    await assert.rejects(inThreads(never, [0, 1], 2), /no more/);
  });

  it("lets the process end, after a failure too, as a program run from source", async () => {
    const script = `
      const { hashes } = require(${JSON.stringify(path.join(__dirname, "../../components/nginx/users/hashing"))});
      const passwords = Array.from({ length: 6 }, () => ({ password: "p", salt: "$2b$04$" + "a".repeat(21) + "e" }));
      hashes(passwords, 2)
        .then((made) => console.log(made.length, made[0].slice(0, 7)))
        .then(() => hashes([{ password: "p", salt: "" }, ...passwords], 2))
        .catch(({ message }) => console.log(message.split(";")[0]));`;
    const nodeOptions = ["-r", "ts-node/register/transpile-only"];
    const { stdout } = await execa(process.execPath, [...nodeOptions, "-e", script], { timeout: 15_000 });
    const failed = "7 passwords of users were to be hashed in 2 threads, which failed: Invalid salt version:";
    assert.match(stdout, new RegExp(`^6 \\$2b\\$04\\$\\n${failed}`));
  });
});
