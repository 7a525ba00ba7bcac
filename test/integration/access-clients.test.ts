import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { ensurePrograms } from "../../lab/programs";
import { certificates } from "../../rig/gateway/fixture";
import { GatewayOnRegistry, PEOPLE } from "../../rig/gateway/on-registry";
import { needHost, until } from "../../rig/hosts/nginx-host";
import { version2 } from "../../rig/registry/process";

const passwords = new Map(PEOPLE.map(({ name, password }) => [name, password]));
const DEV = "dev+1@team.example";

describe("real clients and rights for repositories", function () {
  this.timeout(240_000);
  let site: GatewayOnRegistry;
  let crane: string;
  let folder: string;

  before(async function () {
    needHost(this);
    site = await GatewayOnRegistry.start(version2);
    crane = (await ensurePrograms(["crane"], () => undefined)).crane;
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "access-clients-"));
    fs.writeFileSync(path.join(folder, "ca.crt"), certificates().ca.cert);
  });
  after(async () => {
    await site?.stop();
    if (folder) fs.rmSync(folder, { recursive: true, force: true });
  });

  interface Ended {
    code: number;
    all: string;
  }

  /** Runs a client with the credentials of one user, or none. */
  async function run(who: string, program: string, ...args: string[]): Promise<Ended> {
    const home = path.join(folder, who);
    fs.mkdirSync(home, { recursive: true });
    const file = path.join(home, "config.json");
    const auth = Buffer.from(`${who}:${passwords.get(who)}`).toString("base64");
    fs.writeFileSync(file, JSON.stringify({ auths: passwords.has(who) ? { [site.name]: { auth } } : {} }));
    const env = {
      HOME: home,
      DOCKER_CONFIG: home,
      REGISTRY_AUTH_FILE: file,
      SSL_CERT_FILE: path.join(folder, "ca.crt"),
      XDG_DATA_HOME: home,
    };
    const [first = "", ...rest] = [...(await site.here()), program, ...args];
    const ended = await execa(first, rest, { env, reject: false, all: true, timeout: 60_000 });
    return { code: ended.exitCode ?? 128, all: ended.all };
  }

  async function works(who: string, program: string, ...args: string[]): Promise<string> {
    const { code, all } = await run(who, program, ...args);
    assert.equal(code, 0, `${who}: ${program} ${args.join(" ")}: ${all}`);
    return all;
  }

  async function fails(who: string, program: string, ...args: string[]): Promise<void> {
    const { code, all } = await run(who, program, ...args);
    assert.notEqual(code, 0, `${who}: ${program} ${args.join(" ")}: ${all}`);
    assert.match(all, /unauthorized|denied|forbidden|invalid username|401|403/i);
  }

  const named = (repository: string): string => `${site.name}/${repository}:1`;

  it("crane pulls without a login what is open, and by login what is the user's", async () => {
    const pull = (who: string, repository: string) =>
      [who, crane, "pull", named(repository), `${folder}/image.tar`] as const;
    await works(...pull("anonymous", "open/tool"));
    await works(...pull(DEV, "open/tool"));
    await works(...pull(DEV, "team/app/web"));
    await works(...pull("reader", "secret/app"));
    await fails(...pull("anonymous", "team/app"));
    await fails(...pull(DEV, "secret/app"));
  });

  it("crane pushes to the user's repositories, with blobs of those that the user reads", async () => {
    await works(DEV, crane, "copy", named("base/os"), named("team/from-base"));
    await works("mixed", crane, "copy", named("teams/app"), named("team/app"));
    await fails(DEV, crane, "copy", named("base/os"), named("base/new"));
    await fails("anonymous", crane, "copy", named("open/tool"), named("open/new"));
    await fails("reader", crane, "copy", named("open/tool"), named("open/new"));
  });

  it("crane logs in", async () => {
    const login = (password: string) =>
      ["nobody", crane, "auth", "login", site.name, "-u", DEV, "-p", password] as const;
    await works(...login(passwords.get(DEV) ?? ""));
    await works(DEV, crane, "ls", `${site.name}/team/app`);
    await fails(DEV, crane, "catalog", site.name);
    assert.match(await works("reader", crane, "catalog", site.name), /secret\/app/);
  });

  it("skopeo logs in, pulls without a login what is open, and pushes", async () => {
    await works("nobody", "skopeo", "login", "-u", DEV, "-p", passwords.get(DEV) ?? "", site.name);
    await fails("nobody", "skopeo", "login", "-u", DEV, "-p", "wrong", site.name);
    await works("anonymous", "skopeo", "inspect", `docker://${named("open/tool")}`);
    await works("anonymous", "skopeo", "copy", `docker://${named("tools")}`, `dir:${folder}/tools`);
    await fails("anonymous", "skopeo", "inspect", `docker://${named("team/app")}`);
    await works(DEV, "skopeo", "copy", `dir:${folder}/tools`, `docker://${named("team/tools")}`);
    await fails(DEV, "skopeo", "copy", `dir:${folder}/tools`, `docker://${named("other")}`);
  });

  it("a push lives through a mount that is left out", async () => {
    await works("admin", "skopeo", "copy", `docker://${named("secret/app")}`, `dir:${folder}/secret`);
    fs.cpSync(path.join(folder, "admin"), path.join(folder, DEV), { recursive: true });
    const said = await works(
      DEV,
      "skopeo",
      "--debug",
      "copy",
      `dir:${folder}/secret`,
      `docker://${named("team/secret")}`,
    );
    assert.match(said, /Trying to reuse cached location .*secret\/app/);
    assert.match(said, /PATCH|PUT \S+uploads/);
  });

  it("containerd pulls without a login what is open, and by login what is the user's", async () => {
    const socket = path.join(folder, "containerd.sock");
    const config = path.join(folder, "containerd.toml");
    fs.writeFileSync(
      config,
      `version = 2\nroot = "${folder}/root"\nstate = "${folder}/state"\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\naddress = "${socket}"\n`,
    );
    const daemon = execa("containerd", ["--config", config], { reject: false, all: true });
    try {
      await until("containerd listens", () => Promise.resolve(fs.existsSync(socket)), 20);
      const fetch = (who: string, repository: string) => {
        const user = passwords.has(who) ? ["--user", `${who}:${passwords.get(who)}`] : [];
        const ca = ["--tlscacert", path.join(folder, "ca.crt")];
        return [who, "ctr", "--address", socket, "content", "fetch", ...ca, ...user, named(repository)] as const;
      };
      await works(...fetch("anonymous", "open/tool"));
      await works(...fetch(DEV, "open/tool"));
      await works(...fetch(DEV, "team/app"));
      await works(...fetch("reader", "secret/app"));
      await fails(...fetch("anonymous", "team/app"));
      await fails(...fetch(DEV, "secret/app"));
      const push = [
        "images",
        "push",
        "--http-dump",
        "--tlscacert",
        path.join(folder, "ca.crt"),
        "--user",
        `${DEV}:${passwords.get(DEV)}`,
      ];
      const said = await works(
        DEV,
        "ctr",
        "--debug",
        "--address",
        socket,
        ...push,
        named("team/ctr"),
        named("secret/app"),
      );
      assert.match(said, /POST \/v2\/team\/ctr\/blobs\/uploads\/\?mount=sha256:\w+&from=secret\/app/);
    } finally {
      daemon.kill("SIGTERM");
      await daemon;
    }
  });

  it("without open repositories the clients work by Basic, with the same rights", async () => {
    await site.put({ anonymousPull: [] });
    await works(DEV, crane, "copy", named("base/os"), named("team/basic"));
    await works(DEV, "skopeo", "inspect", `docker://${named("team/basic")}`);
    await fails(DEV, crane, "manifest", named("secret/app"));
    await fails("anonymous", crane, "manifest", named("open/tool"));
    await site.put();
  });
});
