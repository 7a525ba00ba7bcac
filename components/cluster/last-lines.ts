/** How many of a container's last lines are shown, and how much of each. */
const LINES = 20;
const LINE_LENGTH = 300;

/** What is no secret although it stands where one might. Shorter ones would blank out half of the text. */
const SHORTEST = 8;
const BLANK = "[secret]";

/** Secrets as programs print them, in URLs, headers and settings. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/(:\/\/[^\s:/@]*:)[^\s@/]+@/g, `$1${BLANK}@`],
  [/((?:authorization|proxy-authorization)["']?\s*[:=]\s*\[?["']?(?:(?:basic|bearer)\s+)?)[^\s"'\],]+/gi, `$1${BLANK}`],
  [/\b(bearer|basic)\s+[\w+/=.~-]{8,}/gi, `$1 ${BLANK}`],
  [
    /((?:password|passwd|secret(?:_?(?:access)?_?key)?|token|signature|credential)["']?\s*[:=]\s*["']?)[^\s"'&,;]+/gi,
    `$1${BLANK}`,
  ],
];

/**
 * The last lines of a log, fit to be shown: without the secrets that are given, what looks like one, and what a
 * terminal would obey.
 */
export function lastLines(log: string, secrets: readonly string[]): string[] {
  const known = secrets.flatMap(piecesOf).sort((one, other) => other.length - one.length);
  const lines = log
    .split("\n")
    .map(printable)
    .filter((line) => line.trim() !== "");
  return lines.slice(-LINES).map((line) => shortened(blanked(line, known)));
}

/** A text without secrets and without what a terminal would obey, on one line. */
export function oneLine(text: string, secrets: readonly string[] = []): string {
  const line = text.split("\n").map(printable).join(" ").replace(/\s+/g, " ").trim();
  return blanked(line, secrets.flatMap(piecesOf));
}

function blanked(line: string, known: readonly string[]): string {
  const without = known.reduce((text, secret) => text.replaceAll(secret, BLANK), line);
  return FORMS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), without);
}

/** A secret, and its parts where it is a file or a list of settings. */
function piecesOf(secret: string): string[] {
  const pieces = [secret, unquoted(secret), ...secret.split(/[\s"',;:]+/)];
  return [...new Set(pieces)].filter((piece) => piece.length >= SHORTEST && !piece.includes("\n"));
}

/** What a program makes of a text in JSON's quotes, in which the registry gets its own. */
function unquoted(text: string): string {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "string" ? read : text;
  } catch {
    return text;
  }
}

function printable(line: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is taken away
  return line.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "").replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}

function shortened(line: string): string {
  return line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH)}...` : line;
}
