import * as pulumi from "@pulumi/pulumi";
import type { ProviderAccess } from "./access";
import { type Kubectl, KubectlError, withKubectl } from "./kubectl";

/** What a cluster says of the tokens of its service accounts. */
export interface ClusterIssuer {
  /** Their claim `iss`. */
  issuerUrl: string;
  /** The keys that verify them, a JWK set (RFC 7517), in an order that stays. */
  keys: string;
}

/** From this minor version on a kubelet has tokens of pods for a provider of credentials, without a feature gate. */
const MINOR = 34;

/** What stands for it where no cluster is asked: in tests, and in files that are only written. */
const UNASKED: ClusterIssuer = { issuerUrl: "https://kubernetes.default.svc", keys: '{"keys":[]}' };

/**
 * Asks a cluster for its issuer and keys, in every preview and `up`.
 * @param subject Who asks, for the error.
 */
export function clusterIssuer(
  subject: string,
  access: pulumi.Output<ProviderAccess> | undefined,
): pulumi.Output<ClusterIssuer> {
  if (access === undefined) throw new pulumi.RunError(`${subject}: ${UNKNOWN_CLUSTER}`);
  return pulumi.unsecret(access).apply(async ({ rendersOnly, ...where }) => {
    if (rendersOnly || pulumi.runtime.getEngine() === undefined) return UNASKED;
    try {
      return await withKubectl(where, readIssuer);
    } catch (error) {
      if (!(error instanceof KubectlError)) throw error;
      throw new pulumi.RunError(
        `${subject}: the cluster does not say by which keys the tokens of its pods are verified: ${error.message}; ` +
          "identities with cluster: true need kubectl in PATH, and a user who may read /version, " +
          "/.well-known/openid-configuration and /openid/v1/jwks (kubectl get --raw /openid/v1/jwks)",
      );
    }
  });
}

const UNKNOWN_CLUSTER =
  "identities with cluster: true need a cluster that kubectl reaches; give the provider a kubeconfig that this program knows";

/** Reads them by kubectl. Throws where the cluster's version is too old. */
export async function readIssuer(kubectl: Kubectl): Promise<ClusterIssuer> {
  const raw = async <T>(path: string): Promise<T> => JSON.parse(await kubectl.text("get", "--raw", path)) as T;
  const { major, minor, gitVersion } = await raw<{ major: string; minor: string; gitVersion: string }>("/version");
  if (Number(major) === 1 && parseInt(minor, 10) < MINOR) {
    throw new pulumi.RunError(
      `access.identities with cluster: true needs Kubernetes 1.${MINOR} or newer, and this cluster is ${gitVersion}: its ` +
        "kubelets have no tokens of pods for a registry; leave such identities out until it is upgraded, and pull with " +
        "cluster.pullSecrets",
    );
  }
  const { issuer } = await raw<{ issuer: string }>("/.well-known/openid-configuration");
  const { keys } = await raw<{ keys: { kid?: string }[] }>("/openid/v1/jwks");
  const sorted = [...keys].sort((one, other) => (one.kid ?? "").localeCompare(other.kid ?? ""));
  return { issuerUrl: issuer, keys: JSON.stringify({ keys: sorted }) };
}
