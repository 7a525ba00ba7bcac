/** The last lines of a text, for an error. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

/** Orders dotted versions: "1.9" before "1.26.1" before "1.27rc1". */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[.a-z-]/).map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (left?.[part] || 0) - (right?.[part] || 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What is known of a `go` command that failed. */
export interface GoFailure {
  /** What was being built: "kubernetes". */
  what: string;
  proxy: string;
  /** Everything that it wrote to stderr. */
  output: string;
  /** How it ended. */
  reason: string;
}

/** Kinds of failure, told by what `go` writes; the first that matches is it. */
const KINDS: readonly { sign: RegExp; say: (failed: GoFailure) => string }[] = [
  {
    sign: /no space left on device/i,
    say: () => "the disk is full; make room (go clean -cache frees Go's build cache) and run this again",
  },
  {
    sign: /SECURITY ERROR|checksum mismatch|missing go\.sum entry/,
    say: () =>
      "a module is not the one whose checksum is committed in go.sum; restore go.mod and go.sum, or distrust the proxy",
  },
  {
    sign: /dial tcp|proxyconnect|no such host|i\/o timeout|TLS handshake|connection re(set|fused)|: (4|5)\d\d |unexpected EOF|module lookup disabled/,
    say: ({ proxy }) =>
      `modules can't be fetched through GOPROXY=${proxy}; check the network, or set GOPROXY to a proxy that is reachable`,
  },
  {
    sign: /requires go >= |go\.mod requires go/,
    say: () => "a module asks for a newer Go; install it and run this again",
  },
  {
    sign: /signal: killed|cannot allocate memory/,
    say: () => "a compiler was killed, most likely for lack of memory; 3 GiB must be free for it",
  },
];

/** The error for a `go` command that failed: what it means and what to do, then the end of its own words. */
export function failure(failed: GoFailure): Error {
  const kind = KINDS.find(({ sign }) => sign.test(failed.output));
  const meaning = kind ? kind.say(failed) : `${failed.reason}; run this again, or report it with the output below`;
  return new Error(`building ${failed.what}: ${meaning}\n${lastLines(failed.output, 15)}`);
}

/** True if trying again may help: the network, not the disk or the code. */
export function isPassing(error: unknown): boolean {
  return error instanceof Error && error.message.includes("can't be fetched through GOPROXY");
}
