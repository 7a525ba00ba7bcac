// Installs the packages of package-lock.json if they are not there yet, or not the ones it names. Plain JavaScript with
// nothing but Node: it is what runs first in a clean clone.
"use strict";
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const root = path.join(__dirname, "..");
const lock = path.join(root, "package-lock.json");
const stamp = path.join(root, "node_modules", ".private-registry-lock");

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node 20.19 or newer is needed, this is ${process.version}; install a newer Node and run this again`);
  process.exit(1);
}
const wanted = fs.readFileSync(lock, "utf8");
const installed = fs.existsSync(stamp) ? fs.readFileSync(stamp, "utf8") : "";
if (installed !== wanted) {
  // To stderr: what `npm run lab -- env` prints is for a shell.
  console.error("installing the packages of package-lock.json ...");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["inherit", 2, 2],
  });
  if (npm.status !== 0) {
    console.error("npm ci failed (its message is above); fix that and run this again");
    process.exit(1);
  }
  fs.writeFileSync(stamp, wanted);
}
