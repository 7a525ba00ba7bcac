import * as fs from "node:fs";
import * as path from "node:path";
import { LOGIN_ANSWER, LOGIN_PROGRAM, UPSTREAM_LOGIN_PATH } from "../../components/registry/features/upstream-login";

/** The files of a cache's login, as the kubelet mounts them. */
export function loginFilesIn(folder: string, secret: Record<string, string>): void {
  const place = path.join(folder, UPSTREAM_LOGIN_PATH);
  for (const name of [LOGIN_PROGRAM, LOGIN_ANSWER]) {
    const { [name]: text } = secret;
    if (text === undefined) continue;
    fs.mkdirSync(place, { recursive: true });
    fs.writeFileSync(path.join(place, name), Buffer.from(text, "base64"), { mode: 0o555 });
  }
}

/** The same with another login. */
export function writeLogin(folder: string, user: string, password: string): void {
  const text = JSON.stringify({ ServerURL: "", Username: user, Secret: password });
  fs.writeFileSync(path.join(folder, UPSTREAM_LOGIN_PATH, LOGIN_ANSWER), text);
}
