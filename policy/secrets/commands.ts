import { isSecretName } from "./names";
import { commandsOf, type Word } from "./shell";
import { isGiven, isSecret } from "./values";

/** Programs that only start the next one. */
const STARTERS = /^(sudo|doas|env|exec|nohup|time|timeout|nice|ionice|xargs|setsid|stdbuf|command|tini|dumb-init|--)$/;
const SHELLS = /^(ba|da|a|z|k|fi)?sh$/;
/** Programs whose `-p` is a password. */
const PASSWORD =
  /^(mysql\w*|mariadb[\w-]*|sshpass|mongo\w*|influx|oc|az|rabbitmqadmin|arangosh|cqlsh|clickhouse-client)$/;
/** The same, when they log in. */
const LOGIN = /^(docker|podman|nerdctl|buildah|crane|skopeo|helm|oras|regctl|cosign|argocd|vault|npm)$/;
/** Programs whose `-p` is something else. */
const OTHER =
  /^(mkdir|cp|rsync|install|ssh|nc|ncat|ps|psql|pg_\w+|createdb|nginx|read|test|tar|patch|make|java|docker-compose|pulumi|node|npx|tsc|git|systemctl|journalctl|kubectl|declare|export|local|set|find|kill|lsof|touch|perl|redis-cli|unzip|su|jq|memcached|registry|haproxy|python3?)$/;
/** Programs that hand a word on to a shell. */
const HANDS_ON = /^(ssh|su|eval|watch|parallel)$/;
/** Other short flags that take a password, by program. */
const SHORT: readonly [RegExp, RegExp][] = [
  [/^redis-cli$/, /^-a$/],
  [/^ldap\w+$/, /^-w$/],
  [/^openssl$/, /^-k$/],
  [/^(mosquitto_\w+|ipmitool|zip|unzip)$/, /^-P$/],
];
const USER = /^(-u|-U|--user|--username|--proxy-user|--login)$/;
const PAIR_FLAG = /^(-u|-U|--user|--proxy-user|--creds|--src-creds|--dest-creds|--basic-auth|--auth)$/;
/** Programs that take the password in the same word. */
const GLUED = /^(mysql\w*|mariadb[\w-]*|sshpass)$/;

/** What is given in the clear to the commands of a shell's text: each fault in words, never the value. */
export function secretsOfShell(text: string): string[] {
  const commands = commandsOf(text);
  const piped = commands.flatMap((words, index) => ofPipe(words, commands[index + 1]));
  return [...commands.flatMap((words) => ofCommand(words, false)), ...(text.includes("|") ? piped : [])];
}

/** The same for a list of words, as Kubernetes starts a program: only `$(NAME)` is replaced there. */
export function secretsOfWords(list: readonly string[]): string[] {
  const words = list.map((text) => ({ text, expands: /\$\([A-Za-z_][\w.-]*\)/.test(text) }));
  const shell = words.findIndex(({ text }) => SHELLS.test(base(text)));
  const texts = list.filter((text, index) => /\s/.test(text) && !(shell < 0 && isWord(list, index)));
  const plain = words.filter(({ text }) => !texts.includes(text));
  return [...ofCommand(plain, true), ...texts.flatMap(secretsOfShell)];
}

/** True for a value with spaces in it that belongs to the flag before it. */
function isWord(list: readonly string[], index: number): boolean {
  return /^--?[A-Za-z][\w-]*$/.test(list[index - 1] ?? "") && !/^-\w*c$/.test(list[index - 1] ?? "");
}

function ofCommand(words: readonly Word[], asList: boolean): string[] {
  const first = words.findIndex(({ text }) => !STARTERS.test(base(text)) && !isAssignment(text));
  const program = base(words[first]?.text ?? "");
  const command = { program, names: words.map(({ text }) => text), asList };
  const faults = words.flatMap((word, index) => [
    ...ofAssignment(word),
    ...ofFlag(word, words[index + 1]),
    ...(words[index - 1]?.text === "set" ? ofName(word, words[index + 1]) : []),
    ...ofShortFlag(command, word, words[index + 1]),
    ...ofPair(command, words[index - 1], word),
    ...(isText(program, words[index - 1], word) ? secretsOfShell(word.text) : []),
  ]);
  return [...faults, ...ofHtpasswd(program, words)];
}

/** True for a word that is a shell's text itself. */
function isText(program: string, before: Word | undefined, { text }: Word): boolean {
  return (SHELLS.test(program) && /^-\w*c$/.test(before?.text ?? "")) || (HANDS_ON.test(program) && /\s/.test(text));
}

const base = (text: string): string => /[^/]*$/.exec(text)?.[0] ?? text;
const isAssignment = (text: string): boolean => /^[A-Za-z_]\w*=/.test(text);
const isFree = (word: Word | undefined): word is Word => word !== undefined && !word.expands && isGiven(word.text);

