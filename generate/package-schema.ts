import { join } from "node:path";
import { ComponentProvider, getPulumiComponents } from "@pulumi/pulumi/provider/experimental";
import * as components from "../components";
import { servedResources } from "./served-schema";

interface Schema {
  version?: string;
  resources: Record<string, object>;
}

/**
 * The schema of the package, as programs in other languages see it. It is read from the sources' types, which takes
 * some seconds: the plugin serves what provider/schema.json keeps, and a test finds that current, so that no change of
 * a type token, an argument or an output goes unseen.
 */
export async function packageSchema(): Promise<string> {
  const root = join(__dirname, "..");
  const provider = new ComponentProvider({
    components: getPulumiComponents(components),
    dirname: root,
    name: "private-registry",
  });
  const schema = JSON.parse(await provider.getSchema()) as Schema;
  delete schema.version;
  Object.assign(schema.resources, servedResources(join(root, "components")));
  return `${JSON.stringify(schema, null, 2)}\n`;
}
