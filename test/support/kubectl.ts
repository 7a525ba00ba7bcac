import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import * as pulumiState from "@pulumi/pulumi/runtime/state";

/** The SDK's own store of a run; its types don't show all of it. */
const { getStore } = pulumiState as unknown as { getStore: () => { settings: { engine: unknown } } };

/** A program `kubectl` that stands in PATH for the time of a test, answers from files and notes how it was called. */
export class FakeKubectl {
  private readonly folder = mkdtempSync(join(tmpdir(), "fake-kubectl-"));
  private readonly path = process.env["PATH"] ?? "";

  /** @param there False for a PATH without a kubectl. */
  constructor(there = true) {
    const { folder } = this;
    const file = join(folder, "kubectl");
    if (there) writeFileSync(file, `#!/bin/sh\nfolder='${folder}'\n${PROGRAM}`);
    if (there) chmodSync(file, 0o755);
    process.env["PATH"] = there ? `${folder}${delimiter}${this.path}` : folder;
  }

  /** What it prints for a kind of question ("deployment", "logs"); as an error where that is said. */
  answer(to: string, text: unknown, isError = false): this {
    const body = typeof text === "string" ? text : JSON.stringify(text);
    writeFileSync(join(this.folder, `${to}.${isError ? "err" : "out"}`), body);
    return this;
  }

  /** Each call: the options, and what it saw of its kubeconfig. */
  calls(): string[] {
    const file = join(this.folder, "calls");
    return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  }

  /** The kubeconfig that it was given last: path, rights and content. */
  kubeconfig(): { path: string; mode: string; content: string } {
    const [path = "", mode = "", ...content] = readFileSync(join(this.folder, "kubeconfig"), "utf8").split("\n");
    return { path, mode, content: content.join("\n") };
  }

  end(): void {
    process.env["PATH"] = this.path;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const PROGRAM = `
echo "$*" >> "$folder/calls"
if [ "$1" = --kubeconfig ]; then
  { echo "$2"; stat -c %a "$2"; cat "$2"; } > "$folder/kubeconfig"
fi
for each in deployment replicasets,pods events logs; do
  case " $* " in
  *" $each "*)
    if [ -e "$folder/$each.err" ]; then cat "$folder/$each.err" >&2; exit 1; fi
    cat "$folder/$each.out"
    exit ;;
  esac
done
`;

/** An engine for a program under mocks, which then takes itself for one of an \`up\`: what it logs, by severity. */
export function withEngine(): { info: string[]; warnings: string[] } {
  const said = { info: [] as string[], warnings: [] as string[] };
  getStore().settings.engine = {
    log: (request: { getSeverity(): number; getMessage(): string }, answered: () => void) => {
      const list = [undefined, said.info, said.warnings][request.getSeverity()];
      list?.push(request.getMessage());
      answered();
    },
  };
  return said;
}
