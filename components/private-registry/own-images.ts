import { isTable } from "../checks/judge";
import type { OwnImage } from "../mirrors/check";
import { REGISTRY } from "../registry/args";
import { GARBAGE_COLLECTION } from "../registry/garbage-collection/args";
import { UI_IMAGES } from "../registry/ui";
import { UI } from "../registry/ui-args";
import type { PrivateRegistryArgs } from "./args";

const tableOf = (value: unknown): Record<string, unknown> => (isTable(value) ? value : {});

/** The images that the stack itself needs, by the settings that name them. */
export function ownImages({ registry, ui, storage }: PrivateRegistryArgs): OwnImage[] {
  const page = tableOf(ui);
  const kept = tableOf(storage);
  const collection = tableOf(kept["garbageCollection"]);
  const backup = tableOf(kept["backup"]);
  const standard = UI_IMAGES[(page["kind"] ?? UI.kind.default) as keyof typeof UI_IMAGES];
  return [
    { setting: "registry.image", image: tableOf(registry)["image"] ?? REGISTRY.image.default },
    ...(page["host"] === undefined ? [] : [{ setting: "ui.image", image: page["image"] ?? standard }]),
    ...(collection["schedule"] === undefined
      ? []
      : [
          {
            setting: "storage.garbageCollection.kubectlImage",
            image: collection["kubectlImage"] ?? GARBAGE_COLLECTION.kubectlImage.default,
          },
        ]),
    ...(backup["image"] === undefined ? [] : [{ setting: "storage.backup.image", image: backup["image"] }]),
  ];
}
