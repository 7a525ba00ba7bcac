import { join } from "node:path";
import { type Declared, declarations, type Described } from "./docstrings";
import { clusterSettings } from "./cluster-settings";
import { gatewaySettings } from "./gateway-settings";
import type { Setting } from "./setting";
import { storageSettings } from "./storage-settings";

const COMPONENTS = [
  "PrivateRegistry",
  "AcmeResponder",
  "AcmeCertificate",
  "TlsSecret",
  "RegistryPod",
  "RegistryService",
  "NginxGateway",
];

/** The text of docs/configuration.md: the stack's keys, and every component's arguments and outputs, from the code's own words. */
export function reference(): string {
  const all = declarations(join(__dirname, "../components"));
  const shown = new Set<string>();
  const components = COMPONENTS.map((name) => component(name, all, shown));
  const kinds = [...shown].filter((name) => !name.endsWith("Args") || !COMPONENTS.includes(name.slice(0, -4)));
  return (
    [
      HEAD,
      keys("Names, gateways, users and the certificate", gatewaySettings),
      keys("The pod and its service", clusterSettings),
      keys("Images: where they are, and what keeps, cleans and watches them", storageSettings),
      "## The components\n\nEach is exported by `private-registry`. An argument takes a value or an output of another resource, but where it says plain.",
      ...components,
      "## Parts of arguments",
      ...kinds.sort().map((name) => part(all.get(name))),
    ].join("\n\n") + "\n"
  );
}

const HEAD = `# Configuration

<!-- Made from the code by \`npm run generate\`; a test finds it current. -->

A stack is one file, \`Pulumi.<stack>.yaml\`. Set a key with \`pulumi config set\`, a member of a list or table with \`--path\`, and a secret
with \`--secret\`, so that the file holds it encrypted:

\`\`\`sh
pulumi config set registryHost registry.example.com
pulumi config set --path 'nodes[0]' 192.0.2.10
pulumi config set --path 'users[0].name' ci
pulumi config set --path 'users[0].role' push
pulumi config set --secret --path 'users[0].password'
pulumi config set --secret sshPrivateKey < ~/.ssh/registry-gateway
\`\`\`

All that is wrong is said at once, by the first preview, and an unknown key with the one that was meant.`;

function keys(title: string, settings: object): string {
  const rows = (Object.entries(settings) as [string, Setting][]).map(([key, setting]) => {
    const standard = setting.default === undefined ? "" : `\`${JSON.stringify(setting.default)}\``;
    const needs = [setting.required ? "**Required.**" : "", setting.secret ? "Secret." : ""];
    const example = setting.example ? `Example: \`${setting.example}\`` : "";
    return row([
      `\`${key}\``,
      setting.type,
      standard,
      [...needs, setting.description, example].filter(Boolean).join(" "),
    ]);
  });
  return [
    `## ${title}`,
    "",
    row(["Key", "Type", "Default", "What it is"]),
    row(["---", "---", "---", "---"]),
    ...rows,
  ].join("\n");
}

function component(name: string, all: Map<string, Declared>, shown: Set<string>): string {
  const declared = all.get(name);
  const args = all.get(`${name}Args`);
  if (!declared || !args) throw new Error(`no docstring of ${name} or ${name}Args`);
  mention(args, all, shown);
  const example = declared.example ? ["", "```ts", declared.example, "```"] : [];
  return [
    `### ${name}`,
    "",
    declared.text,
    ...example,
    "",
    ...table("Argument", args.members, all),
    "",
    ...table("Output", declared.members, all),
  ].join("\n");
}

function part(declared: Declared | undefined): string {
  if (!declared) return "";
  const title = declared.kind === "enum" ? "Value" : "Argument";
  return [`### ${declared.name}`, "", declared.text, "", ...table(title, declared.members, new Map())].join("\n");
}

/** Notes the interfaces and enums that a member's type names, and those that they name. */
function mention(declared: Declared, all: Map<string, Declared>, shown: Set<string>): void {
  for (const { type } of declared.members) {
    for (const name of type.match(/\b[A-Z]\w+\b/g) ?? []) {
      const other = all.get(name);
      if (!other || shown.has(name)) continue;
      shown.add(name);
      mention(other, all, shown);
    }
  }
}

function table(title: string, members: Described[], all: Map<string, Declared>): string[] {
  const typed = members.some(({ type }) => type !== "");
  const head = typed ? [title, "Type", "What it is"] : [title, "What it is"];
  const rows = members.map(({ name, type, optional, text }) => {
    const required = title === "Argument" && !optional ? "**Required.** " : "";
    const words = required + text;
    return row(typed ? [`\`${name}\``, linked(type, all), words] : [`\`${name}\``, words]);
  });
  return [row(head), row(head.map(() => "---")), ...rows];
}

function linked(type: string, all: Map<string, Declared>): string {
  const name = /[A-Z]\w+/.exec(type)?.[0] ?? "";
  const code = `\`${type}\``;
  return all.has(name) ? `[${code}](#${name.toLowerCase()})` : code;
}

function row(cells: string[]): string {
  return `| ${cells.map((cell) => cell.replace(/\s+/g, " ").replace(/\|/g, "\\|")).join(" | ")} |`;
}
