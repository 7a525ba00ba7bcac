"use strict";
// What Pulumi's plugin host runs: `main` of package.json. In the npm package everything is compiled. In a checkout the
// sources are, here and by swc: the host's own ts-node would check their types each time, by the rules of the caller's
// project.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const sources = existsSync(join(__dirname, "plugin.ts"));
if (sources) {
  const { transformFileSync } = require("@swc/core");
  const jsc = { parser: { syntax: "typescript" }, target: "es2022" };
  const options = { swcrc: false, sourceMaps: "inline", jsc, module: { type: "commonjs" } };
  require.extensions[".ts"] = (module, file) => module._compile(transformFileSync(file, options).code, file);
}
require(sources ? "./plugin" : "../dist/provider/plugin").start(process.argv.slice(2));
