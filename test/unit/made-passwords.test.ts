import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { PrivateRegistry, type UserArgs, UserRole } from "../../components";
import { fileOf } from "../../rig/gateway/fixture";
import { answer as certificates, smallest } from "../support/contract";
import { isSecret, type Run, underMocks, UNKNOWN, valueOf } from "../../rig/pulumi/mocks";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const privateKeyPem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
/** The stack's keys are the same in every run, as they are in a stack's state. */
const answer = (type: string) => (type.endsWith("PrivateKey") ? { privateKeyPem } : certificates(type));

const registry = (users: UserArgs[], preview = false, bcryptCost = 4): Promise<Run<PrivateRegistry>> =>
  underMocks(() => new PrivateRegistry("main", { ...smallest, access: { bcryptCost }, users }), {
    preview,
    answer,
  });

async function passwords(users: UserArgs[]): Promise<Record<string, string>> {
  const configs = await valueOf((await registry(users)).result.dockerConfigs);
  return Object.fromEntries(
    Object.entries(configs).map(([user, text]) => {
      const { auths } = JSON.parse(text) as { auths: Record<string, { password: string }> };
      return [user, auths["registry.example.com"]?.password ?? ""];
    }),
  );
}

describe("a user without a password", () => {
  const ci = { name: "ci", role: UserRole.Push };
  const dev = { name: "dev", role: UserRole.Pull };

  it("gets one of 256 bits, the same in every run, and different from every other user's", async () => {
    const first = await passwords([ci, dev]);
    assert.match(first["ci"] ?? "", /^[A-Za-z0-9_-]{43}$/);
    assert.notEqual(first["ci"], first["dev"]);
    assert.deepEqual(await passwords([ci, dev]), first);
    assert.equal((await passwords([dev]))["dev"], first["dev"], "other users change nothing");
  });

  it("gets another one for another generation, and the others keep theirs", async () => {
    const first = await passwords([ci, dev]);
    const next = await passwords([{ ...ci, generation: "2" }, dev]);
    assert.notEqual(next["ci"], first["ci"]);
    assert.equal(next["dev"], first["dev"]);
    assert.notEqual((await passwords([{ ...ci, generation: "3" }]))["ci"], next["ci"]);
  });

  it("may use the registry by it: the gateway has its hash, and the outputs keep it secret", async () => {
    const run = await registry([ci]);
    const { inputs, secrets } = run.one("Command", "main-gateway-192-0-2-1");
    assert.match(fileOf(inputs["stdin"], "users"), /^ci:\$2y\$04\$/);
    assert.ok(secrets.includes("stdin"));
    assert.ok(await isSecret(run.result.dockerConfigs));
    const kept = new Set(run.one("PrivateKey", "main-password-key").options.secretOutputs);
    assert.deepEqual([...kept].sort(), ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"]);
  });

  it("has a quick hash, since nobody guesses it, and a password that a person has chosen has not", async () => {
    const run = await registry([ci, { ...dev, password: "x" }], false, 5);
    const stdin = run.one("Command", "main-gateway-192-0-2-1").inputs["stdin"];
    assert.match(fileOf(stdin, "made-users"), /^ci:\$2y\$04\$/);
    assert.match(fileOf(stdin, "users"), /^dev:\$2y\$05\$/);
  });

  it("leaves a stack where all have one as it was", async () => {
    const run = await registry([{ ...ci, password: "x" }]);
    assert.ok(run.all("PrivateKey").every((each) => each.name !== "main-password-key"));
  });

  it("is no error in the first preview, where the key is not known", async () => {
    const run = await registry([ci], true);
    assert.equal(run.one("Command", "main-gateway-192-0-2-1").inputs["stdin"], UNKNOWN);
  });

  it("can't have a generation beside a password of its own", async () => {
    await assert.rejects(
      registry([{ ...ci, password: "x", generation: "2" }, dev]),
      /PrivateRegistry "main": 1 setting is not right\n {2}- users\[0\]\.generation must be left out beside a password/,
    );
  });
});
