/*
 * The path of this file lies in users' states: a serialized resource requires it by
 * `components/nodes/node-release-life`, in a destroy and a refresh too. It must never move
 * (test/golden/state-paths.json).
 */
export * from "./release-life";
