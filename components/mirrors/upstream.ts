/** What a mirror is called in names of resources and objects: "docker.io" as "docker-io". */
export function slugOf(name: string): string {
  return name.replace(/[.:]/g, "-");
}

/** Where a registry of this name is. Images of docker.io are on a host of another name. */
export function urlOf(name: string): string {
  return name === "docker.io" ? "https://registry-1.docker.io" : `https://${name}`;
}

/** The registry that an image comes from, by Docker's rule: the first part is one if it looks like a host. */
export function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  if (!isHost) return "docker.io";
  return first === "index.docker.io" ? "docker.io" : first;
}
