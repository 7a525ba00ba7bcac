import { join } from "node:path";
import { memberPath, type Value } from "../components/internal";
import { type Declared, declarations, type Described } from "./docstrings";
import { STACK } from "../config/stack";

const COMPONENTS = [
  "PrivateRegistry",
  "AcmeResponder",
  "AcmeCertificate",
  "TlsSecret",
  "RegistryPod",
  "RegistryService",
  "NginxGateway",
  "TokenVerifier",
  "SsoLogin",
];

/**
 * The text of docs/configuration.md: the stack's file, and every component's arguments and outputs, from the code's own
 * words.
 */
export function reference(): string {
  const all = declarations(join(__dirname, "../components"), join(__dirname, "../config/stack.ts"));
  const shown = new Set<string>();
  const components = COMPONENTS.map((name) => component(name, all, shown));
  const kinds = [...shown].filter((name) => !name.endsWith("Args") || !COMPONENTS.includes(name.slice(0, -4)));
  return (
    [
      HEAD,
      ...settings(all),
      "## The components\n\nEach is exported by `private-registry`. An argument takes a value or an output of another resource, unless it says plain.",
      ...components,
      "## Parts of arguments",
      ...kinds.sort().map((name) => part(all.get(name))),
    ].join("\n\n") + "\n"
  );
}

const HEAD = `# Configuration

<!-- Made from the code by \`npm run generate\`; a test finds it current. -->

A stack is one file, \`Pulumi.<stack>.yaml\`, in the shape of \`PrivateRegistryArgs\`: the same names, nesting and units. Set a value with
\`pulumi config set\`, one inside a list or table with \`--path\`, and a secret with \`--secret\`, so that the file holds it encrypted:

\`\`\`sh
pulumi config set registryHost registry.example.com
pulumi config set --path 'nodeAddresses[0]' 192.0.2.10
pulumi config set --path 'users[0].name' ci
pulumi config set --path 'users[0].role' push
pulumi config set --secret --path 'ssh.privateKey' < ~/.ssh/registry-gateway
pulumi config set --secret --path 'users[0].password'
\`\`\`

All that is wrong is said at once, before anything happens, and an unknown name with the one that was meant. A secret that lies
unencrypted in the file is refused at any depth; of values that come from an environment (Pulumi ESC) or a different file, only whether
anything below a top-level key is encrypted can be seen.`;

/** A table for each member at the top of a stack's file; those that are one value share the first. */
function settings(all: Map<string, Declared>): string[] {
  const top = all.get("StackArgs")?.members ?? [];
  const single = top.filter(({ name }) => !inner(STACK.members?.[name]));
  const tables = top.filter((member) => !single.includes(member));
  const rowsOf = (members: Described[]) => members.flatMap((each) => rows(each, STACK.members?.[each.name], "", all));
  return [
    settingsTable("Single settings", rowsOf(single)),
    ...tables.map((member) => `${settingsTable(`\`${member.name}\``, rowsOf([member]), member.text)}`),
  ];
}

/** The members of a table, or of the tables of a list. */
const inner = (value: Value | undefined) => value?.members ?? value?.each?.members;

function rows(
  { name, type, text }: Described,
  value: Value | undefined,
  at: string,
  all: Map<string, Declared>,
): string[] {
  const path = memberPath(at, name) + (value?.each?.members ? "[]" : "");
  const below = inner(value);
  const declared = all.get(type.replace(/\[\]$/, ""));
  if (below && declared) return declared.members.flatMap((each) => rows(each, below[each.name], path, all));
  const marks = [value?.required ? "**Required.**" : "", value?.secret ? "**Secret.**" : ""];
  const words = value?.secret ? text.replace(/\s+(A secret|Secret)\.$/, "") : text;
  return [row([`\`${path}\``, kindOf(value), standardOf(value), [...marks, words].filter(Boolean).join(" ")])];
}

function standardOf(value: Value | undefined): string {
  const standard = JSON.stringify(value?.default ?? "");
  return ["{}", "[]", '""'].includes(standard) ? "" : `\`${standard}\``;
}

function kindOf(value: Value | undefined): string {
  if (value?.kind === "list") return `list of ${value.each?.kind}`;
  return value?.kind ?? "";
}

function settingsTable(title: string, lines: string[], text = ""): string {
  const head = [row(["Setting", "Type", "Default", "What it is"]), row(["---", "---", "---", "---"])];
  return [`## ${title}`, ...(text ? ["", text] : []), "", ...head, ...lines].join("\n");
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
