import { isDeepStrictEqual } from "node:util";
import { htpasswd } from "./users";

/** What a user file is made from. Secret. */
export interface UserFileInputs {
  /** What makes the salts this registry's own. */
  realm: string;
  /** bcrypt's cost. */
  cost: number;
  users: { name: string; password: string }[];
}

/** The same, with what was made. */
export interface UserFileState extends UserFileInputs {
  /** The htpasswd text. Secret. */
  file: string;
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
  return { outs: await made(plain(news), same ? unchanged(olds, news) : undefined) };
}

/** The lines of those whose password is what it was, by name. */
function unchanged(olds: UserFileState, news: UserFileInputs): Map<string, string> {
  const lines = new Map(olds.file.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line]));
  const before = new Map(olds.users.map(({ name, password }) => [name, password]));
  const kept = news.users.filter(({ name, password }) => before.get(name) === password);
  return new Map(
    kept.flatMap(({ name }): [string, string][] => [[name, lines.get(name) ?? ""]]).filter(([, line]) => line),
  );
}

async function made(inputs: UserFileInputs, known?: ReadonlyMap<string, string>): Promise<UserFileState> {
  return { ...inputs, file: await htpasswd(inputs.users, inputs.realm, inputs.cost, known) };
}

function plain({ realm, cost, users }: UserFileInputs): UserFileInputs {
  return { realm, cost, users: users.map(({ name, password }) => ({ name, password })) };
}
