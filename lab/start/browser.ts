import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { Readable, Writable } from "node:stream";

interface Message {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

type Listener = (params: Record<string, unknown>) => void;

/**
 * A headless Chromium, spoken to over its DevTools pipe (https://chromedevtools.github.io/devtools-protocol/): JSON
 * texts that end with a zero byte, on descriptors 3 and 4. So no port is opened, and no secret is in an argument list.
 */
export class Browser {
  private readonly waiting = new Map<number, (answer: Message) => void>();
  private readonly listeners = new Map<string, Listener>();
  private session: string | undefined;
  private last = 0;

  private constructor(private readonly child: ChildProcess) {
    let rest = "";
    const output = child.stdio[4] as Readable;
    output.setEncoding("utf8");
    output.on("data", (chunk: string) => {
      const texts = (rest + chunk).split("\0");
      rest = texts.pop() ?? "";
      for (const text of texts) this.receive(JSON.parse(text) as Message);
    });
    const ended = { error: { message: "the browser has ended" } };
    child.once("exit", () => this.waiting.forEach((answer) => answer(ended)));
    (child.stdio[3] as Writable).on("error", () => undefined); // the end of the browser says more
  }

  /** Starts a browser with one empty page. `command` is the program with all that comes before it. */
  static async open(command: readonly string[], env: NodeJS.ProcessEnv, logPath: string): Promise<Browser> {
    const log = openSync(logPath, "a");
    const [file = "", ...args] = command;
    const child = spawn(file, args, { env, stdio: ["ignore", log, log, "pipe", "pipe"] });
    closeSync(log);
    await once(child, "spawn");
    const browser = new Browser(child);
    try {
      const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
      const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
      browser.session = sessionId as string;
      return browser;
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  /** Sends a command and resolves to its answer. */
  async send(
    method: string,
    params: Record<string, unknown> = {},
    timeoutSeconds = 20,
  ): Promise<Record<string, unknown>> {
    const id = ++this.last;
    const answered = new Promise<Message>((resolve) => this.waiting.set(id, resolve));
    const session = this.session === undefined ? {} : { sessionId: this.session };
    (this.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    const late = { error: { message: `no answer within ${timeoutSeconds} s` } };
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<Message>((resolve) => (timer = setTimeout(() => resolve(late), timeoutSeconds * 1000)));
    const answer = await Promise.race([answered, tooLate]);
    clearTimeout(timer);
    this.waiting.delete(id);
    if (answer.error) throw new Error(`the browser refused ${method}: ${answer.error.message}`);
    return answer.result ?? {};
  }

  /** Calls a function at each event of a kind. */
  on(event: string, listener: Listener): void {
    this.listeners.set(event, listener);
  }

  /** The value of a JavaScript expression in the page. */
  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.send("Runtime.evaluate", { expression, returnByValue: true });
    return (result as { value?: unknown }).value;
  }

  /** Ends the browser. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.session = undefined;
    this.send("Browser.close", {}, 5).catch(() => this.child.kill("SIGKILL"));
    await ended;
  }

  private receive(message: Message): void {
    if (message.id !== undefined) this.waiting.get(message.id)?.(message);
    else this.listeners.get(message.method ?? "")?.(message.params ?? {});
  }
}
