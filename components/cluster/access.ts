import * as pulumi from "@pulumi/pulumi";
import type { ClusterAccess } from "./kubectl";

/** How a provider reaches its cluster. */
export interface ProviderAccess extends ClusterAccess {
  /** True if it reaches none, and writes files instead. */
  rendersOnly: boolean;
}

const SETTINGS = ["kubeconfig", "context", "cluster", "renderYamlToDirectory"] as const;
type Settings = Partial<Record<(typeof SETTINGS)[number], string>>;

/**
 * By which cluster a resource's children of Kubernetes are made: the inputs of their provider, which a Node program has
 * on the provider's object, or the stack's config for a default provider. Undefined if they can't be known here: to a
 * plugin a program in another language hands on a provider by its name only.
 */
export function accessOf(resource: pulumi.Resource): pulumi.Output<ProviderAccess> | undefined {
  const provider = resource.getProvider("kubernetes:apps/v1:Deployment");
  if (provider && !("kubeconfig" in provider)) return undefined;
  const config = new pulumi.Config("kubernetes");
  const given = (name: (typeof SETTINGS)[number]): pulumi.Input<unknown> =>
    provider ? (provider as unknown as Record<string, pulumi.Input<unknown>>)[name] : config.getSecret(name);
  return pulumi.all(SETTINGS.map(given).map(asGiven)).apply((values) => {
    const entries = SETTINGS.map((name, index) => [name, textOf(values[index])] as const);
    const settings = Object.fromEntries(entries.filter(([, value]) => value)) as Settings;
    return access(settings);
  });
}

/**
 * In a preview an output that a provider has not got (a context that nobody has set) counts as not known yet, as if it
 * might still come. Its promise tells the two apart, and Pulumi's types don't name it.
 */
function asGiven(value: pulumi.Input<unknown>): pulumi.Output<unknown> {
  if (!pulumi.runtime.isDryRun() || !pulumi.Output.isInstance(value)) return pulumi.output(value);
  const { promise } = value as { promise?: (withUnknowns: boolean) => Promise<unknown> };
  if (promise === undefined) return value;
  return pulumi.output(promise.call(value, true).then((now) => (now === undefined ? undefined : value)));
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What comes from KUBECONFIG is left to kubectl, since it may be a list of files. */
function access({ renderYamlToDirectory, kubeconfig, ...where }: Settings): ProviderAccess {
  const own = kubeconfig === undefined || kubeconfig === process.env["KUBECONFIG"];
  return { ...where, ...(own ? {} : { kubeconfig }), rendersOnly: renderYamlToDirectory !== undefined };
}
