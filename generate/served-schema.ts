import { SECRETS } from "../components/acme/data";
import { type Declared, declarations, type Described } from "./docstrings";

/** A property of a resource in a package's schema. */
interface Property {
  type?: string;
  $ref?: string;
  items?: object;
  description?: string;
  secret?: boolean;
}

const PLAIN: Record<string, Property> = {
  string: { type: "string" },
  number: { type: "number" },
  boolean: { type: "boolean" },
  "string[]": { type: "array", items: { type: "string" } },
};

/**
 * The resources that the package's plugin serves itself, which `ComponentProvider` knows nothing of. They are made by
 * the components; a program has no reason to make one by itself.
 * @param folder Where their inputs and states are declared.
 */
export function servedResources(folder: string): Record<string, object> {
  const all = declarations(folder);
  const inputs = membersOf(all, "ChainInputs");
  const outputs = ["ChainInputs", "ChainState", "ChainFacts", "RenewalPlan"].flatMap((name) => membersOf(all, name));
  return {
    "private-registry:index:AcmeChain": {
      type: "object",
      description:
        "What `AcmeCertificate` orders with. Use that: it makes key and request, and checks what it is given.",
      inputProperties: properties(inputs),
      requiredInputs: required(inputs),
      properties: properties(outputs),
      required: required(outputs),
    },
  };
}

function membersOf(all: Map<string, Declared>, name: string): Described[] {
  const found = all.get(name);
  if (!found) throw new Error(`there is no ${name}: has it another name now?`);
  return found.members;
}

function properties(members: readonly Described[]): Record<string, Property> {
  return Object.fromEntries(members.map((member) => [member.name, property(member)]));
}

function property({ name, type, text }: Described): Property {
  return {
    ...(PLAIN[type.replace(/ \| undefined$/, "")] ?? { $ref: "pulumi.json#/Any" }),
    ...(text ? { description: text } : {}),
    ...((SECRETS as readonly string[]).includes(name) ? { secret: true } : {}),
  };
}

const required = (members: readonly Described[]): string[] =>
  members
    .filter(({ optional }) => !optional)
    .map(({ name }) => name)
    .sort();
