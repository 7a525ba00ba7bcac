import * as pulumi from "@pulumi/pulumi";
import { omitUndefined } from "../checks/omit-undefined";
import { from } from "../checks/origin";
import type { GatewayVerifierArgs } from "../nginx/gateway/args";
import { CLUSTER, issuerNamed, issuerOf, verifierKey } from "../nginx/users/token-issuers";
import { SERVICE_NAME } from "../registry-service";
import type { TlsSecret } from "../tls-secret";
import { TokenVerifier } from "../token-verifier";
import type { PrivateRegistryArgs } from "./args";
import { allowedCidrs, limitsPorts } from "./network-policy";
import { originOf } from "./origins";
import { allIdentities } from "./sso-identities";
import type { GatewayPodsArgs } from "../verifier/args";

/** The verifiers of a registry, and what the gateways know of them. */
export interface Verifiers {
  components: TokenVerifier[];
  known: GatewayVerifierArgs[];
}

const SERVICE = SERVICE_NAME.default ?? "";

/** One verifier for each issuer and audience of the identities. */
export function createVerifiers(
  name: string,
  args: PrivateRegistryArgs,
  secret: TlsSecret,
  namespace: pulumi.Input<string> | undefined,
  parent: pulumi.Resource,
): Verifiers {
  const { issuers = [], sso } = args.access ?? {};
  const wanted = new Map(
    allIdentities(args.access).map((each) => {
      const [issuer, audience] = [issuerOf(each), each.audience];
      return [verifierKey(issuer, audience), { issuer, audience }];
    }),
  );
  const all = [...wanted].map(([key, { issuer, audience }]) => {
    const ofSso = sso?.issuer === issuer && sso.clientId === audience;
    const settings = {
      ...podSettings(name, args, { secret, namespace }, key),
      issuer: issuerNamed(issuers, issuer) ?? { name: issuer },
      audience,
      cluster: issuer === CLUSTER,
      ...omitUndefined({ groupsClaim: ofSso ? sso.groupsClaim : undefined }),
    };
    const component = new TokenVerifier(`${name}-verifier-${key}`, from(originOf(name, "verifier"), settings), {
      parent,
    });
    return { component, known: { issuer, audience, nodePort: component.nodePort } };
  });
  return { components: all.map(({ component }) => component), known: all.map(({ known }) => known) };
}

/**
 * What pods that gateways ask take from a registry's settings.
 * @param key What their name ends with.
 */
export function podSettings(
  name: string,
  args: PrivateRegistryArgs,
  { secret, namespace }: { secret: TlsSecret; namespace: pulumi.Input<string> | undefined },
  key: string,
): GatewayPodsArgs & { name: pulumi.Input<string> } {
  const { access: { verifier = {} } = {}, cluster, scheduling, monitoring } = args;
  return {
    ...verifier,
    tlsSecretName: secret.secretName,
    tlsChecksum: secret.checksum,
    name: pulumi.output(cluster?.names?.service ?? SERVICE).apply((service) => within(service, key)),
    localTraffic: limitsPorts(args),
    alert: monitoring?.metrics === true && monitoring.rules === true,
    ...omitUndefined({ alertLabels: monitoring?.labels, runbookUrl: monitoring?.runbookUrl }),
    ...omitUndefined({ namespace, scheduling, waitWithKubectl: cluster?.waitWithKubectl }),
    ...omitUndefined({ allowedCidrs: allowedCidrs(name, args) }),
  };
}

/** A name of 63 characters at most, whatever the service's is. */
function within(service: string, key: string): string {
  return `${service.slice(0, 63 - key.length - 1).replace(/-+$/, "")}-${key}`;
}
