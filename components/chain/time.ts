export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** A span of time for a person: "90 days", "160 hours", "40 minutes". */
export function duration(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  if (minutes < 120) return minutes === 1 ? "1 minute" : `${minutes} minutes`;
  const hours = Math.round(milliseconds / HOUR);
  return hours < 14 * 24 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}

/** ISO 8601 with whole seconds: "2026-11-24T03:26:57Z". */
export function iso(moment: number): string {
  return `${new Date(Math.floor(moment / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
