/** An output as bytes: the worker that uploads a large one and the api that is sent a small one have to agree. */

export const isJsonMediaType = (mediaType: string): boolean =>
  /^application\/(json|[\w.-]+\+json)\s*(;|$)/i.test(mediaType);

export const isTextMediaType = (mediaType: string): boolean => /^text\//i.test(mediaType);

/** For a JSON media type the value's JSON; for any other the text itself, or the JSON of what is no text. */
export const outputBytes = (output: unknown, mediaType: string): Buffer =>
  Buffer.from(
    typeof output === 'string' && !isJsonMediaType(mediaType) ? output : JSON.stringify(output ?? null),
  );
