import { isDeepStrictEqual } from "node:util";
import { type Credential, htpasswd } from "./users";

/** What a user file is made from. Secret. */
export interface UserFileInputs {
  /** What makes the salts this registry's own. */
  realm: string;
  /** bcrypt's cost. */
  cost: number;
  users: Credential[];
}

/** The same, with what was made. */
export interface UserFileState extends UserFileInputs {
  /** The htpasswd text. Secret. */
  file: string;
  /** Who was taken away, or got a new password, when the file was last changed. */
  left?: string[];
  /** When that was, in ms since 1970. */
  leftAt?: number;
}

export function diff(_id: string, olds: UserFileState, news: UserFileInputs): { changes: boolean } {
  return { changes: !isDeepStrictEqual(plain(olds), plain(news)) };
}

export async function create(inputs: UserFileInputs): Promise<{ id: string; outs: UserFileState }> {
  return { id: "users", outs: await made(plain(inputs)) };
}

/** Hashes whom the old file does not have with this password: the others keep their lines. */
export async function update(_id: string, olds: UserFileState, news: UserFileInputs): Promise<{ outs: UserFileState }> {
  const same = olds.realm === news.realm && olds.cost === news.cost;
  const outs = await made(plain(news), same ? unchanged(olds, news) : undefined);
  return { outs: { ...outs, left: leaving(olds, news), leftAt: Date.now() } };
}

/** Whose former password is not to open anything any more. */
function leaving(olds: UserFileState, news: UserFileInputs): string[] {
  const opensBy = ({ password, hash = password }: Credential): string => hash;
  const now = new Map(news.users.map((user) => [user.name, opensBy(user)]));
  return olds.users.filter((user) => now.get(user.name) !== opensBy(user)).map(({ name }) => name);
}

/** The lines of those whose password is what it was, by name. */
function unchanged(olds: UserFileState, news: UserFileInputs): Map<string, string> {
  const lines = new Map(olds.file.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line]));
  const before = new Map(olds.users.map((user) => [user.name, user]));
  const kept = news.users.filter((user) => {
    const old = before.get(user.name);
    return old !== undefined && isDeepStrictEqual(one(old), one(user));
  });
  return new Map(
    kept.flatMap(({ name }): [string, string][] => [[name, lines.get(name) ?? ""]]).filter(([, line]) => line),
  );
}

async function made(inputs: UserFileInputs, known?: ReadonlyMap<string, string>): Promise<UserFileState> {
  return { ...inputs, file: await htpasswd(inputs.users, inputs.realm, inputs.cost, known) };
}

function plain({ realm, cost, users }: UserFileInputs): UserFileInputs {
  return { realm, cost, users: users.map(one) };
}

function one({ name, password, made = false, hash }: Credential): Credential {
  if (hash !== undefined) return { name, password, hash };
  return made ? { name, password, made } : { name, password };
}
