// Stryker's runner for mocha asks for mocha's files without their ending, which mocha 12 has made .cjs.
import Module from "node:module";

Module._extensions[".cjs"] = Module._extensions[".js"];
const runner = await import("@stryker-mutator/mocha-runner");
delete Module._extensions[".cjs"];

export const strykerPlugins = runner.strykerPlugins;
export const strykerValidationSchema = runner.strykerValidationSchema;
