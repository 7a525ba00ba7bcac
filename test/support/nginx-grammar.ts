/** What ends a list of words: a directive's `;`, a block's `{`, or the `}` after a block. */
export type Mark = ";" | "{" | "}";

/** A directive, the head of a block, or the end of one (which has no words). */
export interface Statement {
  words: string[];
  /** Kept apart from the words, as a quoted word may itself be "{" or "}". */
  mark: Mark;
}

/** Reads nginx's text as nginx does: words, quotes with their escapes, comments, blocks. */
export function parse(text: string): Statement[] {
  const found: Statement[] = [];
  let words: string[] = [];
  let at = 0;
  const end = (mark: Mark): void => {
    if (words.length > 0 || mark === "}") found.push({ words, mark });
    words = [];
  };
  while (at < text.length) {
    const char = text.charAt(at);
    if (/\s/.test(char)) at++;
    else if (char === "#") at = lineEnd(text, at);
    else if (/[;{}]/.test(char)) {
      end(char as Mark);
      at++;
    } else {
      const { word, next } = readWord(text, at);
      words.push(word);
      at = next;
    }
  }
  if (words.length > 0) throw new Error(`a directive without an end: ${words.join(" ")}`);
  return found;
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at < 0 ? text.length : at;
}

function readWord(text: string, from: number): { word: string; next: number } {
  const quote = text.charAt(from);
  return quote === '"' || quote === "'" ? readQuoted(text, from + 1, quote) : readBare(text, from);
}

/** nginx drops the backslash before a quote, a backslash, t, r and n only. */
function readQuoted(text: string, from: number, quote: string): { word: string; next: number } {
  let word = "";
  for (let at = from; at < text.length; at++) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (char === "\\" && /["'\\]/.test(next)) {
      word += next;
      at++;
    } else if (char === quote) {
      if (!/[\s;{)]/.test(next)) throw new Error(`something follows a quote at ${at}`);
      return { word, next: at + 1 };
    } else word += char;
  }
  throw new Error("a quote without an end");
}

function readBare(text: string, from: number): { word: string; next: number } {
  let at = from;
  while (at < text.length && !/[\s;{]/.test(text.charAt(at))) at += text.charAt(at) === "\\" ? 2 : 1;
  return { word: text.slice(from, at), next: at };
}
