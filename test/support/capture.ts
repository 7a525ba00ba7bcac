/** Runs something and returns what it wrote to stdout and stderr meanwhile, which is not shown. */
export async function capture(during: () => Promise<void>): Promise<string> {
  let text = "";
  const streams = [process.stdout, process.stderr];
  const before = streams.map((stream) => stream.write.bind(stream));
  for (const stream of streams) stream.write = (part: string | Uint8Array) => ((text += part.toString()), true);
  try {
    await during();
  } finally {
    streams.forEach((stream, index) => (stream.write = before[index] as typeof stream.write));
  }
  return text;
}
