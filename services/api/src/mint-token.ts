/** Prints a token for a client, signed with the key the api itself checks by: for first steps, and where there is no issuer. */
import { toError } from '@factorial/core/errors/to-error';
import { createClientToken } from './client-token.ts';

try {
  const token = await createClientToken(process.argv.slice(2), process.env, Date.now());
  process.stdout.write(`${token}\n`);
} catch (thrown) {
  process.stderr.write(`${toError(thrown).message}\n`);
  process.exitCode = 1;
}
