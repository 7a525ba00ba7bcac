import type { Place, ReleaseFile } from "../../hosts/release";
import { type BlobCache, buffered, cacheFolder, cacheWords, DIGEST, kept, READING } from "../cache";
import { block, directive, fileText, identifier } from "../text";
import { NAME } from "../users/repositories";
import type { GatewaySite } from "./site";
import { anyRequest, toRegistry } from "./upstream";

/*
 * Blobs that a gateway keeps. Where nginx can, they are fetched and kept in slices, so the first client and all that
 * come meanwhile are served behind one fetch, and a part of a blob costs no more than itself. The registry is asked for
 * each again after a second, by its digest: what is deleted there is gone here. Who may read is asked for each request.
 */

/** Bytes of a slice. The activation program knows it, too (cache.sh). */
export const SLICE_BYTES = 8 * 1024 * 1024;

/** Files for each full slice. */
const KEYS_PER_SLICE = 2;

/** At the http level. */
export function blobCache(site: GatewaySite, place: Place): string[] {
  return site.blobCache === undefined
    ? []
    : [directive("include", `${place.directory}/host/with-blob-cache.con[f]`), ""];
}

/** In the registry's server. */
export function cachedBlobs(site: GatewaySite, place: Place): string[] {
  return site.blobCache === undefined ? [] : [directive("include", `${place.directory}/host/with-blobs.con[f]`)];
}

/** In the JSON form of the access log: what the cache did. */
export function logFields(site: GatewaySite): Record<string, string> {
  return site.blobCache === undefined ? {} : { cache: "$upstream_cache_status" };
}

/** What the program on the host has to know of the cache. */
export function blobCacheWords({ blobCache: cache }: GatewaySite): Record<string, string> {
  return cacheWords(cache, "nginx.blobCache", true);
}

/** The files of the cache: what an nginx can't do it does not read. */
export function blobCacheFiles(site: GatewaySite, place: Place): ReleaseFile[] {
  const { blobCache: cache } = site;
  if (cache === undefined) return [];
  const file = (path: string, lines: string[]): ReleaseFile => ({ path, readers: "all", content: fileText(lines) });
  return [
    file("when-1.19.1-blob-cache.conf", cacheHttp(site, cache)),
    file("when-slice-blobs.conf", blobLocations({ ...site, blobCache: cache }, place, inSlices(site))),
    file("when-whole-blobs.conf", blobLocations({ ...site, blobCache: cache }, place, asWhole(site))),
    file(READING.path, READING.lines),
  ];
}

function cacheHttp(site: GatewaySite, cache: BlobCache): string[] {
  const id = identifier(site.site);
  return [
    cacheFolder(site.site, cache, (KEYS_PER_SLICE * 1024 ** 3) / SLICE_BYTES),
    "# What is kept: a blob that is asked for as a whole, or from somewhere on, in the plain form of its path.",
    ...block(`map "$request_method $request_uri $http_range $http_if_range" $${id}_blob`, [
      directive("default", '""'),
      directive(`"~^GET /v2/(${NAME})/blobs/(${DIGEST}) (?:bytes=[0-9]{1,18}-[0-9]{0,18})? \\z"`, '"$1@$2"'),
    ]),
    "# And of its answers only what the registry says to be that blob.",
    ...block(`map "$${id}_blob $upstream_http_etag" $${id}_unlike`, [
      directive("default", "1"),
      directive('"~^[^@]+@(\\S+) \\"\\1\\"\\z"', '""'),
    ]),
  ];
}

type CachingSite = GatewaySite & { blobCache: BlobCache };

/** How blobs are kept, by what this nginx can do. */
interface Ways {
  /** What is not asked for in this way, as the condition of an `if`. */
  unless: string[];
  directives: string[];
}

function blobLocations(site: CachingSite, place: Place, { unless, directives }: Ways): string[] {
  return [
    ...block(`location ~ "^/v2/.+/blobs/sha(256|512):[0-9a-f]+\\z"`, [
      directive("recursive_error_pages", "on"),
      "# A cache that can't be used costs no pull; what is no error of the cache is one again there. So is a part that a",
      "# blob hasn't got, such as the first of an empty one.",
      directive("error_page", 403, 416, 498, 500, "=", "@uncached"),
      ...unless.flatMap((condition) => block(`if (${condition})`, [directive("return", 498)])),
      ...toRegistry(site, place, [
        directive("proxy_intercept_errors", "on"),
        ...buffered(),
        ...kept(site.site, site.blobCache, `$${identifier(site.site)}_unlike`, place),
        ...directives,
      ]),
    ]),
    ...block("location @uncached", anyRequest(site, place)),
  ];
}

/** One fetch for all that ask for a slice; one that takes long is no reason for the others to wait for ever. */
function inSlices(site: GatewaySite): Ways {
  const blob = `$${identifier(site.site)}_blob`;
  return {
    unless: [`${blob} = ""`],
    directives: [
      directive("slice", SLICE_BYTES),
      directive("proxy_set_header", "Range", "$slice_range"),
      directive("proxy_cache_key", `"${blob} $slice_range"`),
      directive("proxy_cache_valid", 206, "1s"),
      directive("proxy_cache_lock_age", "5s"),
      directive("proxy_cache_lock_timeout", "15s"),
    ],
  };
}

/**
 * For an nginx without slices: nobody may wait for the end of somebody else's fetch, or gets a part only after the
 * whole. So whoever comes meanwhile has his own answer, which is not kept.
 */
function asWhole(site: GatewaySite): Ways {
  const blob = `$${identifier(site.site)}_blob`;
  return {
    unless: [`${blob} = ""`, "$http_range"],
    directives: [
      directive("proxy_cache_key", blob),
      directive("proxy_cache_valid", 200, "1s"),
      directive("proxy_cache_lock_age", `${site.readTimeoutSeconds}s`),
      directive("proxy_cache_lock_timeout", "1s"),
    ],
  };
}
