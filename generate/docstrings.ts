import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** A member of an interface, an enum or a class, as its docstring has it. */
export interface Described {
  name: string;
  /** The type as a reader wants it: without `pulumi.Input`. */
  type: string;
  optional: boolean;
  text: string;
}

/** An interface, an enum or a component, as its docstring has it. */
export interface Declared {
  kind: "interface" | "enum" | "component";
  name: string;
  text: string;
  /** The example, as code; empty if there is none. */
  example: string;
  members: Described[];
  /** For an interface, the names of those that it extends, whose members it has too. */
  parents?: string[];
}

/** The interfaces, enums and components that a folder's files declare, and those of more files, by name. */
export function declarations(folder: string, ...more: string[]): Map<string, Declared> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const found = [...names.sort().map((file) => join(folder, file)), ...more].flatMap((file) => {
    const text = readFileSync(file, "utf8");
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
    return source.statements.flatMap((statement) => declared(statement) ?? []);
  });
  const all = new Map(found.map((each) => [each.name, each]));
  const withInherited = ({ members, parents = [] }: Declared): Described[] => {
    const own = new Set(members.map(({ name }) => name));
    const inherited = parents.flatMap((name) => (all.has(name) ? withInherited(all.get(name) as Declared) : []));
    return [...inherited.filter(({ name }) => !own.has(name)), ...members];
  };
  return new Map(found.map((each) => [each.name, { ...each, members: withInherited(each) }]));
}

function declared(node: ts.Statement): Declared | undefined {
  if (ts.isInterfaceDeclaration(node)) {
    const parents = (node.heritageClauses ?? []).flatMap(({ types }) =>
      types.map(({ expression }) => expression.getText()),
    );
    const members = node.members.flatMap(member);
    return { kind: "interface", name: node.name.text, ...documented(node), members, parents };
  }
  if (ts.isVariableStatement(node)) return closedSet(node);
  if (
    ts.isClassDeclaration(node) &&
    node.heritageClauses?.some((clause) => /ComponentResource/.test(clause.getText()))
  ) {
    const outputs = node.members.filter(ts.isPropertyDeclaration).map(property);
    return { kind: "component", name: node.name?.text ?? "", ...documented(node), members: outputs };
  }
  return undefined;
}

function member(node: ts.TypeElement): Described[] {
  return ts.isPropertySignature(node) ? [property(node)] : [];
}

function property(node: ts.PropertySignature | ts.PropertyDeclaration): Described {
  const type = plainType(node.type?.getText() ?? "");
  return { name: node.name.getText(), type, optional: node.questionToken !== undefined, text: documented(node).text };
}

/**
 * `const UserRole = { Pull: "pull", ... } as const`, with a type of the same name: an enum to a reader, and to the
 * schema. Unlike one of TypeScript's own it takes `"pull"`, too.
 */
function closedSet(node: ts.VariableStatement): Declared | undefined {
  const [declaration] = node.declarationList.declarations;
  const value = declaration?.initializer;
  if (!declaration || !value || !ts.isAsExpression(value) || value.type.getText() !== "const") return undefined;
  if (!ts.isObjectLiteralExpression(value.expression)) return undefined;
  const members = value.expression.properties.flatMap((each) =>
    ts.isPropertyAssignment(each) && ts.isStringLiteral(each.initializer) ? [choice(each, each.initializer.text)] : [],
  );
  if (members.length < 2 || members.length < value.expression.properties.length) return undefined;
  return { kind: "enum", name: declaration.name.getText(), ...documented(node), members };
}

function choice(node: ts.PropertyAssignment, value: string): Described {
  return { name: value, type: "", optional: false, text: documented(node).text };
}

function documented(node: ts.Node): { text: string; example: string } {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const example = doc?.tags?.find((tag) => tag.tagName.text === "example");
  return { text: words(doc?.comment), example: words(example?.comment) };
}

function words(comment: string | ts.NodeArray<ts.JSDocComment> | undefined): string {
  return (ts.getTextOfJSDocComment(comment) ?? "").trim();
}

/** `pulumi.Input<pulumi.Input<string>[]>` is a list of texts to a reader. */
function plainType(type: string): string {
  const inner = /^(?:pulumi\.)?(?:Input|Output)<(.*)>$/s.exec(type)?.[1];
  if (inner !== undefined) return plainType(inner);
  const list = /^(.*)\[\]$/s.exec(type)?.[1];
  if (list !== undefined) return `${plainType(list)}[]`;
  const table = /^Record<string, (.*)>$/s.exec(type)?.[1];
  return table === undefined ? type : `{ [name]: ${plainType(table)} }`;
}
