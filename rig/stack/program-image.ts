import { randomBytes } from "node:crypto";
import * as path from "node:path";
import { writeArchive } from "../../lab/images";
import { ensurePrograms } from "../../lab/programs";
import { folderFor } from "./clients";
import { login, reference } from "./images";
import { onClient, succeeded } from "./lab";

/** Pushes an image whose program waits, and which no node can have: there is no other with these bytes. */
export async function pushProgram(repository: string): Promise<{ reference: string; digest: string }> {
  const { pause } = await ensurePrograms(["pause"], () => undefined);
  const folder = folderFor("program");
  const files = { "/pause": { from: pause }, "/bytes": { text: randomBytes(64).toString("hex") } };
  const target = reference(repository);
  await writeArchive({ names: [target], files, entrypoint: ["/pause"] }, path.join(folder, "archive.tar"), folder);
  const variables = await login("push");
  succeeded(await onClient("crane", ["push", path.join(folder, "layout"), target], { env: variables }));
  const { stdout } = succeeded(await onClient("crane", ["digest", target], { env: variables }));
  return { reference: target, digest: stdout.trim() };
}
