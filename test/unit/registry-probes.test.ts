import assert from "node:assert/strict";
import { StoreCheck } from "../../components/registry/args";
import { container, variables } from "../../rig/registry/pod";

type Args = Parameters<typeof container>[1];

const HEALTH = 'command -v wget > /dev/null || exit 0; wget -q -T 4 -O /dev/null "$0"';
const READY = { periodSeconds: 10, failureThreshold: 2, timeoutSeconds: 5 };
const ask = { httpGet: { path: "/debug/health", port: "metrics" }, ...READY };
const connect = { tcpSocket: { port: "registry" }, ...READY };
const run = (...command: string[]) => ({ exec: { command: ["/bin/sh", "-c", ...command] }, ...READY });

const probesOf = async (name: string, args: Args = {}): Promise<unknown[]> => {
  const found = await container(name, args);
  return ["startupProbe", "livenessProbe", "readinessProbe"].map((each) => found[each]);
};

describe("the probes of the pod", () => {
  it("start a container within two minutes, and restart it after a minute and a half without connections", async () => {
    for (const port of ["registry", "registry-ui"]) {
      const tcpSocket = { port };
      const [start, live, ready] = await probesOf(port, {
        ui: { host: "ui.example.com" },
      });
      assert.deepEqual(start, { tcpSocket, periodSeconds: 1, failureThreshold: 120 });
      assert.deepEqual(live, { tcpSocket, periodSeconds: 30, failureThreshold: 3, timeoutSeconds: 5 });
      if (port === "registry-ui") assert.deepEqual(ready, { tcpSocket, periodSeconds: 10, failureThreshold: 2 });
    }
  });

  it("ask about the store in the way that its kind and the settings allow", async () => {
    const monitoring = { metrics: true };
    const s3 = { storage: { s3: { bucket: "images" } } };
    const [write, read] = [
      run('printf "%65536s" x > "$0" && : > "$0"', "/var/lib/registry/.room-for-more"),
      run('cd "$0"', "/var/lib/registry"),
    ];
    const health = (port: number) => run(HEALTH, `http://127.0.0.1:${port}/debug/health`);
    const port = { storeCheck: StoreCheck.Port };
    const rows: [Args, unknown, debug: string][] = [
      [{}, write, ""],
      [{ monitoring }, write, ":5001"],
      [{ registry: { readOnly: true } }, read, ""],
      [{ registry: { storeCheck: StoreCheck.Read } }, read, ""],
      [{ registry: port }, connect, ""],
      [{ registry: port, monitoring }, ask, ":5001"],
      [s3, health(5001), "127.0.0.1:5001"],
      [{ ...s3, registry: { port: 5001 } }, health(5002), "127.0.0.1:5002"],
      [{ ...s3, registry: { port: 5002 }, ui: { host: "ui.example.com", port: 5001 } }, health(5003), "127.0.0.1:5003"],
      [{ ...s3, monitoring }, ask, ":5001"],
      [{ ...s3, registry: port }, connect, ""],
    ];
    for (const [args, ready, debug] of rows) {
      const what = JSON.stringify(args);
      assert.deepEqual((await container("registry", args))["readinessProbe"], ready, what);
      assert.equal((await variables("registry", args))["REGISTRY_HTTP_DEBUG_ADDR"], JSON.stringify(debug), what);
    }
  });
});
