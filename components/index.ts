export { TlsSecret, type TlsSecretArgs } from "./tls-secret";
export { RegistryPod } from "./registry-pod";
export { RegistryService, type RegistryServiceArgs } from "./registry-service";
export * from "./registry/args";
export { Checker, type CheckOptions, type Given } from "./checks/checker";
export { type Complaint, type Problem, report, type Rule, sentence, shown } from "./checks/problems";
export * from "./checks/rules";
