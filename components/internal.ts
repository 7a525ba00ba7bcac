/*
 * What config/, cli/ and provider/ need beyond the public face (index.ts). It is not exported by the package.
 */
export { hasLate, isTable, judge } from "./checks/judge";
export { omitUndefined } from "./checks/omit-undefined";
export { nearest } from "./checks/nearest";
export { memberPath, type Problem, report } from "./checks/problems";
export { flag, type Members, text, type Value } from "./checks/value";
export { END_MARK, remoteCommand, type Verb } from "./nginx/release/release";
export { PRIVATE_REGISTRY, ROOT } from "./private-registry/args";
export { problemsOf } from "./private-registry/check";
