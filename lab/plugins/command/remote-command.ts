import { reveal } from "../protocol/values";
import { readConnection } from "../ssh/connection";
import { dial } from "../ssh/dial";
import { run } from "../ssh/session";
import { commandResource, previousVariables, Runner, text } from "./command";
import { connectionField, Fields, lifecycleFields, loggingField, shown } from "./inputs";

const fields: Fields = {
  ...lifecycleFields,
  stdin: { kind: "text" },
  environment: { kind: "textMap" },
  logging: loggingField,
  addPreviousOutputInEnv: { kind: "flag" },
  connection: connectionField,
};

const runRemotely: Runner = async (command, settings, previous, call) => {
  const dialed = await dial(readConnection(settings["connection"]), call);
  try {
    const task = {
      command,
      environment: (reveal(settings["environment"]) ?? {}) as Record<string, string>,
      optionalEnvironment: previousVariables(settings, previous),
      stdin: text(settings["stdin"]) ?? "",
      ...shown(settings["logging"]),
    };
    return { ...(await run(dialed.client, task, call.log)) };
  } finally {
    dialed.close();
  }
};

/** `command:remote:Command`: a command on another host, over SSH. */
export const remoteCommand = commandResource(fields, runRemotely);
