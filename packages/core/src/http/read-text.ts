/** Reads an answer's body, as long as it is not too long. */

/** @returns undefined when it is longer than may be. */
export const readText = async (
  body: AsyncIterable<Buffer>,
  limitBytes: number,
): Promise<string | undefined> => {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.byteLength;
    // Leaving the loop destroys the stream, and with it the connection.
    if (bytes > limitBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
};
