import * as pulumi from "@pulumi/pulumi";
import { accessOf } from "./cluster/access";
import { heldBack } from "./cluster/dependents";
import { type ClusterIssuer, clusterIssuer } from "./cluster/issuer";
import { waitingWith } from "./cluster/waiting";
import { outputsOf } from "./outputs";
import { verifierDown } from "./verifier/alert";
import type { TokenVerifierArgs } from "./verifier/args";
import { checkVerifier } from "./verifier/check";
import { verifierFiles } from "./verifier/pod";
import { VERIFIER_ROLLOUT } from "./verifier/rollout-settings";
import { createPods } from "./verifier/workload";

/**
 * Pods that verify the tokens of one issuer for one audience, for the gateways: oauth2-proxy behind a small nginx that
 * admits only gateways and keeps the issuer's keys. They have no right in the cluster.
 *
 * @example
 * const verifier = new TokenVerifier("main-ci", {
 *   issuer: { name: "github" },
 *   audience: "registry.example.com",
 *   tlsSecretName: secret.secretName,
 *   tlsChecksum: secret.checksum,
 * });
 */
export class TokenVerifier extends pulumi.ComponentResource {
  /** Its port on every node; 0 where the provider does not say it yet, as in a preview. */
  public readonly nodePort: pulumi.Output<number>;
  /** Name of the deployment. */
  public readonly deploymentName: pulumi.Output<string>;

  /** Raises an error that names every argument that is not right. */
  constructor(name: string, args: TokenVerifierArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:index:TokenVerifier", name, {}, opts);
    const input = checkVerifier(name, args);
    const waiting = waitingWith(`TokenVerifier "${name}"`, args, input.waitWithKubectl, VERIFIER_ROLLOUT, this);
    const said: pulumi.Output<ClusterIssuer | undefined> = input.cluster
      ? clusterIssuer(`TokenVerifier "${name}"`, accessOf(this))
      : pulumi.output(undefined);
    const files = said.apply((known) => pulumi.output(verifierFiles(input, known)));
    const kind = { app: "token-verifier", files, alert: verifierDown(input.settings.issuerUrl) };
    const { nodePort, deploymentName } = createPods(name, input, kind, waiting, this);
    this.nodePort = nodePort;
    this.deploymentName = deploymentName;
    this.registerOutputs(outputsOf(this));
  }

  /** What depends on the component waits until its pods serve. */
  protected override initialize(): Promise<unknown> {
    return heldBack(this);
  }
}
