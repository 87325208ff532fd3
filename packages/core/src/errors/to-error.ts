/** Whatever was thrown, as an Error: JavaScript lets anything be thrown, logs and problems want a message. */
export const toError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(typeof thrown === 'string' ? thrown : JSON.stringify(thrown));
