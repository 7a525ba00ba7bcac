import * as pulumi from "@pulumi/pulumi";
import type {
  ConstructResult,
  CreateResult,
  DiffResult,
  Provider,
  ReadResult,
  UpdateResult,
} from "@pulumi/pulumi/provider";
import { asInCode } from "./names";
import type { Served } from "./served";
import { plainOf, withSecrets } from "./wire";

type Component = new (
  name: string,
  args: object,
  opts: pulumi.ComponentResourceOptions,
) => pulumi.ComponentResource & Record<string, unknown>;

/** What a plugin serves. */
export interface Package {
  /** The package's schema, without its version. */
  schema: { name: string; resources: Record<string, { isComponent?: boolean; properties?: object }> };
  version: string;
  /** By name; what is no class of a component is never asked for. */
  components: Record<string, unknown>;
  /** The package's own resources, by name. */
  served: Record<string, Served>;
}

type State = Record<string, unknown>;

/**
 * Serves the package to programs in other languages: its components, and the resources below them that a Node program
 * has as dynamic ones. Those run in the caller's project, which need not be Node, so here the plugin does their work
 * itself.
 */
export class RegistryProvider implements Provider {
  readonly version: string;
  readonly schema: string;

  constructor(private readonly all: Package) {
    this.version = all.version;
    this.schema = JSON.stringify({ ...all.schema, version: all.version });
  }

  construct(
    name: string,
    type: string,
    args: pulumi.Inputs,
    opts: pulumi.ComponentResourceOptions,
  ): Promise<ConstructResult> {
    const known = this.all.schema.resources[type];
    if (!known?.isComponent) throw new Error(`${type} is no component of ${this.all.schema.name}`);
    const component = new (this.all.components[nameOf(type)] as Component)(name, asInCode(args), opts);
    const state = Object.keys(known.properties ?? {}).map((output) => [output, component[output]]);
    return Promise.resolve({ urn: component.urn, state: Object.fromEntries(state) as pulumi.Inputs });
  }

  diff(id: string, urn: string, olds: State, news: State): Promise<DiffResult> {
    return Promise.resolve(this.of(urn).diff(id, plainOf(olds), plainOf(news)));
  }

  async create(urn: string, inputs: State): Promise<CreateResult> {
    const { id, outs } = await this.of(urn).create(plainOf(inputs));
    return { id, outs: this.state(urn, outs, inputs) };
  }

  async read(id: string, urn: string, props: State): Promise<ReadResult> {
    const found = await this.of(urn).read(id, plainOf(props));
    return { id: found.id, props: this.state(urn, found.props, props) };
  }

  async update(id: string, urn: string, olds: State, news: State): Promise<UpdateResult> {
    const { outs } = await this.of(urn).update(id, plainOf(olds), plainOf(news));
    return { outs: this.state(urn, outs, news) };
  }

  async delete(id: string, urn: string, props: State): Promise<void> {
    await this.of(urn).remove(id, plainOf(props));
  }

  private of(urn: string): Served {
    const type = typeOf(urn);
    const served = this.all.served[nameOf(type)];
    if (!served) throw new Error(`${type} is no resource of ${this.all.schema.name} ${this.version}`);
    return served;
  }

  private state(urn: string, outs: object, given: State): State {
    return withSecrets(outs as State, given, this.of(urn).secrets);
  }
}

/** URNs name the type with the types of its parents: `urn:pulumi:stack::project::parent$type::name`. */
function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

const nameOf = (type: string): string => type.split(":").at(-1) ?? "";
