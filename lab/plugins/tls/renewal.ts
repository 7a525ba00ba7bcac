import { Properties, reveal } from "../protocol/values";
import { Attributes, Peculiarities } from "./attributes";
import { usageNames } from "./usages";

const HOUR_MS = 3_600_000;

/** The attributes that every certificate has. */
export const certificateAttributes: Attributes = {
  validityPeriodHours: { required: true, replace: true, atLeast: 0 },
  allowedUses: { required: true, replace: true, eachOneOf: usageNames },
  earlyRenewalHours: { optional: true, default: 0, atLeast: 0 },
  isCaCertificate: { optional: true, default: false, replace: true },
  maxPathLength: { optional: true, computed: true, replace: true, atLeast: -1 },
  setSubjectKeyId: { optional: true, default: false, replace: true },
  certPem: { computed: true },
  readyForRenewal: { default: false },
  validityStartTime: { computed: true },
  validityEndTime: { computed: true },
};

/**
 * A certificate within its early renewal hours is made anew by the next update. Changing nothing but these hours is an
 * update in place. A refresh marks such a certificate as ready.
 */
export const renewal: Peculiarities = {
  plan: (planned) => {
    const [period, early] = [reveal(planned["validityPeriodHours"]), reveal(planned["earlyRenewalHours"])];
    const at = typeof period === "number" && typeof early === "number" && (period === 0 || early >= period);
    return at ? { ...planned, readyForRenewal: true } : planned;
  },
  renew: (planned) => (isDue(planned) ? "readyForRenewal" : undefined),
  read: (state) => (isDue(state) ? { ...state, readyForRenewal: true } : state),
};

function isDue(properties: Properties): boolean {
  const [end, early] = [reveal(properties["validityEndTime"]), reveal(properties["earlyRenewalHours"])];
  if (typeof end !== "string" || typeof early !== "number") return false;
  return Date.now() >= Date.parse(end) - early * HOUR_MS;
}
