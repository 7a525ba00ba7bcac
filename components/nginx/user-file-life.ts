/*
 * The path of this file lies in users' states: a serialized resource requires it by `components/nginx/user-file-life`,
 * in a destroy and a refresh too, and in states that older versions wrote. It must never move
 * (test/golden/state-paths.json).
 */
export * from "./users/user-file-life";
