/** Where Debian asks whether a package may start its service (invoke-rc.d, deb-systemd-invoke). */
export const POLICY_FILE = "/usr/sbin/policy-rc.d";

/** The first words of the file that the lab puts there, by which it knows it again. */
const MARK = "made by private-registry's lab for one apt-get";

/**
 * A command that runs another one while no package may start a service. The policy file is put in place only where
 * there is none, and goes with the command. Should even the shell that runs it be killed, what is left allows
 * everything again (it asks whether that shell still runs), and the next call removes it.
 */
export function quietly(
  command: readonly [string, ...string[]],
  policyFile = POLICY_FILE,
): { file: string; args: string[] } {
  return { file: "/bin/sh", args: ["-c", SCRIPT, "quietly", policyFile, MARK, ...command] };
}

const SCRIPT = `
policy=$1 mark=$2
shift 2
exec 9> "\${TMPDIR:-/tmp}/private-registry-apt.lock"
flock -w 900 9 || { echo "another apt-get of the lab has run for 15 minutes"; exit 1; }
start=$(cut -d' ' -f22 /proc/$$/stat)
if [ -f "$policy" ] && grep -qF "$mark" "$policy" && sh "$policy"; then rm -f "$policy"; fi
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  cat > "$policy.new" <<END
#!/bin/sh
# $mark
[ "\\$(cut -d' ' -f22 /proc/$$/stat 2>/dev/null)" != "$start" ] || exit 101
END
  chmod 755 "$policy.new"
  mv "$policy.new" "$policy"
fi
"$@" 9>&-
`;
