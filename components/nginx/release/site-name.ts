import { Checker } from "../../checks/checker";

/**
 * A component's name as the name of its site on the hosts, where it is part of paths and of nginx's own names. The name
 * itself has to fit: two names that became one would take each other's site.
 */
export function siteName(checker: Checker, name: string): string {
  if (!/^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$/.test(name)) {
    checker.add({
      property: "name",
      expected: "1-48 lower-case letters, digits and '-'",
      got: JSON.stringify(name),
      advice: "give the component another name; it is part of paths on the hosts",
    });
  }
  return name;
}
