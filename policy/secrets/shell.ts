/** A word of a command, and whether the shell puts something of its own into it. */
export interface Word {
  text: string;
  /** True if it has a variable or a command's output in it. */
  expands: boolean;
}

const PIECE = new RegExp(
  [
    /(?<space>\\\n|[^\S\n]+)/,
    /\\(?<escaped>[^])/,
    /'(?<single>[^']*)'/,
    /"(?<double>(?:[^"\\]|\\[^])*)"/,
    /(?<mark>\n|;|&&|\|\|?|&(?!>)|(?:(?<=^|\s)[(){}]|[(){}](?=\s|$)))/,
    /(?<comment>(?<![^\s;|&()])#[^\n]*)/,
    /(?<bare>\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`|\$\{[^}]*\}|\$\w+|\$[@*#?!$-]|[^])/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
);
const EXPANDS = /\$[\w({@*#?!$-]|`/;

/** The commands of a shell's text, word by word. What is no shell's text gives some words or other. */
export function commandsOf(text: string): Word[][] {
  const commands: Word[][] = [[]];
  let word: Word | undefined;
  const end = (): void => {
    if (word) commands.at(-1)?.push(word);
    word = undefined;
  };
  for (const found of text.matchAll(PIECE)) {
    const { mark, comment, space } = found.groups ?? {};
    if (mark !== undefined) {
      end();
      commands.push([]);
    } else if (space !== undefined) end();
    else if (comment === undefined) word = joined(word, found.groups ?? {});
  }
  end();
  return commands.filter((words) => words.length > 0);
}

type Piece = Record<string, string | undefined>;

/** A word with one more piece behind it. */
function joined(word: Word | undefined, { escaped, single, double, bare = "" }: Piece): Word {
  const piece = escaped ?? single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? bare;
  return { text: (word?.text ?? "") + piece, expands: word?.expands === true || EXPANDS.test(double ?? bare) };
}
