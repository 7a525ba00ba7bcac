import { StringDecoder } from "node:string_decoder";
import { Log } from "../protocol/resource";

/** Shows what a command prints, a status message per line, as the lines come. */
export class LineLog {
  private readonly decoder = new StringDecoder();
  private rest = "";

  constructor(private readonly log: Log) {}

  write(chunk: Buffer): void {
    const lines = (this.rest + this.decoder.write(chunk)).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.log.status(line.replace(/\r$/, ""));
  }

  /** Shows a last line without a line break. */
  end(): void {
    if (this.rest !== "") this.log.status(this.rest.replace(/\r$/, ""));
    this.rest = "";
  }
}
