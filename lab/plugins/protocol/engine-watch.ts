import net from "node:net";

const INTERVAL_MS = 5_000;

/**
 * Ends something when the engine has gone without a word, as after a kill: else its plugins would stay for ever. The
 * real plugins watch it, too.
 *
 * @param engineAddress The engine's "host:port". Without one there is nothing to watch.
 * @param gone Called once.
 */
export function watchEngine(engineAddress: string | undefined, gone: () => void, intervalMs = INTERVAL_MS): void {
  const [host, port] = engineAddress?.split(":") ?? [];
  if (host === undefined || port === undefined) return;
  const timer = setInterval(() => {
    const socket = net.connect(Number(port), host);
    socket.unref();
    socket.once("connect", () => socket.destroy());
    socket.once("error", () => {
      clearInterval(timer);
      gone();
    });
  }, intervalMs);
  timer.unref();
}
