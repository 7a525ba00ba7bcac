import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { migrateFile } from "../../cli/migrate";

/** What `npm run migrate` says where a file of 0.1.0 leaves image and resources to the program. */
export const DEFAULTS = [
  "registry.image: registry:2 written out, the default of 0.1.0",
  "registry.resources.requests.cpu: 100m written out, the default of 0.1.0",
  "registry.resources.limits.cpu: 100m written out, the default of 0.1.0",
  "registry.resources.requests.memory: 100Mi written out, the default of 0.1.0",
  "registry.resources.limits.memory: 100Mi written out, the default of 0.1.0",
];

/** A stack's file in a folder of its own, which is made before each test. */
export class StackFile {
  folder = "";
  file = "";

  constructor() {
    beforeEach(() => {
      this.folder = mkdtempSync(join(tmpdir(), "migrate-"));
      this.file = join(this.folder, "Pulumi.test.yaml");
    });
    afterEach(() => rmSync(this.folder, { recursive: true }));
  }

  text(): string {
    return readFileSync(this.file, "utf8");
  }

  write(content: string): void {
    writeFileSync(this.file, content);
  }

  /** What is printed for a file, and the file's text then. */
  migrate(content: string): { lines: string[]; after: string } {
    this.write(content);
    const lines = migrateFile(this.file);
    return { lines, after: this.text() };
  }

  /** What is printed for some settings, without what was moved and the defaults. */
  notes(settings: Record<string, unknown>): string[] {
    const { lines } = this.migrate(fileOf(settings));
    return lines.filter((line) => !line.includes(" -> ") && !DEFAULTS.includes(line));
  }

  /** The settings as they are in the file. */
  config(): Record<string, unknown> {
    return (parse(this.text()) as { config: Record<string, unknown> }).config;
  }

  /** What is at a place of the file, such as `registry.image`. */
  at(place: string): unknown {
    const step = (all: unknown, name: string): unknown => (all as Record<string, unknown> | undefined)?.[name];
    return `private-registry:${place}`.split(".").reduce<unknown>(step, this.config());
  }
}

/** The text of a file with some settings. */
export function fileOf(settings: Record<string, unknown>): string {
  const own = Object.entries(settings).map(([key, value]): [string, unknown] => [`private-registry:${key}`, value]);
  return stringify({ config: Object.fromEntries(own) });
}
