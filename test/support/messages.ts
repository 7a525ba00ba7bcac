import ts from "typescript";

/** What a program can print: the fixed parts of one text, without what it fills in. */
export interface Message {
  file: string;
  parts: string[];
}

/** Two words next to each other: what people read, and no option, path or name. */
const PROSE = /[a-z']{2,}[,;:]? [a-z']{2,}/i;
/** What is sent to a server or written into a file. */
const PROTOCOL = /HTTP\/1\.|Connection: close|PROXY TCP4|Authorization: |^header = |^sh -c |^#/;
/** What many messages have in common. */
const FRAME = /private-registry: (warning: )?|[;,]? ?nginx says: ?|^; nothing was changed$/g;

function message(file: string, texts: readonly string[]): Message[] {
  const parts = texts
    .map((text) => text.replace(/\s+/g, " ").replace(FRAME, " ").trim())
    .filter((text) => PROSE.test(text) && !PROTOCOL.test(text));
  return parts.length > 0 ? [{ file, parts }] : [];
}

/** By these a shell program says something: with one word after them, or a value. */
const SPEAKS = /(?<=^|[\s;{(&|'])(?:(?:fail|not_found_out|not_served|differ|warn|echo|printf) +|\w+\+?=)(?=["'])/gm;

/** The messages of a shell program: arguments of what speaks, and values of variables, that are prose. */
export function messagesOfShell(file: string, source: string): Message[] {
  const text = source.replace(/^\s*#.*$/gm, "");
  return [...text.matchAll(SPEAKS)].flatMap((match) => {
    const said: Message[] = [];
    const formatted = match[0].startsWith("printf");
    for (let at = match.index + match[0].length; ;) {
      const { parts, end } = readWord(text, at);
      said.push(...message(file, formatted ? parts.flatMap(formatParts) : parts));
      const gap = /^(?: |\\\n)+(?=["'])/.exec(text.slice(end));
      if (!formatted || !gap) return said;
      at = end + gap[0].length;
    }
  });
}

/** A printf's format without its places. */
const formatParts = (text: string): string[] => text.replace(/\\n/g, "\n").split(/%(?:\([^)]*\))?[a-zA-Z]/);

/** The word of a shell's text that begins at a place: its fixed parts, and where it ends. */
export function readWord(text: string, start: number): { parts: string[]; end: number } {
  const parts = [""];
  let quoted = false;
  for (let at = start; ;) {
    const c = text[at] ?? "";
    if (c === "" || (!quoted && /[\s;|&)<>]/.test(c))) return { parts, end: at };
    if (c === '"') quoted = !quoted;
    if (c === "$") {
      parts.push("");
      at = afterExpansion(text, at);
    } else {
      const piece = literal(text, at, quoted);
      parts.push((parts.pop() ?? "") + piece.said);
      at = piece.end;
    }
  }
}

/** What stands for itself at a place of a shell's text. */
function literal(text: string, at: number, quoted = false): { said: string; end: number } {
  const [c = "", next = ""] = text.slice(at, at + 2);
  if (c === '"') return { said: "", end: at + 1 };
  if (c === "\\") return { said: next === "\n" ? "" : next, end: at + 2 };
  if (c !== "'" || quoted) return { said: c, end: at + 1 };
  const close = text.indexOf("'", at + 1);
  return { said: text.slice(at + 1, close), end: close + 1 };
}

/** Where an expansion ends: `$name`, `${...}`, `$(...)`. */
function afterExpansion(text: string, start: number): number {
  const open = text[start + 1] ?? "";
  const close = { "{": "}", "(": ")" }[open];
  if (close === undefined) return start + 1 + (/^(\w+|[@*#?$!-])?/.exec(text.slice(start + 1))?.[0].length ?? 0);
  let depth = 1;
  for (let at = start + 2; at < text.length;) {
    const c = text[at];
    if (c === open) depth++;
    if (c === close && --depth === 0) return at + 1;
    at = c === '"' ? afterQuoted(text, at) : literal(text, at).end;
  }
  return text.length;
}

/** Where the double-quoted text that begins at a place ends. */
function afterQuoted(text: string, start: number): number {
  for (let at = start + 1; at < text.length;) {
    const c = text[at];
    if (c === '"') return at + 1;
    at = c === "$" ? afterExpansion(text, at) : literal(text, at, true).end;
  }
  return text.length;
}

/** What is no message: the help of a command, what goes to a server, and what an error says was being done. */
function isSilent(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return true;
  if (ts.isPropertyAssignment(node)) return ["doing", '"User-Agent"'].includes(node.name.getText());
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  return ["description", "option", "requiredOption"].includes(node.expression.name.text);
}

/** The messages of a TypeScript file: its texts that are prose. Texts that are added up are one. */
export function messagesOfCode(file: string, source: string): Message[] {
  const found: Message[] = [];
  const visit = (node: ts.Node): void => {
    const parts = partsOf(node);
    if (parts) found.push(...message(file, parts));
    if (ts.isCallExpression(node) && isSilent(node)) return visit(node.expression);
    if (!isSilent(node)) ts.forEachChild(node, (child) => (parts && partsOf(child) ? undefined : visit(child)));
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true));
  return found;
}

/** The fixed parts of a text; undefined for what is none. */
function partsOf(node: ts.Node): string[] | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [node.text];
  if (ts.isTemplateExpression(node)) return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [partsOf(node.left), partsOf(node.right)];
  if (!left || !right) return undefined;
  return [...left.slice(0, -1), `${left.at(-1) ?? ""}${right[0] ?? ""}`, ...right.slice(1)];
}
