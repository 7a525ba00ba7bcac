import type { Place, ReleaseFile } from "../../hosts/release";
import { buffered, cacheFolder, cacheWords, DIGEST, kept, READING } from "../cache";
import { block, directive, fileText, identifier } from "../text";
import { NAME } from "../users/repositories";
import type { MirrorSite } from "./site";

/*
 * Blobs of other registries that a gateway keeps. A proxy fetches a blob anew for each node that asks while it fetches,
 * and hands out no parts of what it has not. So blobs are kept as a whole: the first node streams, and the others wait
 * for its fetch, for as long as a node may be without a byte.
 */

/** How long a node waits for the fetch of another one, in seconds. */
const WAIT = 4;

/** And how long the proxy may be silent then: with the wait no longer than anywhere else. */
export const SILENCE_WHILE_KEPT = 5;

/** Files of a GiB: layers are small more often than large. */
const FILES_PER_GIB = 1024;

/** What the program on the host has to know of the cache. */
export function mirrorCacheWords({ blobCache }: MirrorSite): Record<string, string> {
  return cacheWords(blobCache, "mirrors.blobCache", false);
}

/** At the http level, and in the server. What an nginx can't do it does not read. */
export function includes({ blobCache }: MirrorSite, place: Place): { http: string[]; server: string[] } {
  if (blobCache === undefined) return { http: [], server: [] };
  const include = (name: string): string[] => [directive("include", `${place.directory}/host/${name}.con[f]`)];
  return { http: include("with-blob-cache"), server: include("with-blobs") };
}

/** In the JSON form of the access log: what the cache did. */
export function mirrorCacheField({ blobCache }: MirrorSite): Record<string, string> {
  return blobCache === undefined ? {} : { cache: "$upstream_cache_status" };
}

/**
 * The files of the cache.
 * @param asks What a location says that asks a pod whose answers pass in the given way, and the proxy without a cache.
 */
export function mirrorCacheFiles(
  site: MirrorSite,
  place: Place,
  asks: { proxy: (answers: readonly string[]) => readonly string[]; uncached: readonly string[] },
): ReleaseFile[] {
  const { blobCache: cache } = site;
  if (cache === undefined) return [];
  const id = identifier(site.site);
  const file = (path: string, lines: string[]): ReleaseFile => ({ path, readers: "all", content: fileText(lines) });
  return [
    file("when-1.19.1-blob-cache.conf", [
      cacheFolder(site.site, cache, FILES_PER_GIB),
      "# What is kept: a blob that is asked for as a whole.",
      ...block(`map "$request_method $${id}_mirror $${id}_path $http_range" $${id}_blob`, [
        directive("default", '""'),
        directive(`"~^GET (\\S+) /v2/(${NAME})/blobs/(${DIGEST}) \\z"`, '"$1/$2@$3"'),
      ]),
      "# And of its answers only what the proxy says to be that blob.",
      ...block(`map "$${id}_blob $upstream_http_docker_content_digest" $${id}_unlike`, [
        directive("default", "1"),
        directive('"~^[^@]+@(\\S+) \\1\\z"', '""'),
      ]),
    ]),
    file("when-1.19.1-blobs.conf", [
      ...block(`location ~ "^/v2/.+/blobs/(?:${DIGEST})\\z"`, [
        directive("recursive_error_pages", "on"),
        "# A cache that can't be used costs no pull.",
        directive("error_page", 403, 498, 500, "=", "@uncached"),
        directive("error_page", 401, "=", "@closed"),
        directive("error_page", 502, 503, 504, "=", "@kept"),
        ...block(`if ($${id}_blob = "")`, [directive("return", 498)]),
        ...asks.proxy([
          directive("proxy_intercept_errors", "on"),
          ...buffered(),
          ...kept(site.site, cache, `$${id}_unlike`, place),
          directive("proxy_cache_key", `$${id}_blob`),
          directive("proxy_cache_valid", 200, "1s"),
          directive("proxy_cache_lock_age", "1h"),
          directive("proxy_cache_lock_timeout", `${WAIT}s`),
        ]),
      ]),
      ...block("location @uncached", [
        "# Here, too: see the gateway's own.",
        directive("recursive_error_pages", "on"),
        ...asks.uncached,
      ]),
    ]),
    file(READING.path, READING.lines),
  ];
}
