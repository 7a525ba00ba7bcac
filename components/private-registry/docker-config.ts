/** What `~/.docker/config.json` holds after a `docker login` as this user (the host's key, and the pair in base64). */
export function dockerConfig(registryHost: string, user: string, password: string): string {
  const auth = Buffer.from(`${user}:${password}`).toString("base64");
  return JSON.stringify({ auths: { [registryHost]: { username: user, password, auth } } });
}
