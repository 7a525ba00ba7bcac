"use strict";
// What Pulumi's plugin host runs: `main` of package.json. In the npm package everything is compiled; in a checkout the host has
// ts-node at work before it comes here.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const sources = existsSync(join(__dirname, "plugin.ts"));
require(sources ? "./plugin" : "../dist/provider/plugin").start(process.argv.slice(2));
