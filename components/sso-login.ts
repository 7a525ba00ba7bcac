import * as pulumi from "@pulumi/pulumi";
import { heldBack } from "./cluster/dependents";
import { waitingWith } from "./cluster/waiting";
import { outputsOf } from "./outputs";
import type { SsoLoginArgs } from "./sso/args";
import { type CheckedLogin, checkLogin } from "./sso/check";
import { loginNginxText, loginText } from "./sso/text";
import { VERIFIER_ROLLOUT } from "./verifier/rollout-settings";
import { createPods } from "./verifier/workload";

/**
 * Pods by which browsers log in at a company's login (OpenID Connect), for the gateways: oauth2-proxy behind a small
 * nginx that admits only gateways. They have no right in the cluster.
 *
 * @example
 * const login = new SsoLogin("main", {
 *   issuer: { name: "company", url: "https://login.example.com", keysUrl: "https://login.example.com/keys" },
 *   clientId: "registry",
 *   clientSecret,
 *   cookieSecret,
 *   uiHost: "ui.example.com",
 *   tlsSecretName: secret.secretName,
 *   tlsChecksum: secret.checksum,
 * });
 */
export class SsoLogin extends pulumi.ComponentResource {
  /** Its port on every node; 0 where the provider does not say it yet, as in a preview. */
  public readonly nodePort: pulumi.Output<number>;
  /** Name of the deployment. */
  public readonly deploymentName: pulumi.Output<string>;

  /** Raises an error that names every argument that is not right. */
  constructor(name: string, args: SsoLoginArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-registry:index:SsoLogin", name, {}, opts);
    const input = checkLogin(name, args);
    const waiting = waitingWith(`SsoLogin "${name}"`, args, input.waitWithKubectl, VERIFIER_ROLLOUT, this);
    const secrets = pulumi.secret(pulumi.all([input.clientSecret, input.cookieSecret]).apply(secretFiles));
    const alert = {
      alert: "PrivateRegistryLoginDown",
      summary: "No pod of the login for browsers is ready: people who have no session can't see the UI.",
      heading: "the-login-cant-be-asked-now",
    };
    const { nodePort, deploymentName } = createPods(
      name,
      input,
      { app: "sso-login", files: loginFiles(input), secrets, alert },
      waiting,
      this,
    );
    this.nodePort = nodePort;
    this.deploymentName = deploymentName;
    this.registerOutputs(outputsOf(this));
  }

  /** What depends on the component waits until its pods serve. */
  protected override initialize(): Promise<unknown> {
    return heldBack(this);
  }
}

function loginFiles({ settings, uiHost, refreshMinutes, caPem }: CheckedLogin): pulumi.Output<Record<string, string>> {
  return pulumi.all([uiHost, refreshMinutes, caPem]).apply(([host, minutes, pem]): Record<string, string> => ({
    "nginx.conf": loginNginxText(),
    "oauth2-proxy.cfg": loginText(settings, { uiHost: host, refreshMinutes: minutes }),
    ...(pem === undefined ? {} : { "issuer-ca.pem": pem }),
  }));
}

const secretFiles = ([client, cookie]: [string, string]): Record<string, string> => ({ client, cookie });
