/** A directive, with the statements of its block if it has one. */
export interface Directive {
  words: string[];
  block?: Directive[];
}

/**
 * Reads nginx's text as nginx does: words, quotes, comments, blocks, in whatever lines they are. What is no nginx text
 * gives some list or other, and never an error.
 */
export function directives(text: string): Directive[] {
  const root: Directive[] = [];
  const open: Directive[][] = [root];
  let words: string[] = [];
  for (const [token, , quoted] of text.matchAll(TOKEN)) {
    if (token.startsWith("#")) continue;
    const within = open.at(-1) ?? root;
    if (token === ";") within.push({ words });
    else if (token === "{") {
      const block: Directive[] = [];
      within.push({ words, block });
      open.push(block);
    } else if (token === "}") {
      if (words.length > 0) within.push({ words });
      if (open.length > 1) open.pop();
    } else {
      words.push(quoted === undefined ? token : token.slice(1, -1));
      continue;
    }
    words = [];
  }
  if (words.length > 0) (open.at(-1) ?? root).push({ words });
  return root;
}

const TOKEN = /#[^\n]*|([;{}])|("(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*')|(?:\\[^]|\$\{[^}\s]*\}|[^\s;{}\\])+/g;

/** All directives of a text, those inside of blocks too. */
export function allOf(list: readonly Directive[]): Directive[] {
  return list.flatMap((each) => [each, ...allOf(each.block ?? [])]);
}
