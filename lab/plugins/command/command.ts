import { Call, ResourceType } from "../protocol/resource";
import { Properties, reveal, Value } from "../protocol/values";
import { checkInputs, Fields, inputChanges, outputsInPreview, uniqueId } from "./inputs";

/** The results of the run before, which the next one gets as PULUMI_COMMAND_STDOUT and PULUMI_COMMAND_STDERR. */
export interface Previous {
  stdout: string;
  stderr: string;
}

/** Runs one command of a resource and gives the outputs. */
export type Runner = (command: string, settings: Properties, previous: Previous, call: Call) => Promise<Properties>;

const NOTHING: Previous = { stdout: "", stderr: "" };

/**
 * A command resource: `create` when it is made, `update` (else `create` again) when an input changes, `delete` when it
 * goes. Only a change of the whole of `triggers` replaces it here; the SDK makes it so for each of its elements.
 */
export function commandResource(fields: Fields, run: Runner): ResourceType {
  return {
    check: (inputs) => checkInputs(inputs, fields),
    diff: (state, oldInputs, inputs) => inputChanges(state, oldInputs, inputs, fields, ["triggers"]),
    create: async (inputs, call) => {
      const id = uniqueId(call.name);
      if (call.preview) return { id, state: { ...inputs, ...outputsInPreview({ ...NOTHING }, undefined, inputs) } };
      const command = text(inputs["create"]);
      const outputs = command === undefined ? { ...NOTHING } : await run(command, inputs, NOTHING, call);
      return { id, state: { ...inputs, ...outputs } };
    },
    update: async (state, inputs, call) => {
      const kept = Object.fromEntries(Object.entries(state).filter(([name]) => !(name in fields)));
      if (call.preview) return { ...inputs, ...outputsInPreview(kept, state, inputs) };
      const command = text(inputs["update"]) ?? text(inputs["create"]);
      const outputs = command === undefined ? {} : await run(command, inputs, previousOf(state), call);
      return { ...inputs, ...kept, ...outputs };
    },
    delete: async (state, call) => {
      const command = text(state["delete"]);
      if (command !== undefined) await run(command, state, previousOf(state), call);
    },
  };
}

/** The variables of the run before that a command gets; those that are empty are left out. */
export function previousVariables(settings: Properties, previous: Previous): Record<string, string> {
  if (reveal(settings["addPreviousOutputInEnv"]) === false) return {};
  return {
    ...(previous.stdout === "" ? {} : { PULUMI_COMMAND_STDOUT: previous.stdout }),
    ...(previous.stderr === "" ? {} : { PULUMI_COMMAND_STDERR: previous.stderr }),
  };
}

/** A text input without its secret mark. */
export function text(value: Value | undefined): string | undefined {
  return reveal(value) as string | undefined;
}

function previousOf(state: Properties): Previous {
  return { stdout: text(state["stdout"]) ?? "", stderr: text(state["stderr"]) ?? "" };
}
