import { Properties } from "./values";

/** What happened to a property between two states of a resource. */
export enum ChangeKind {
  Add,
  AddReplace,
  Delete,
  DeleteReplace,
  Update,
  UpdateReplace,
}

/** The changes of a resource by property path ("connection.host", "triggers[0]"). Empty: there is nothing to do. */
export type Changes = Record<string, ChangeKind>;

/** An input that was refused. With an empty property the reason stands alone. */
export interface Failure {
  property: string;
  reason: string;
}

/** Where messages for the person go; a status is shown while the resource is being worked on, and not kept. */
export interface Log {
  status(message: string): void;
  warning(message: string): void;
  error(message: string): void;
}

/** What every call has: which resource, where to log, and whether the engine wants us to stop. */
export interface Call {
  /** The resource's name in the program. */
  name: string;
  log: Log;
  /** Aborted when the person cancels. */
  cancelled: AbortSignal;
}

/** A call that may be a preview, in which nothing outside may happen. */
export interface Doing extends Call {
  preview: boolean;
}

/**
 * One resource type of a plugin. A call that rejects fails the step with the error's message. All but `check` and
 * `diff` are handed checked inputs; secrets are marked in what comes in and must be marked in what goes out.
 */
export interface ResourceType {
  /** Judges the inputs and fills in defaults. */
  check(inputs: Properties, call: Call): { inputs: Properties; failures: Failure[] };
  /** Compares. `oldInputs` is left out by an engine that doesn't keep them. */
  diff(state: Properties, oldInputs: Properties | undefined, inputs: Properties): Changes;
  /** Makes it. In a preview the id may be "" (not known yet). */
  create(inputs: Properties, call: Doing): Promise<{ id: string; state: Properties }>;
  /** Changes it in place and gives its new state. */
  update(state: Properties, inputs: Properties, call: Doing): Promise<Properties>;
  /** Removes it. Left out: there is nothing to remove. */
  delete?(state: Properties, call: Call): Promise<void>;
  /** What a refresh finds. Left out: the state as it is. */
  read?(state: Properties): Properties;
}

/** A plugin: its resources and functions by token ("command:remote:Command"). */
export interface Plugin {
  name: string;
  version: string;
  resources: Record<string, ResourceType>;
  functions: Record<string, (inputs: Properties, call: Doing) => Promise<Properties>>;
}
