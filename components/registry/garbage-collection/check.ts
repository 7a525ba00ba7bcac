import * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../../checks/checker";
import { isTable } from "../../checks/judge";
import type { Problem } from "../../checks/problems";
import { withoutEffect } from "../../checks/relations";
import type { Checked } from "../../checks/value";
import { REGISTRY } from "../args";
import type { RegistryStorageArgs } from "../storage/args";
import type { GARBAGE_COLLECTION } from "./args";

/** Garbage collection, checked. */
export interface CollectionParts {
  schedule: pulumi.Output<string>;
  kubectlImage: pulumi.Output<string>;
  deleteUntagged: pulumi.Output<boolean>;
}

const AT = "storage.garbageCollection";

/** What has to be known of the rest. */
interface Asked {
  storage: RegistryStorageArgs;
  registry?: { image?: pulumi.Input<string> };
}

/** What concerns more than one setting of garbage collection. */
export function checkCollection(checker: Checker, { storage, registry }: Asked): void {
  const { garbageCollection } = isTable(storage) ? storage : {};
  if (!isTable(garbageCollection)) return;
  if (garbageCollection.schedule === undefined) {
    const advice = "give a schedule such as 0 4 * * 0, or leave it out";
    const names = ["deleteUntagged", "kubectlImage"];
    checker.add(...withoutEffect(AT, garbageCollection, names, { missing: "a schedule", advice }));
    return;
  }
  const { deleteUntagged } = garbageCollection;
  const { image = REGISTRY.image.default } = isTable(registry) ? registry : {};
  if (typeof image === "string" && typeof deleteUntagged === "boolean")
    checker.add(onlyVersion3(deleteUntagged, image));
}

function onlyVersion3(deleteUntagged: boolean, image: string): Problem | undefined {
  if (!deleteUntagged || /:v?3(\.\d+)*(@|$|-)/.test(image)) return undefined;
  const advice = "version 2 takes parts of images for several platforms; use registry:3";
  return { property: `${AT}.deleteUntagged`, expected: `false with ${image}`, got: "true", advice };
}

/** How unused layers are removed; undefined if they are not. */
export function collectionParts(
  checker: Checker,
  { schedule, kubectlImage, deleteUntagged }: Checked<typeof GARBAGE_COLLECTION>,
  image: pulumi.Output<string>,
): CollectionParts | undefined {
  if (schedule === undefined) return undefined;
  const both = checker.late(pulumi.all([deleteUntagged, image]), ([untagged, name]) => [onlyVersion3(untagged, name)]);
  return { schedule, kubectlImage, deleteUntagged: both.apply(([untagged]) => untagged) };
}
