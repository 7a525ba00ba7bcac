import { isMap, isScalar, type YAMLMap } from "yaml";
import { isEmpty, isEncrypted, isTrue, plainOf } from "./values";

/** Puts the claim's name from `deleteImagesOf` into `deleteImages`, which was true beside it; says so, a line each. */
export function nameDeletedClaim(claim: unknown): string[] {
  if (isEncrypted(claim)) {
    return [
      "storage.claim is encrypted as a whole: " +
        "if it has deleteImages, put the name of deleteImagesOf there and remove deleteImagesOf by hand",
    ];
  }
  if (!isMap(claim)) return [];
  const asked = claim.get("deleteImages", true);
  if (isEncrypted(asked)) {
    return ["storage.claim.deleteImages is encrypted: put the claim's name there and remove deleteImagesOf by hand"];
  }
  const named = claim.get("deleteImagesOf", true);
  if (!isTrue(asked) || isEmpty(named)) return keepClaim(claim, isTrue(asked));
  if (isScalar(named) && isScalar(asked)) named.comment ??= asked.comment ?? null;
  claim.set("deleteImages", named);
  claim.delete("deleteImagesOf");
  return ["storageClaim.deleteImagesOf -> storage.claim.deleteImages"];
}

/** Drops what did not have a claim deleted; a text in `deleteImages` is the new shape already. */
function keepClaim(claim: YAMLMap, asked: boolean): string[] {
  const reason = asked ? "no claim was named, so that the images stay" : "the images stay, as they did";
  const isSwitch = ["true", "false"].includes(String(plainOf(claim.get("deleteImages", true))));
  const gone = [...(isSwitch ? ["deleteImages"] : []), ...(claim.has("deleteImagesOf") ? ["deleteImagesOf"] : [])];
  for (const name of gone) claim.delete(name);
  return gone.map((name) => `storageClaim.${name}: dropped, ${reason}`);
}
