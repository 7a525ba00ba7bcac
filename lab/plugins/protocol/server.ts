import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { PluginAttach, PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { EngineLog, Messages } from "./engine-log";
import { watchEngine } from "./engine-watch";
import { Call, ChangeKind, Changes, Doing, Failure, Plugin, ResourceType } from "./resource";
import { hasUnknown, Properties, propertiesFromWire, toWire } from "./values";

/** Like the SDK's own: secrets and states may be large. */
const OPTIONS = { "grpc.max_receive_message_length": 400 * 1024 * 1024, "grpc.max_send_message_length": -1 };

/**
 * Serves a plugin to the engine and prints the port, as the plugin protocol wants it.
 *
 * It stands on the SDK's protocol messages rather than on `@pulumi/pulumi/provider`: that server has no previews
 * (everything is unknown in one), no detailed diffs, no status messages and no cancellation, which the real plugins
 * have; and loading only the messages takes half the time.
 *
 * @param engineAddress Where the engine listens, for log messages: the plugin's first argument.
 */
export async function serve(plugin: Plugin, engineAddress: string | undefined): Promise<void> {
  const server = new grpc.Server(OPTIONS);
  server.addService(ResourceProviderService, handlers(plugin, new EngineLog(engineAddress)));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  process.stdout.write(`${port}\n`);
  watchEngine(engineAddress, () => process.exit(0));
}

type Handler = (request: never) => Promise<unknown>;

/** The handlers by method name; what the service has beyond these answers UNIMPLEMENTED. */
export function handlers(plugin: Plugin, log: Messages): grpc.UntypedServiceImplementation {
  const cancelled = new AbortController();
  const call = (urn: string): Call => ({
    name: urn.split("::").at(-1) ?? urn,
    log: log.of(urn),
    cancelled: cancelled.signal,
  });
  const doing = (urn: string, preview: boolean): Doing => ({ ...call(urn), preview });
  const methods: Record<string, Handler> = {
    ...housekeeping(plugin, log, cancelled),
    ...judging(plugin, call),
    ...working(plugin, call, doing),
  };
  const missing = Object.keys(ResourceProviderService).filter((method) => !(method in methods));
  return {
    ...Object.fromEntries(Object.entries(methods).map(([method, handler]) => [method, unary(handler, log)])),
    ...Object.fromEntries(missing.map((method) => [method, method === "list" ? noStream : unimplemented(method)])),
  };
}

function housekeeping(plugin: Plugin, log: Messages, cancelled: AbortController): Record<string, Handler> {
  return {
    getPluginInfo: () => Promise.resolve(new PluginInfo().setVersion(plugin.version)),
    attach: (request: PluginAttach) => {
      log.attach(request.getAddress());
      return Promise.resolve(new Empty());
    },
    configure: () => Promise.resolve(new messages.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true)),
    checkConfig: (request: messages.CheckRequest) =>
      Promise.resolve(new messages.CheckResponse().setInputs(request.getNews())),
    diffConfig: () => Promise.resolve(new messages.DiffResponse()),
    getSchema: () =>
      Promise.resolve(
        new messages.GetSchemaResponse().setSchema(JSON.stringify({ name: plugin.name, version: plugin.version })),
      ),
    cancel: () => {
      cancelled.abort();
      return Promise.resolve(new Empty());
    },
  };
}

function judging(plugin: Plugin, call: (urn: string) => Call): Record<string, Handler> {
  return {
    check: (request: messages.CheckRequest) => {
      const type = typeOf(plugin, request.getUrn());
      const { inputs, failures } = type.check(read(request.getNews()), call(request.getUrn()));
      return Promise.resolve(new messages.CheckResponse().setInputs(write(inputs)).setFailuresList(wire(failures)));
    },
    diff: (request: messages.DiffRequest) => {
      const [state, inputs] = [read(request.getOlds()), read(request.getNews())];
      for (const ignored of request.getIgnorechangesList()) {
        if (state[ignored] !== undefined) inputs[ignored] = state[ignored];
      }
      const oldInputs = request.getOldInputs();
      const changes = typeOf(plugin, request.getUrn()).diff(state, oldInputs && read(oldInputs), inputs);
      return Promise.resolve(diffResponse(changes));
    },
    read: (request: messages.ReadRequest) => {
      const state = read(request.getProperties());
      const found = typeOf(plugin, request.getUrn()).read?.(state) ?? state;
      return Promise.resolve(
        new messages.ReadResponse().setId(request.getId()).setProperties(write(found)).setInputs(request.getInputs()),
      );
    },
  };
}

