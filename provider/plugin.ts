import { readFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "@pulumi/pulumi/provider";
import * as components from "../components";
import { serve } from "../components/served";
import { RegistryProvider } from "./registry-provider";
import schema from "./schema.json";
import { served } from "./served";

/** Starts the plugin, for programs in any language. Its port goes to stdout, as the engine wants it. */
export function start(args: string[]): void {
  serve();
  void main(new RegistryProvider({ schema, version: version(), components, served }), args);
}

/** That of the package, which is one folder up, or two in what is compiled. */
function version(folder = __dirname): string {
  try {
    return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
  } catch {
    return version(join(folder, ".."));
  }
}
