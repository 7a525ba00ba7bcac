import { Plugin } from "../protocol/resource";
import { text } from "./command";
import { localCommand, runHere } from "./local-command";
import { remoteCommand } from "./remote-command";

/** The version of the real plugin that this one follows. */
export const COMMAND_VERSION = "1.2.1";

/** Stands in for Pulumi's plugin `command` where the real one can't be had. */
export const commandPlugin: Plugin = {
  name: "command",
  version: COMMAND_VERSION,
  resources: {
    "command:local:Command": localCommand,
    "command:remote:Command": remoteCommand,
  },
  functions: {
    "command:local:run": async (inputs, call) => ({
      ...inputs,
      ...(await runHere(text(inputs["command"]) ?? "", inputs, { stdout: "", stderr: "" }, call.log)),
    }),
  },
};
