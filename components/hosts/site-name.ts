import { Checker } from "../checks/checker";

/**
 * A component's name as the name of its site on the hosts, where it is part of paths and of nginx's own names. The name
 * itself has to fit: two names that became one would take each other's site.
 * @param suffix What will be added to the name.
 */
export function siteName(checker: Checker, name: string, suffix = ""): string {
  const longest = 48 - suffix.length;
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name) || name.length > longest) {
    checker.add({
      property: "name",
      expected: `1-${longest} lower-case letters, digits and '-'`,
      got: JSON.stringify(name),
      advice: "give the component a name that fits: it is part of paths on the hosts",
    });
  }
  return name;
}
