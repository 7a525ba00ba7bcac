import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { Log } from "./resource";

/** Where log messages go. */
export interface Messages {
  /** The log of one resource. */
  of(urn: string): Log;
  /** Says where the engine is, if the plugin was started before it. */
  attach(engineAddress: string): void;
  /** Resolves when every message so far was delivered or lost. */
  delivered(): Promise<unknown>;
}

/** Sends messages to the engine, which shows them with their resource. A message that doesn't arrive is lost. */
export class EngineLog implements Messages {
  private engine: EngineClient | undefined;
  private readonly underWay = new Set<Promise<void>>();

  constructor(engineAddress: string | undefined) {
    if (engineAddress) this.attach(engineAddress);
  }

  attach(engineAddress: string): void {
    this.engine = new EngineClient(engineAddress, grpc.credentials.createInsecure());
  }

  of(urn: string): Log {
    return {
      status: (message) => this.send(urn, LogSeverity.INFO, message, true),
      warning: (message) => this.send(urn, LogSeverity.WARNING, message, false),
      error: (message) => this.send(urn, LogSeverity.ERROR, message, false),
    };
  }

  delivered(): Promise<unknown> {
    return Promise.all(this.underWay);
  }

  private send(urn: string, severity: LogSeverity, message: string, ephemeral: boolean): void {
    const request = new LogRequest().setSeverity(severity).setMessage(message).setUrn(urn).setEphemeral(ephemeral);
    const engine = this.engine;
    if (!engine) return;
    const sent = new Promise<void>((resolve) => engine.log(request, () => resolve()));
    this.underWay.add(sent);
    void sent.then(() => this.underWay.delete(sent));
  }
}
