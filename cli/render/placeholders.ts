import { isTable, type Value } from "../../components/internal";
import { STACK } from "../../config/stack";
import { chainPem, keyPem } from "./certificates";

/** A stack's config as its file has it: by key without the project's name. */
export type FileConfig = Record<string, unknown>;

/** A text that passes for a password, and for a key in base64. */
const TEXT = "cGxhY2Vob2xkZXJz";

/** What stands for a secret whose form is checked, by the last word of its path. */
const BY_NAME: Record<string, string> = {
  privateKey: keyPem,
  keyPem,
  accountKeyPem: keyPem,
  keyFileJson: JSON.stringify({ type: "service_account", client_email: "a@example.com", private_key: keyPem }),
  url: "https://placeholder.example.com/",
};

/**
 * The config with something else for everything that is secret, encrypted or not, also for what every stack has and the
 * file lacks. A certificate of the user's own is replaced too, since it has to fit its key. The terms of a CA count as
 * agreed to.
 */
export function withoutSecrets(config: FileConfig): FileConfig {
  const replaced = replace(STACK, "", config) as FileConfig;
  const users = Array.isArray(replaced["users"])
    ? (replaced["users"] as unknown[])
    : [{ name: "placeholder", role: "push" }];
  const certificate = tableOf(replaced["certificate"]);
  const names = [replaced["registryHost"], tableOf(replaced["ui"])["host"]].filter((name) => typeof name === "string");
  return {
    ...replaced,
    ssh: { ...tableOf(replaced["ssh"]), privateKey: keyPem },
    users: users.map((user) => withPassword(user)),
    certificate: {
      ...certificate,
      termsAgreed: true,
      ...("provided" in certificate ? { provided: { chainPem: chainPem(names), keyPem } } : {}),
    },
  };
}

/** A password takes the place of a generation and of a hash, beside which there can't be one. */
function withPassword(user: unknown): unknown {
  if (!isTable(user)) return user;
  const { generation, passwordHash, ...rest } = user;
  return { ...rest, password: TEXT };
}

/** The value with something else for each secret in it. */
function replace(value: Value | undefined, name: string, given: unknown): unknown {
  if (Array.isArray(given)) return given.map((item) => replace(value?.each, name, item));
  if (!isTable(given)) return value?.secret && typeof given === "string" ? placeholder(name) : given;
  if ("secure" in given) return value?.each || value?.members ? undefined : placeholder(name);
  const below = (key: string): Value | undefined => {
    const inner = value?.members?.[key] ?? value?.each;
    return inner && value?.secret ? { ...inner, secret: true } : inner;
  };
  return Object.fromEntries(Object.entries(given).map(([key, item]) => [key, replace(below(key), key, item)]));
}

function placeholder(name: string): string {
  return BY_NAME[name] ?? TEXT;
}

function tableOf(value: unknown): FileConfig {
  return isTable(value) ? value : {};
}
