/** What is a secret by its name; the rest of the name may say that it is only about one. */
const SECRET =
  /pass(?:word|wd|phrase|code)|secret(?:_?access)?_?key|secret|token|credential|(?:private|access|account|api|app|auth|signing|encryption|master|ssh|shared|storage|session|hmac|jwt|webhook|deploy|license)_?key|authorization|requirepass|masterauth|(?:^|_)(?:pass|pwd|pw|psk|bearer|jwt|erlang_cookie)(?=_|$)|(?:db|sql|pg|user|admin|root|redis|smtp|mail|ldap)pass(?=_|$)/g;

/** After a secret's name: a file, an object or a place that has it, or something else about it. */
const ABOUT = new Set(
  [
    "file files filename path paths dir directory folder mount location volume socket sock bundle rootcertbundle keyring",
    "name names ref refs reference selector url uri endpoint endpoints host hostname domain addr address port realm",
    "issuer issuers service audience audiences scope scopes header headers field param prefix suffix provider providers",
    "manager store backend engine helper type kind mode format algorithm algorithms alg signingalgorithms method methods",
    "policy policies version enabled disabled required allowed autoredirect autoredirectpath jwks cert certs certificate",
    "ca cas public reviewer controller webhook length len size count limit min max seconds minutes hours days ms ttl",
    "expiry expires expiration lifetime duration timeout interval age rotation retries attempts cost rounds iterations",
    "bits leeway skew cache prompt stdin fd env cmd command label description hint encoding charset",
  ].flatMap((line) => line.split(" ")),
);

/** What makes a different word of a secret's: tokenizer, passwordless, secretary. */
const OTHER_WORD = /^(iz|less|ar(y|ies)|ly|ed$|ing$)/;

/** Variables of programs that are used with registries, whose value is a path though nothing in the name says so. */
const PATHS = new Set(["google_application_credentials", "registry_http_tls_key", "pwd", "oldpwd"]);

/** A name's words, lower-case: of REGISTRY_HTTP_TLS_KEY, registry-http.tls.key and registryHttpTlsKey the same ones. */
function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
}

/**
 * True for a name whose value is a secret. It is the name that says whether a value is a path, an amount or an object's
 * name: a password may begin with `/` or have digits only.
 */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name);
  if (PATHS.has(words) || /(^|_)(image_)?(pull|tls)_secrets?$/.test(words)) return false;
  if (/^(max|min|num|number|total|count)_/.test(words)) return false;
  return [...words.matchAll(SECRET)].some((found) => {
    const rest = words.slice(found.index + found[0].length).replace(/^s(?=_|$)/, "");
    const [glued = "", ...parts] = rest.split("_");
    if (OTHER_WORD.test(glued)) return false;
    return ![glued, ...parts].some((word) => ABOUT.has(word));
  });
}
