import { asReplace } from "../protocol/changes";
import { ChangeKind, Changes, Doing, Failure, Log, ResourceType } from "../protocol/resource";
import { hasUnknown, isList, Properties, reveal, same, Secret, Unknown, Value } from "../protocol/values";

/** One attribute of a resource, with what the real plugin (a bridged Terraform provider) knows of it. */
export interface Attribute {
  /** The program must give it. */
  required?: boolean;
  /** What it is if the program gives nothing. */
  default?: Value;
  /** The resource makes it. Together with `optional` the program may give it, too. */
  computed?: boolean;
  /** The program may give it. */
  optional?: boolean;
  /** Encrypted in the state. */
  secret?: boolean;
  /** A change makes the resource anew; "pem" if the state has PEM, and not the digest that old versions kept. */
  replace?: true | "pem";
  oneOf?: readonly string[];
  /** As `oneOf`, for each element. */
  eachOneOf?: readonly string[];
  atLeast?: number;
}

/** The attributes of a resource, by name. */
export interface Attributes {
  readonly [name: string]: Attribute;
}

/** What makes the resource of its planned values, none of them secret or unknown any more. */
export type Maker = (planned: Record<string, Value>, log: Log) => Promise<{ id: string; computed: Properties }>;

/** Ways in which a resource's plan differs from what its attributes by themselves would say. */
export interface Peculiarities {
  /** Changes the planned values. */
  plan?(planned: Properties): Properties;
  /** Names an attribute for which the resource must be made anew though no input changed. */
  renew?(planned: Properties): string | undefined;
  /** What a refresh finds. */
  read?(state: Properties): Properties;
}

const PEM = /^-----BEGIN [A-Za-z ]+-----\n[^]+\n-----END [A-Za-z ]+-----\n?$/;

/** A resource that is described by its attributes: nothing outside of the state is ever read, changed or removed. */
export function attributeResource(attributes: Attributes, make: Maker, peculiar: Peculiarities = {}): ResourceType {
  const plan = (inputs: Properties, state?: Properties): Properties => {
    const planned = planAttributes(attributes, inputs, state);
    return peculiar.plan?.(planned) ?? planned;
  };
  return {
    check: (inputs, { name }) => ({
      inputs: markSecrets(attributes, inputs),
      failures: judge(attributes, inputs, name),
    }),
    diff: (state, _oldInputs, inputs) => {
      const planned = plan(inputs, state);
      const changes = attributeChanges(attributes, state, planned);
      const renewed = peculiar.renew?.(planned);
      return renewed === undefined ? changes : { ...changes, [renewed]: ChangeKind.UpdateReplace };
    },
    create: async (inputs, call: Doing) => {
      const planned = plan(inputs);
      if (call.preview) return { id: "", state: markSecrets(attributes, planned) };
      const { id, computed } = await make(reveal(planned) as Record<string, Value>, call.log);
      return { id, state: markSecrets(attributes, known({ ...planned, ...computed })) };
    },
    update: (state, inputs) => Promise.resolve(markSecrets(attributes, { ...state, ...plan(inputs, state) })),
    read: (state) => peculiar.read?.(state) ?? state,
  };
}

function planAttributes(attributes: Attributes, inputs: Properties, state?: Properties): Properties {
  const planned: Properties = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    const value = inputs[name] ?? attribute.default ?? (attribute.computed ? computedSoFar(name, state) : undefined);
    if (value !== undefined) planned[name] = value;
  }
  return planned;
}

function computedSoFar(name: string, state: Properties | undefined): Value | undefined {
  return state ? state[name] : Unknown.value;
}

function attributeChanges(attributes: Attributes, state: Properties, planned: Properties): Changes {
  const changes: Changes = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    const [old, now] = [reveal(state[name]), reveal(planned[name])];
    if (same(old, now)) continue;
    const kind = old === undefined ? ChangeKind.Add : now === undefined ? ChangeKind.Delete : ChangeKind.Update;
    const replaces = attribute.replace === "pem" ? typeof old === "string" && PEM.test(old) : attribute.replace;
    changes[name] = replaces ? asReplace(kind) : kind;
  }
  return changes;
}

function judge(attributes: Attributes, inputs: Properties, resource: string): Failure[] {
  return Object.entries(attributes).flatMap(([name, attribute]) => {
    const value = reveal(inputs[name]);
    if (value === undefined) {
      return attribute.required ? [{ property: "", reason: `Missing required property '${name}'` }] : [];
    }
    if (hasUnknown(value)) return [];
    const complaints = complaintsAbout(attribute, snakeCase(name), value);
    return complaints.map((reason) => ({
      property: "",
      reason: `${reason}. Examine values at '${resource}.${name}'.`,
    }));
  });
}

function complaintsAbout(attribute: Attribute, name: string, value: Value): string[] {
  const oneOf = (choices: readonly string[] | undefined, given: Value, at: string): string[] => {
    if (!choices || choices.includes(given as string)) return [];
    const list = choices.map((choice) => JSON.stringify(choice)).join(" ");
    return [
      `Invalid Attribute Value Match. Attribute ${at} value must be one of: [${list}], got: ${JSON.stringify(given)}`,
    ];
  };
  const elements = isList(value) ? value : [];
  const tooSmall = attribute.atLeast !== undefined && (value as number) < attribute.atLeast;
  return [
    ...oneOf(attribute.oneOf, value, name),
    ...elements.flatMap((element, index) => oneOf(attribute.eachOneOf, element, `${name}[${index}]`)),
    ...(tooSmall
      ? [
          `Invalid Attribute Value. Attribute ${name} value must be at least ${attribute.atLeast}, got: ${JSON.stringify(value)}`,
        ]
      : []),
  ];
}

function markSecrets(attributes: Attributes, properties: Properties): Properties {
  const mark = ([name, value]: [string, Value]): [string, Value] =>
    attributes[name]?.secret && !(value instanceof Secret) ? [name, new Secret(value)] : [name, value];
  return Object.fromEntries(Object.entries(properties).map(mark));
}

/** Drops what is still unknown once the resource is made: the real plugin has null there. */
function known(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => !(value instanceof Unknown)));
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
