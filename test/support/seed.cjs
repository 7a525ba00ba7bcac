// The property tests try other values at every run by hand, and the same ones on CI, where a change is judged by what
// it changed and not by luck.
"use strict";
const fc = require("fast-check");

if (process.env.CI === "true") fc.configureGlobal({ seed: 20161124 });