/** `NAME=value`, `--name=value`, `-Dname=value`, `--set name=value,...`, `--from-literal=name=value`. */
function ofAssignment({ text, expands }: Word): string[] {
  const [, flag = "", name = "", value = ""] = /^(-D|--?)?([A-Za-z_][\w.-]*)=(.*)$/s.exec(text) ?? [];
  if (expands || name === "") return [];
  if (isSecret(name, value) && !/^(id|src|source|type)=/.test(value)) return [`${flag}${name} has its value`];
  if (/file$/.test(name)) return [];
  const inner = value.split(",").flatMap((part) => {
    const [, key = "", given = ""] = /^([A-Za-z_][\w.-]*)=(.*)$/s.exec(part) ?? [];
    return isSecret(key, given) ? [`${key} has its value`] : [];
  });
  const rest = flag === "" ? text.split(",").slice(1) : [];
  return [...inner, ...rest.flatMap((part) => ofAssignment({ text: part, expands }))];
}

/** `--name value`, and `--header "Name: value"`. */
function ofFlag({ text }: Word, next: Word | undefined): string[] {
  if (!isFree(next)) return [];
  const [, name = ""] = /^--?([A-Za-z][\w.-]+)$/.exec(text) ?? [];
  if (isSecretName(name) && !/^(-|(id|src|source|type)=)/.test(next.text)) return [`${text} has its value`];
  if (text !== "-H" && text !== "--header") return [];
  const [, header = "", value = ""] = /^([\w-]+):\s*(.+)$/s.exec(next.text) ?? [];
  return isSecret(header, value) ? [`the header ${header} has its value`] : [];
}

/** What is known of the command that a word is in. */
interface Command {
  program: string;
  names: readonly string[];
  asList: boolean;
}

/** `config set name value`. */
function ofName({ text }: Word, next: Word | undefined): string[] {
  return isFree(next) && isSecretName(text) && !next.text.startsWith("-") ? [`${text} has its value`] : [];
}

function ofShortFlag(command: Command, word: Word, next: Word | undefined): string[] {
  const glued = gluedValue(command, word.text);
  if (glued !== undefined) return !word.expands && isGiven(glued) ? ["-p has its value"] : [];
  if (/^pass:./.test(word.text) && !word.expands) return ["pass: has its value"];
  if (!isFree(next)) return [];
  const known = SHORT.some(([programs, flag]) => programs.test(command.program) && flag.test(word.text));
  const password = word.text === "-p" && isPassword(command, next.text);
  return known || password ? [`${word.text} has its value`] : [];
}

/** The value in `-pvalue` or `-p=value`, where that is a password. */
function gluedValue(command: Command, text: string): string | undefined {
  const [, mark = "", value = ""] = /^-p(=?)(.+)$/s.exec(text) ?? [];
  if (value === "") return undefined;
  if (mark === "=") return isPassword(command, value) ? value : undefined;
  const named = command.asList && command.names.some((name) => USER.test(name));
  return GLUED.test(command.program) || (named && !OTHER.test(command.program)) ? value : undefined;
}

/** True if `-p` is followed by a password, as far as program, words beside it and the value itself say. */
function isPassword({ program, names, asList }: Command, value: string): boolean {
  if (value.startsWith("-")) return false;
  if (PASSWORD.test(program) || (LOGIN.test(program) && names.includes("login"))) return true;
  if (OTHER.test(program) || LOGIN.test(program)) return false;
  const elsewhere = /^\d+$|^[\d.:[\]]+(\/\w+)?$|^[./~]/.test(value);
  return !elsewhere && (asList || names.some((name) => USER.test(name)));
}

/** `-u name:password`; numbers, and a group of the user's own name, are no password. */
function ofPair({ program }: Command, before: Word | undefined, { text, expands }: Word): string[] {
  if (expands || /^(docker|podman|nerdctl|chown|install|setpriv)$/.test(program)) return [];
  const pair = PAIR_FLAG.test(before?.text ?? "") ? text : joinedPair(program, text);
  const [, user = "", password = ""] = /^([^:\s/@]+):([^\s/].*)$/s.exec(pair) ?? [];
  if (user === password || /^\d+:\d+$/.test(pair)) return [];
  return isGiven(password) ? ["a user's name is given with its password"] : [];
}

function joinedPair(program: string, text: string): string {
  if (program === "curl" && /^-u./.test(text)) return text.slice(2);
  const at = text.indexOf("=");
  return at > 0 && PAIR_FLAG.test(text.slice(0, at)) ? text.slice(at + 1) : "";
}

/** `htpasswd -b file name password`. */
function ofHtpasswd(program: string, words: readonly Word[]): string[] {
  if (program !== "htpasswd" || !words.some(({ text }) => /^-[A-Za-z]*b/.test(text))) return [];
  return isFree(words.at(-1)) ? ["htpasswd -b has the password"] : [];
}

/** `echo password | program --password-stdin`. */
function ofPipe(words: readonly Word[], next: readonly Word[] | undefined): string[] {
  const reads = next?.some(({ text }) => /^--[\w-]*stdin$/.test(text) || base(text) === "chpasswd") ?? false;
  const prints = /^(echo|printf)$/.test(words[0]?.text ?? "") && words.length > 1;
  return reads && prints && isFree(words.at(-1)) ? ["a password is printed for the next command"] : [];
}
