import type { ThreadProgram } from "./threads";

/**
 * What a thread runs that hashes: its tasks are `Salted`, its results hashes. It gets bcryptjs by its path, since a
 * thread that runs a text has no place from which it could look for packages.
 */
export const HASH_PROGRAM: ThreadProgram = {
  text: `
    const { parentPort, workerData } = require("node:worker_threads");
    const { hashSync } = require(workerData);
    parentPort.on("message", ({ password, salt }) => parentPort.postMessage(hashSync(password, salt)));
  `,
  data: require.resolve("bcryptjs"),
};
