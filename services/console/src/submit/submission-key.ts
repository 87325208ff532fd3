/** A random idempotency key. `crypto.randomUUID` is there on https alone. */
export const submissionKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
