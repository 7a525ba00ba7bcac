import assert from "node:assert/strict";
import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { installPlugins, neededPlugins, pluginsInstalled, removePlugins } from "../../lab/plugins";
import { watchEngine } from "../../lab/plugins/protocol/engine-watch";
import { Properties, propertiesFromWire, Secret, toWire, Unknown } from "../../lab/plugins/protocol/values";

const LOCAL = "urn:pulumi:dev::project::my:index:Parent$command:local:Command::greet";
const KEY = "urn:pulumi:dev::project::tls:index/privateKey:PrivateKey::key";

const struct = (properties: Properties): Struct =>
  Struct.fromJavaScript(toWire(properties) as Record<string, JavaScriptValue>);
const plain = (wire: Struct | undefined): Properties => propertiesFromWire(wire?.toJavaScript() ?? {});

/** Calls a method and waits for its answer. */
function ask<Response>(call: (done: grpc.requestCallback<Response>) => unknown): Promise<Response> {
  return new Promise((resolve, reject) =>
    call((error, response) => (error ? reject(error) : resolve(response as Response))),
  );
}

describe("plugins: what the engine sees of them", () => {
  const logged: LogRequest[] = [];
  const engine = new grpc.Server();
  const started: ChildProcess[] = [];
  let bin: string;
  let command: ResourceProviderClient;
  let tls: ResourceProviderClient;

  const startPlugin = async (name: string, engineAddress: string): Promise<ResourceProviderClient> => {
    const child = spawn(path.join(bin, `pulumi-resource-${name}`), [engineAddress], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    started.push(child);
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    return new ResourceProviderClient(`127.0.0.1:${line.toString().trim()}`, grpc.credentials.createInsecure());
  };

  before(async () => {
    bin = await mkdtemp(path.join(tmpdir(), "plugin-bin-"));
    await installPlugins(bin);
    engine.addService(EngineService, {
      log: (call: { request: LogRequest }, answer: grpc.sendUnaryData<Empty>) => {
        logged.push(call.request);
        // Slow on purpose: an answer must wait for its messages.
        setTimeout(() => answer(null, new Empty()), 50);
      },
    });
    const port = await new Promise<number>((resolve, reject) =>
      engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    [command, tls] = await Promise.all([
      startPlugin("command", `127.0.0.1:${port}`),
      startPlugin("tls", `127.0.0.1:${port}`),
    ]);
  });

  after(async () => {
    command?.close();
    tls?.close();
    for (const child of started) child.kill();
    engine.forceShutdown();
    await rm(bin, { recursive: true, force: true });
  });

  it("is executables on PATH that are replaced as a whole and can be removed", async () => {
    const other = await mkdtemp(path.join(tmpdir(), "plugin-bin-"));
    assert.equal(await pluginsInstalled(other), false);
    await installPlugins(other);
    await installPlugins(other);
    assert.equal(await pluginsInstalled(other), true);
    for (const { name } of neededPlugins) {
      const launcher = path.join(other, `pulumi-resource-${name}`);
      assert.equal((await stat(launcher)).mode & 0o777, 0o755);
      assert.match(await readFile(launcher, "utf8"), /stand-in/);
    }
    await removePlugins(other);
    assert.equal(await pluginsInstalled(other), false);
    await rm(other, { recursive: true });
  });

  it("ends when the engine has gone without a word", async () => {
    const engine = net.createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
    await once(engine, "listening");
    const { port } = engine.address() as net.AddressInfo;
    let gone = false;
    const ended = new Promise<void>((resolve) =>
      watchEngine(`127.0.0.1:${port}`, () => resolve(void (gone = true)), 20),
    );
    await sleep(100);
    assert.equal(gone, false);
    engine.close();
    await ended;
  });

  it("are the versions of the real ones that the packages ask for", async () => {
    for (const [client, name] of [
      [command, "command"],
      [tls, "tls"],
    ] as const) {
      const manifest = path.join(require.resolve(`@pulumi/${name}`), "../package.json");
      const { pulumi } = JSON.parse(await readFile(manifest, "utf8")) as { pulumi: { version: string } };
      const info = await ask<PluginInfo>((done) => client.getPluginInfo(new Empty(), done));
      assert.equal(info.getVersion(), pulumi.version);
    }
  });

  it("is that secrets and previews are theirs to handle", async () => {
    const response = await ask<messages.ConfigureResponse>((done) =>
      tls.configure(new messages.ConfigureRequest(), done),
    );
    assert.deepEqual([response.getAcceptsecrets(), response.getSupportspreview()], [true, true]);
  });

  it("in a preview is unknown outputs, secret where they will be, and nothing that happened", async () => {
    const request = new messages.CreateRequest()
      .setUrn(KEY)
      .setProperties(struct({ algorithm: "ED25519" }))
      .setPreview(true);
    const response = await ask<messages.CreateResponse>((done) => tls.create(request, done));
    assert.equal(response.getId(), "");
    const state = plain(response.getProperties());
    assert.deepEqual(state["privateKeyPem"], new Secret(Unknown.value));
    assert.deepEqual([state["publicKeyPem"], state["algorithm"]], [Unknown.value, "ED25519"]);
  });

  it("of a change is its paths in detail, and the properties to replace for", async () => {
    const [old, now] = [{ create: "a", triggers: [1] }, { create: "b" }];
    const request = new messages.DiffRequest().setUrn(LOCAL).setId("x");
    request
      .setOlds(struct({ ...old, stdout: "" }))
      .setOldInputs(struct(old))
      .setNews(struct(now));
    const response = await ask<messages.DiffResponse>((done) => command.diff(request, done));
    assert.equal(response.getChanges(), messages.DiffResponse.DiffChanges.DIFF_SOME);
    assert.deepEqual([response.getDiffsList(), response.getReplacesList()], [["create", "triggers"], ["triggers"]]);
    request.setIgnorechangesList(["create", "triggers"]);
    const ignoring = await ask<messages.DiffResponse>((done) => command.diff(request, done));
    assert.equal(ignoring.getChanges(), messages.DiffResponse.DiffChanges.DIFF_NONE);
  });

  it("of a run is its lines as passing messages before the answer, and its outputs", async () => {
    logged.length = 0;
    const request = new messages.CreateRequest().setUrn(LOCAL).setProperties(struct({ create: "echo one; echo two" }));
    const response = await ask<messages.CreateResponse>((done) => command.create(request, done));
    assert.equal(plain(response.getProperties())["stdout"], "one\ntwo");
    assert.deepEqual(
      logged.map((message) => [message.getUrn(), message.getMessage(), message.getEphemeral()]),
      [
        [LOCAL, "one", true],
        [LOCAL, "two", true],
      ],
    );
  });

  it("of a failure is only its message, without a stack", async () => {
    const request = new messages.CreateRequest().setUrn(LOCAL).setProperties(struct({ create: "exit 3" }));
    await assert.rejects(
      ask<messages.CreateResponse>((done) => command.create(request, done)),
      { details: 'exit status 3: running "exit 3":\n' },
    );
  });

  it("of a resource that isn't there is a word about the stand-in", async () => {
    const request = new messages.CheckRequest().setUrn(LOCAL.replace("Command", "Nothing")).setNews(struct({}));
    const details = "resource command:local:Nothing is not part of the lab's stand-in for the plugin command";
    await assert.rejects(
      ask<messages.CheckResponse>((done) => command.check(request, done)),
      { details },
    );
  });
});
