export { PrivateRegistry } from "./private-registry";
export {
  BackendCertificateSource,
  type PrivateRegistryArgs,
  type PullSecretArgs,
  type RegistryBackendArgs,
  type RegistryCertificateArgs,
  type RegistryClusterArgs,
  type RegistryNameArgs,
  type RegistryNginxArgs,
} from "./private-registry/args";
export { AcmeCertificate } from "./acme-certificate";
export {
  type AcmeCertificateArgs,
  CertificateIssuer,
  type CertificateSourceArgs,
  type ExternalAccountArgs,
  KeyType,
  type PrivateCaArgs,
  type ProvidedCertificateArgs,
} from "./issuers/args";
export type { Dns01Args, DnsHookArgs, DynamicUpdateArgs } from "./issuers/dns01-args";
export { TsigAlgorithm } from "./acme/dns/tsig";
export { Revocation } from "./acme/revocation";
export { accountThumbprint } from "./acme/thumbprint";
export { AcmeResponder, type AcmeResponderArgs } from "./acme-responder";
export { NginxGateway } from "./nginx-gateway";
export type {
  GatewayCertificateArgs,
  GatewayNginxArgs,
  GatewayNodePortArgs,
  GatewaySettingsArgs,
  GatewayUpstreamTlsArgs,
  GatewaySsoArgs,
  GatewaySsoGroupArgs,
  GatewayVerifierArgs,
  NginxGatewayArgs,
} from "./nginx/gateway/args";
export { NodeHosts } from "./node-hosts";
export {
  type NodeCertificateArgs,
  NodeFlavour,
  type NodeHostArgs,
  type NodeHostsArgs,
  type NodeMirrorsArgs,
  type NodeUpstreamArgs,
} from "./nodes/args";
export type {
  MirrorClaimArgs,
  MirrorDirectoryArgs,
  MirrorNodePortArgs,
  MirrorsArgs,
  MirrorStorageArgs,
  MirrorUpstreamArgs,
} from "./mirrors/args";
export type { GatewayHostArgs, GatewayListArgs, GatewaySshArgs, SshHostArgs } from "./hosts/host";
export { LogFormat } from "./nginx/gateway/logs";
export type { RegistryAccessArgs, UserArgs } from "./nginx/users/args";
export {
  type RegistryIdentityArgs,
  TokenAlgorithm,
  type TokenIssuerArgs,
  TokenIssuerKind,
} from "./nginx/users/identity-args";
export type { RepositoryRightArgs } from "./nginx/users/right-args";
export { UserRole } from "./nginx/users/role";
export type { PrivateRegistryAccessArgs } from "./private-registry/access-args";
export { SsoLogin } from "./sso-login";
export type { RegistrySsoArgs, RegistrySsoGroupArgs, SsoClientArgs, SsoLoginArgs } from "./sso/args";
export { TokenVerifier } from "./token-verifier";
export type { GatewayPodsArgs, TokenVerifierArgs, VerifierContainerArgs, VerifierPodArgs } from "./verifier/args";
export { TlsSecret, type TlsSecretArgs } from "./tls-secret";
export { RegistryPod } from "./registry-pod";
export { RegistryService, type RegistryServiceArgs } from "./registry-service";
export { type ContainerResourcesArgs, type ResourceAmountArgs } from "./registry/container-args";
export {
  type RegistryContainerArgs,
  type RegistryLogArgs,
  RegistryLogFormat,
  RegistryLogLevel,
  type RegistryShutdownArgs,
  StoreCheck,
} from "./registry/args";
export { type RegistryUiArgs, UiKind } from "./registry/ui-args";
export type { RegistryBackupArgs, RegistryDrillArgs } from "./registry/backup/args";
export type { RegistryProxyArgs } from "./registry/features/proxy-args";
export type { RegistryNotificationArgs } from "./registry/features/notification-args";
export type { RegistryGarbageCollectionArgs } from "./registry/garbage-collection/args";
export type { RegistryMonitoringArgs } from "./registry/monitoring/args";
export type {
  RegistryPodArgs,
  RegistrySchedulingArgs,
  RegistryTolerationArgs,
  RegistryWorkloadArgs,
} from "./registry/pod-args";
export {
  type AzureStorageArgs,
  ClaimAccessMode,
  type ClaimStorageArgs,
  type GcsStorageArgs,
  type HostPathStorageArgs,
  type RegistryStorageArgs,
  type S3StorageArgs,
} from "./registry/storage/args";
