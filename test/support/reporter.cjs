// mocha's spec reporter, which also adds its counts to the file that .ci/run sums up, and fails a skip on CI.
"use strict";
const fs = require("node:fs");
const Mocha = require("mocha");

module.exports = class extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      const skippedOnCi = process.env.CI === "true" ? pending : 0;
      if (skippedOnCi > 0) {
        console.error(`${pending} skipped, and on CI nothing may be skipped`);
        process.exitCode = 1;
      }
      const file = process.env.TEST_COUNTS_FILE;
      if (file) fs.appendFileSync(file, `${passes} ${failures + skippedOnCi}\n`);
    });
  }
};
