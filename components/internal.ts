/*
 * What config/, cli/, smoke/ and provider/ need beyond the public face (index.ts). It is not exported by the package.
 */
export { hasLate, isTable, judge } from "./checks/judge";
export { omitUndefined } from "./checks/omit-undefined";
export { nearest } from "./checks/nearest";
export { memberPath, type Problem, report } from "./checks/problems";
export { flag, type Members, text, type Value } from "./checks/value";
export { doneAt, doneLine, END_MARK, fileIn, remoteCommand, type Verb, warningsIn, wordIn } from "./hosts/release";
export { type Ended, notDone, onHost, type SshTarget } from "./hosts/ssh";
export { revocationInput } from "./nginx/kind";
export { nodeBlueprint } from "./nodes/blueprint";
export type { NodeMirrors } from "./nodes/upstreams";
export { kubectlFlags, withKubeconfigFile } from "./cluster/kubectl";
export { PRIVATE_REGISTRY, ROOT } from "./private-registry/args";
export { problemsOf } from "./private-registry/check";
export { verifierKey } from "./nginx/users/token-issuers";
