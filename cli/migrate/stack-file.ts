import {
  type Document,
  isMap,
  isScalar,
  type Pair,
  parseDocument,
  type ToStringOptions,
  visit,
  type YAMLMap,
} from "yaml";

/** The project whose keys are moved; Pulumi reads a key without a prefix as the project's own. */
export const PREFIX = "private-registry:";

/** A reason not to change the file: a sentence each. */
export class Refusal extends Error {
  constructor(sentences: readonly string[]) {
    super(sentences.join("\n"));
  }
}

/** A stack's file as nodes, which hold its comments and quotes, and how it was written. */
export interface StackFile {
  document: Document;
  config: YAMLMap;
  text: string;
}

/** One key of the project's own below `config:`. */
export interface Entry {
  /** As it is in the file, with or without the prefix. */
  written: string;
  /** Without the prefix. */
  name: string;
  pair: Pair;
}

/**
 * Reads a stack's file.
 * @throws Refusal
 */
export function parseStackFile(file: string, text: string): StackFile {
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault) {
    const [message = ""] = fault.message.split("\n");
    throw new Refusal([`${file} is not valid YAML: ${message.replace(/:$/, "")}`]);
  }
  const config = isMap(document.contents) ? document.get("config") : undefined;
  if (!isMap(config) || config.items.length === 0) throw new Refusal([`${file} has no settings below config:`]);
  if (hasAnchors(document)) {
    throw new Refusal([
      `${file} has YAML anchors (&name, *name); write each value where it is used, then run this again`,
    ]);
  }
  return { document, config, text };
}

/** An alias has to stand below its anchor, and values move. */
function hasAnchors(document: Document): boolean {
  const found: unknown[] = [];
  visit(document, {
    Alias: (_, node) => void found.push(node),
    Value: (_, node) => void (node.anchor === undefined || found.push(node)),
  });
  return found.length > 0;
}

/** The project's own keys, in the order of the file. */
export function ownEntries({ config }: StackFile): Entry[] {
  return config.items.flatMap((pair) => {
    const written = String(isScalar(pair.key) ? pair.key.value : pair.key);
    const [, name] = /^(?:private-registry:(?:config:)?)?([^:]+)$/.exec(written) ?? [];
    return name === undefined ? [] : [{ written, name, pair }];
  });
}

/** The file's text, in the indentation and spacing that it had. */
export function textOf({ document, text }: StackFile): string {
  const written = document.toString(styleOf(text));
  return text.includes("\r\n") ? written.replaceAll("\n", "\r\n") : written;
}

function styleOf(text: string): ToStringOptions {
  const [, indent = "  "] = /^config:[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*( +)\S/m.exec(text) ?? [];
  return {
    indent: indent.length,
    indentSeq: !/^( *)[^\s#-][^\n]*:[ \t]*\r?\n\1- /m.test(text),
    flowCollectionPadding: /[:-] [[{] /.test(text),
    lineWidth: 0, // a folded line is no longer the line that somebody wrote
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  };
}
