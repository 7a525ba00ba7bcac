import { readFileSync } from "node:fs";
import { type Row, spread } from "../gateway/figure";
import { atOnce, type Blob, curl, pull, type Server } from "../gateway/load";
import { FROM } from "./pulls";
import { type CacheStage, mount, type Side } from "./stage";

/** Twenty clients that ask for one new blob at once. */
export async function together(stage: CacheStage, side: Side, blob: Blob, gib: number): Promise<Row[]> {
  const to = "bench/together";
  await mount(side.plain, blob.digest, FROM, to);
  const before = written(stage.registry.pid);
  const times = await timesOf(side.cached, `${side.cached.url}/v2/${to}/blobs/${blob.digest}`, 20);
  const fetched = (written(stage.registry.pid) - before) / 2 ** 30 / gib;
  const alone = await pull(side.cached, to, blob.digest);
  const what = `${side.nginx}: 20 pulls of a new blob of ${gib} GiB`;
  return [
    {
      what: `${what}: fetches`,
      value: fetched,
      atMost: 2,
      detail: "bytes that the registry wrote, by the blob's size",
    },
    {
      what: `${what}: the last first byte`,
      value: Math.max(...times.map(([byte]) => byte)),
      unit: "s",
      atMost: 2,
      detail: `all through after ${spread(
        times.map(([, all]) => all),
        1,
      )} s; one pull later ${alone.toFixed(1)} s`,
    },
  ];
}

/** The last hundredth of a blob, before any of it is stored and after. */
export async function lastPart(_stage: CacheStage, side: Side, blob: Blob, gib: number): Promise<Row[]> {
  const to = "bench/last-part";
  await mount(side.plain, blob.digest, FROM, to);
  const from = Math.floor(gib * 2 ** 30 * 0.99);
  const part = async (): Promise<number> => {
    const url = `${side.cached.url}/v2/${to}/blobs/${blob.digest}`;
    const started = performance.now();
    const said = await curl(side.cached, ["-r", `${from}-`, "-o", "/dev/null", "-w", "%{http_code}", url]);
    if (said !== "206") throw new Error(`a part was answered ${said}`);
    return (performance.now() - started) / 1000;
  };
  const what = `${side.nginx}: the last 1 % of ${gib} GiB`;
  const before = await part();
  await pull(side.cached, to, blob.digest);
  return [
    { what: `${what}, nothing of it stored`, value: before, unit: "s", atMost: 1, detail: "" },
    { what: `${what}, all of it stored`, value: await part(), unit: "s", atMost: 1, detail: "" },
  ];
}

/** Pulls that reloads may not cut: of blobs that are stored meanwhile, and of those that are. */
export async function underReloads(stage: CacheStage, side: Side, blob: Blob): Promise<Row[]> {
  const repositories = Array.from({ length: stage.effort.reloads * 2.5 }, (_, each) => `bench/reload-${each}`);
  for (const to of repositories) await mount(side.plain, blob.digest, FROM, to);
  const rows: Row[] = [];
  for (const how of ["first", "repeated"]) {
    const left = [...repositories];
    const failed: string[] = [];
    let ended = false;
    const client = async (): Promise<void> => {
      for (let to = left.pop(); to !== undefined; to = left.pop())
        await pull(side.cached, to, blob.digest).catch((error: unknown) => failed.push(String(error)));
    };
    const reloads = async (): Promise<number> => {
      let count = 0;
      for (; !ended; count++) await side.host.run("nginx -s reload; sleep 0.1");
      return count;
    };
    const reloading = reloads();
    await Promise.all([client(), client(), client(), client()]);
    ended = true;
    rows.push({
      what: `${side.nginx}: ${how} pulls that reloads cut`,
      value: failed.length,
      unit: "",
      atMost: 0,
      detail: `of ${repositories.length} under ${await reloading} reloads${failed[0] ? ` (${failed[0].slice(0, 200)})` : ""}`,
    });
  }
  return rows;
}

/** Bytes that a process has written, to connections too. */
function written(pid: number): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
}

/** For each of some GETs at once: seconds until the first byte, and in all. */
async function timesOf(server: Server, url: string, times: number): Promise<[number, number][]> {
  const said = await curl(server, [...atOnce(url, times), "-w", "%{time_starttransfer} %{time_total}\\n"]);
  return said
    .trim()
    .split("\n")
    .map((line) => line.split(" ").map(Number) as [number, number]);
}
