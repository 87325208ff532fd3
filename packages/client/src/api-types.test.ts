import { expect, it } from 'vitest';
import { makeApiTypes } from './testing/make-api-types.ts';

it('is made from the OpenAPI document that is committed; run vitest with --update when a schema has changed', async () => {
  await expect(await makeApiTypes()).toMatchFileSnapshot('./api-types.ts');
});