function working(
  plugin: Plugin,
  call: (urn: string) => Call,
  doing: (urn: string, preview: boolean) => Doing,
): Record<string, Handler> {
  return {
    create: async (request: messages.CreateRequest) => {
      const [urn, inputs] = [request.getUrn(), read(request.getProperties())];
      const { id, state } = await typeOf(plugin, urn).create(inputs, doing(urn, request.getPreview()));
      return new messages.CreateResponse().setId(id).setProperties(write(state));
    },
    update: async (request: messages.UpdateRequest) => {
      const [urn, state, inputs] = [request.getUrn(), read(request.getOlds()), read(request.getNews())];
      const updated = await typeOf(plugin, urn).update(state, inputs, doing(urn, request.getPreview()));
      return new messages.UpdateResponse().setProperties(write(updated));
    },
    delete: async (request: messages.DeleteRequest) => {
      await typeOf(plugin, request.getUrn()).delete?.(read(request.getProperties()), call(request.getUrn()));
      return new Empty();
    },
    invoke: async (request: messages.InvokeRequest) => {
      const [token, inputs] = [request.getTok(), read(request.getArgs())];
      const run = plugin.functions[token];
      if (!run) throw new Error(`function ${token} is not part of the lab's stand-in for the plugin ${plugin.name}`);
      const outputs = hasUnknown(inputs) ? {} : await run(inputs, doing("", request.getPreview()));
      return new messages.InvokeResponse().setReturn(write(outputs));
    },
  };
}

/** URNs name the type with the types of its parents: `urn:pulumi:stack::project::parent$type::name`. */
function typeOf(plugin: Plugin, urn: string): ResourceType {
  const token = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const type = plugin.resources[token];
  if (!type) throw new Error(`resource ${token} is not part of the lab's stand-in for the plugin ${plugin.name}`);
  return type;
}

function diffResponse(changes: Changes): messages.DiffResponse {
  const response = new messages.DiffResponse().setHasdetaileddiff(true);
  const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
  const paths = Object.keys(changes);
  const replacing = paths.filter((path) => isReplace(changes[path]));
  for (const path of paths) {
    response.getDetaileddiffMap().set(path, new messages.PropertyDiff().setKind(changes[path] as number));
  }
  return response
    .setDiffsList(heads(paths))
    .setReplacesList(heads(replacing))
    .setChanges(paths.length > 0 ? DIFF_SOME : DIFF_NONE);
}

/** The properties that the paths begin with: "triggers[0]" is in "triggers". */
function heads(paths: readonly string[]): string[] {
  return [...new Set(paths.map((path) => /^[^.[]+/.exec(path)?.[0] ?? path))];
}

function isReplace(kind: ChangeKind | undefined): boolean {
  return kind === ChangeKind.AddReplace || kind === ChangeKind.DeleteReplace || kind === ChangeKind.UpdateReplace;
}

function wire(failures: Failure[]): messages.CheckFailure[] {
  return failures.map(({ property, reason }) => new messages.CheckFailure().setProperty(property).setReason(reason));
}

function read(struct: Struct | undefined): Properties {
  return propertiesFromWire(struct?.toJavaScript() ?? {});
}

function write(properties: Properties): Struct {
  return Struct.fromJavaScript(toWire(properties) as Record<string, JavaScriptValue>);
}

/** Answers once the log is delivered. Only an error's message reaches the user: its stack would tell them nothing. */
function unary(handler: Handler, log: Messages): grpc.handleUnaryCall<unknown, unknown> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handler(call.request as never))
      .finally(() => log.delivered())
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback({ code: grpc.status.UNKNOWN, details: messageOf(error) }),
      );
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function unimplemented(method: string): grpc.handleUnaryCall<unknown, unknown> {
  return (_call, callback) => callback({ code: grpc.status.UNIMPLEMENTED, details: `${method} is not implemented` });
}

const noStream: grpc.handleServerStreamingCall<unknown, unknown> = (call) => {
  call.emit("error", { code: grpc.status.UNIMPLEMENTED, details: "list is not implemented" });
};
