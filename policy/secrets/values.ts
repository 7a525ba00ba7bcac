import { isSecretName } from "./names";

/** A switch, or nothing. */
const SWITCH = /^(true|false|yes|no|on|off|enabled|disabled|none|null)?$/i;
/** What stands for a value that is elsewhere: a shell's, Kubernetes', a template's, or a store's. */
const ELSEWHERE =
  /\$\([A-Za-z_][\w.-]*\)|\$\{[^}]*\}|\{\{.*\}\}|^(ref\+)?vault:|^ref\+\w+:|^op:\/\/|^arn:aws:(secretsmanager|ssm):|^\[secret\]$|^\*+$|^<[^<>]+>$/;

/** True if a value, given for something secret, is that secret itself. */
export function isGiven(value: string): boolean {
  const text = unquoted(value.slice(0, 4096).trim());
  return !SWITCH.test(text) && !ELSEWHERE.test(text);
}

function unquoted(text: string): string {
  return /^(["'])(.*)\1$/s.exec(text)?.[2]?.trim() ?? text;
}

/** True if a name and a value together are a secret in the clear. */
export function isSecret(name: string, value: string): boolean {
  return isSecretName(name) && isGiven(value);
}

const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----|PuTTY-User-Key-File-\d|AGE-SECRET-KEY-1/;
const ENCODED_PEM = /LS0tLS1CRUdJTi[A-Za-z0-9+/=\s]*/g;

/** Tokens that their makers have given a form of their own. */
const TOKENS: readonly RegExp[] = [
  /\b(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/,
  /\b(gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|npm_[A-Za-z0-9]{30,}|dckr_pat_[\w-]{20,})/,
  /\b(xox[abeoprs]-[\w-]{10,}|sk_live_\w{16,}|AIza[\w-]{35}|pul-[0-9a-f]{40}|hv[sb]\.[\w-]{20,}|SG\.[\w-]{16,40}\.)/,
  /\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\./,
];
/** Addresses that let in whoever knows them. */
const WEBHOOK =
  /hooks\.slack\.com\/\w+\/\w+\/\w+|discord(app)?\.com\/api\/webhooks\/\d+\/|api\.telegram\.org\/bot\d+:|webhook\.office\.com\/webhook/i;

/** Each run of letters is looked at from its start only, so that a long text is read in a time that grows with it. */
const URL_START = /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,40}:\/\/([^\s/?#"'`<>@]{0,2000}(?:@[^\s/?#"'`<>@]{1,2000})*)@/gi;
const PARAMETER = /[?&;#]([\w.-]+)=([^&#\s"'`;,}\]]*)/g;
const HEADER =
  /(?<![\w-])([\w-]{1,80})(?:["']?\s{0,9}[:=]\s{0,9}[[\s]{0,9}["']?|\s{1,9}["'])(?:bearer|basic|token|digest|negotiate|apikey)\s{1,9}([^\s"',\]}]+)/gi;
const HEADER_NAME = /^((proxy-)?authorization|(set-)?cookie)$|token|secret|password|(api|auth|access)-?key/i;
/** The entry of a docker config. */
const DOCKER_AUTH = /["']?\bauth["']?\s*:\s*["']?([A-Za-z0-9+/]{6,}=*)/g;
const SCHEME = /\b(?:Bearer|Basic)\s+([A-Za-z0-9._~+/-]{8,}=*)/g;
const COLON_USER = /^[\x20-\x7e]*:[\x20-\x7e]*$/;

/** What makes a text a secret wherever it is and whatever its name: in words, never the secret; or undefined. */
export function secretIn(text: string): string | undefined {
  if (PRIVATE_KEY.test(text) || encodedKey(text)) return "a private key";
  if (TOKENS.some((form) => form.test(text))) return "a token or key of a known form";
  if (WEBHOOK.test(text)) return "a webhook's address, which lets in whoever knows it";
  if ([...text.matchAll(URL_START)].some(([, user = ""]) => isLogin(user))) return "a URL with a password";
  if (hasParameter(text)) return "a URL with a token";
  return hasHeader(text) ? "a header that logs somebody in" : undefined;
}

function encodedKey(text: string): boolean {
  return (text.match(ENCODED_PEM) ?? []).some((each) =>
    PRIVATE_KEY.test(Buffer.from(each, "base64").toString("latin1")),
  );
}

/** `user:password`; or a token in the place of the user. */
function isLogin(text: string): boolean {
  const at = text.indexOf(":");
  if (at >= 0) return isValue(text.slice(at + 1));
  return text.length >= 20 && /\d/.test(text) && /[A-Za-z]/.test(text) && isValue(text);
}

function hasParameter(text: string): boolean {
  if (!/:\/\/|^\//.test(text)) return false;
  return [...text.matchAll(PARAMETER)].some(([, name = "", value = ""]) => isParameter(name) && isValue(value));
}

/** In a URL a bare `key`, `sig` or `auth` is a secret, too. */
function isParameter(name: string): boolean {
  return isSecretName(name) || /^(key|sig|signature|auth|x-amz-signature|code)$/i.test(name);
}

function hasHeader(text: string): boolean {
  if ([...text.matchAll(HEADER)].some(([, name = "", value = ""]) => HEADER_NAME.test(name) && isValue(value)))
    return true;
  if ([...text.matchAll(DOCKER_AUTH)].some(([, value = ""]) => isPair(value))) return true;
  return [...text.matchAll(SCHEME)].some(([found, value = ""]) => {
    if (found.startsWith("Basic")) return isPair(value);
    return /\d|[._~+/=]./.test(value);
  });
}

const isPair = (encoded: string): boolean => COLON_USER.test(Buffer.from(encoded, "base64").toString("latin1"));

/** True for a part of a text that is a value, and no variable of a shell or a template. */
function isValue(text: string): boolean {
  return isGiven(text) && !/^(\$|%[\w(]|\{)/.test(text);
}
