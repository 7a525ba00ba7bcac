import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { installExample, pack, type Packed } from "../support/packed";

const checkout = path.join(__dirname, "../..");

describe("the npm package", function () {
  this.timeout(300_000);
  let folder: string;
  let packed: Packed;
  const app = (...parts: string[]): string => path.join(folder, "app", ...parts);

  before("is packed, and installed into an empty project", async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "private-registry-package-"));
    packed = await pack(folder);
    await installExample(packed, app());
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  it("holds the compiled library and plugin, their scripts, and nothing else", () => {
    const sources = ["components", "provider"].flatMap((part) =>
      fs
        .readdirSync(path.join(checkout, part), { recursive: true, withFileTypes: true })
        .filter((file) => file.isFile())
        .map((file) => path.relative(checkout, path.join(file.parentPath, file.name))),
    );
    const compiled = sources
      .filter((file) => file !== "provider/main.js")
      .flatMap((file) => (file.endsWith(".ts") ? [file.replace(/ts$/, "js"), file.replace(/ts$/, "d.ts")] : [file]))
      .map((file) => `dist/${file}`);
    const texts = ["CHANGELOG.md", "LICENSE", "PulumiPlugin.yaml", "README.md", "package.json"];
    assert.deepEqual(packed.contents, [...compiled, ...texts, "provider/main.js"].sort());
    for (const half of ["hosts/activate/main.sh", "nginx/activate/site.sh", "nodes/activate/node.sh"]) {
      assert.ok(packed.contents.includes(`dist/components/${half}`), "which runs on the hosts");
    }
    assert.ok(packed.size < 500_000, `${packed.size} bytes`);
  });

  it("runs nothing when it is installed, and brings no second Pulumi", () => {
    const manifest = JSON.parse(fs.readFileSync(app("node_modules/private-registry/package.json"), "utf8")) as Record<
      string,
      Record<string, string>
    >;
    for (const member of ["scripts", "devDependencies", "overrides"]) assert.equal(manifest[member], undefined, member);
    assert.deepEqual(Object.keys(manifest["dependencies"] ?? {}), ["acme-client", "bcryptjs", "ssh2", "yaml"]);
    assert.ok(!fs.existsSync(app("node_modules/private-registry/node_modules/@pulumi")), "Pulumi is the program's own");
  });

  it("brings none of a checkout's tools", () => {
    const { packages } = JSON.parse(fs.readFileSync(app("package-lock.json"), "utf8")) as {
      packages: Record<string, { dev?: boolean }>;
    };
    const names = Object.entries(packages).flatMap(([name, { dev }]) => (name === "" || dev ? [] : [name]));
    assert.ok(names.length < 350, `${names.length} packages, most of them Pulumi's own`);
    for (const tool of ["mocha", "eslint", "@stryker-mutator/core", "prettier"]) {
      assert.ok(!names.includes(`node_modules/${tool}`), tool);
    }
  });

  it("fits the types of programs in strict TypeScript: the example, and README's", async () => {
    const readme = fs.readFileSync(path.join(checkout, "README.md"), "utf8");
    const programs = [...readme.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, program = ""]) => program);
    assert.ok(programs.length > 0);
    programs.forEach((program, index) => fs.writeFileSync(app(`readme-${index}.ts`), program));
    await execa(app("node_modules/.bin/tsc"), ["-p", "."], { cwd: app() });
  });

  it("starts as a plugin, and so does a checkout", async () => {
    assert.match(await firstWord(app("node_modules"), app("node_modules/private-registry")), /^\d+$/);
    assert.match(await firstWord(path.join(checkout, "node_modules"), checkout), /^\d+$/);
  });

  it("hashes passwords in threads, and ends", async () => {
    const compiled = app("node_modules/private-registry/dist/components/nginx/users/hashing.js");
    const script = `require(process.argv[1]).hashes(Array(4).fill({ password: "p", salt: "$2b$04$" + ".".repeat(22) }), 2)
      .then((made) => console.log(new Set(made).size, made[0].slice(0, 29)))`;
    const { stdout } = await execa(process.execPath, ["-e", script, compiled], { cwd: app(), timeout: 30_000 });
    assert.equal(stdout, `1 $2b$04$${".".repeat(22)}`);
  });

  it("runs under plain node, and sends hosts the program that activates a release", async () => {
    fs.copyFileSync(path.join(__dirname, "package-program.cjs"), app("program.cjs"));
    const { stdout } = await execa(process.execPath, ["program.cjs"], { cwd: app() });
    const seen = JSON.parse(stdout) as { types: string[]; stdin: string[]; deep: string };
    assert.ok(seen.types.includes("private-registry:index:PrivateRegistry"));
    assert.ok(seen.types.includes("pulumi-nodejs:dynamic/private-registry:AcmeChain"));
    assert.equal(seen.stdin.length, 2, "the responder's and the gateway's");
    for (const text of seen.stdin) assert.match(text, /^main "\$@"$/m);
    assert.equal(seen.deep, "ERR_PACKAGE_PATH_NOT_EXPORTED", "what is not public can't be imported");
  });
});

/**
 * Starts a folder's package the way Pulumi's Node host does, and resolves to what it says first: the port that it
 * serves on.
 */
async function firstWord(modules: string, folder: string): Promise<string> {
  const host = path.join(modules, "@pulumi/pulumi/cmd/run-plugin");
  const plugin = execa(process.execPath, [host, folder, "127.0.0.1:1"], { cwd: os.tmpdir(), reject: false });
  const ended = plugin.then(({ stderr }) => `nothing but: ${stderr}`);
  const said = new Promise<string>((resolve) =>
    plugin.stdout.once("data", (data: Buffer) => resolve(String(data).trim())),
  );
  const word = await Promise.race([said, ended]);
  plugin.kill();
  await ended;
  return word;
}

describe("the example in a checkout", function () {
  this.timeout(120_000);

  it("fits the types", async () => {
    await execa(path.join(checkout, "node_modules/.bin/tsc"), ["-p", "examples/relative"], { cwd: checkout });
  });
});
