import { createHash } from "node:crypto";
import type { Place } from "../hosts/release";
import { directive, identifier, word } from "./text";

/*
 * What every cache of blobs on a gateway has in common, whoever's blobs they are: the registry's own
 * (gateway/blob-cache.ts) or those of mirrors (mirror/blob-cache.ts).
 */

/** A folder on the host that nginx fills by itself. */
export interface BlobCache {
  path: string;
  /** How much it may hold, in GiB. */
  sizeGiB: number;
}

/** What nginx leaves free on the disk, in GiB: it looks every ten seconds, and 2.5 Gbit/s bring that until then. */
const FREE_GIB = 3;

/** How long a blob stays that nobody asks for. */
const UNUSED = "30d";

/** Files of which a MiB of the zone knows (nginx's documentation of `keys_zone`). */
const KEYS_PER_MIB = 8000;

/** A blob that is kept, as a pattern: the digest's algorithms and lengths. */
export const DIGEST = "sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}";

/**
 * The zone's name. A zone keeps its folder until nginx is restarted, and a reload with another one fails after a test
 * that passed: so another folder is another zone.
 */
export function zone(site: string, { path }: BlobCache): string {
  return `${identifier(site)}_blobs_${createHash("sha256").update(path).digest("hex").slice(0, 8)}`;
}

/** The folder and its zone, at the http level. */
export function cacheFolder(site: string, cache: BlobCache, filesPerGiB: number): string {
  const zoneMiB = 1 + Math.ceil((cache.sizeGiB * filesPerGiB) / KEYS_PER_MIB);
  return directive(
    "proxy_cache_path",
    word(cache.path),
    "levels=1:2",
    `keys_zone=${zone(site, cache)}:${zoneMiB}m`,
    `max_size=${cache.sizeGiB}g`,
    `min_free=${FREE_GIB}g`,
    `inactive=${UNUSED}`,
    "use_temp_path=off",
  );
}

/**
 * What the program on the host has to know of a cache: it makes the folder, and removes it.
 * @param setting Where it is configured, for messages.
 * @param sliced Whether it is kept in slices where nginx can.
 */
export function cacheWords(cache: BlobCache | undefined, setting: string, sliced: boolean): Record<string, string> {
  if (cache === undefined) return {};
  return {
    cache: cache.path,
    cache_gib: String(cache.sizeGiB),
    cache_setting: setting,
    cache_sliced: sliced ? "yes" : "",
  };
}

/** nginx keeps only what it buffers; a slow client is no reason to write to a file what is not kept. */
export function buffered(): string[] {
  return [
    directive("proxy_buffering", "on"),
    directive("proxy_buffer_size", "64k"),
    directive("proxy_buffers", 16, "64k"),
    directive("proxy_busy_buffers_size", "128k"),
    directive("proxy_max_temp_file_size", 0),
  ];
}

/**
 * Of a location whose answers are kept.
 * @param unlike The variable that is not empty if an answer is not what was asked for.
 */
export function kept(site: string, cache: BlobCache, unlike: string, { directory }: Place): string[] {
  return [
    directive("proxy_set_header", "Accept-Encoding", '""'),
    directive("gzip", "off"),
    directive("proxy_cache", zone(site, cache)),
    "# Fresh for a second: 0 would keep nothing. The registry's own year is not obeyed, since a blob can be deleted.",
    directive("proxy_ignore_headers", "Cache-Control", "Expires", "X-Accel-Expires", "Set-Cookie", "Vary"),
    directive("proxy_no_cache", unlike),
    directive("proxy_cache_bypass", '""'),
    directive("proxy_cache_revalidate", "on"),
    directive("proxy_cache_use_stale", "off"),
    directive("proxy_cache_background_update", "off"),
    directive("proxy_cache_min_uses", 1),
    directive("proxy_cache_methods", "GET"),
    directive("proxy_cache_lock", "on"),
    directive("output_buffers", 2, "128k"),
    directive("include", `${directory}/host/with-reading.con[f]`),
  ];
}

/** Of an nginx that may: a file is read by threads. */
export const READING = { path: "when-threads-reading.conf", lines: [directive("aio", "threads")] };
