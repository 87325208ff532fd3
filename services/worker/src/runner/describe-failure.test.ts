import { PermanentTaskError, RetryLaterError } from '@factorial/core/errors/task-errors';
import { describe, expect, it } from 'vitest';
import { describeFailure } from './describe-failure.ts';

describe('describeFailure', () => {
  it('retries never after a permanent error', () => {
    expect(describeFailure(new PermanentTaskError('not a picture', 'bad-picture'))).toEqual({
      code: 'bad-picture',
      message: 'not a picture',
      retry: 'never',
    });
  });

  it('retries after the delay the handler asks for', () => {
    expect(describeFailure(new RetryLaterError('busy', 30))).toEqual({
      code: 'later',
      message: 'busy',
      retry: 'later',
      delaySeconds: 30,
    });
  });

  it.each([new Error('no luck'), 'no luck'])('retries with back-off after anything else: %s', (thrown) => {
    expect(describeFailure(thrown)).toEqual({ code: 'task-error', message: 'no luck', retry: 'backoff' });
  });

  it("goes by the properties, whatever the error's class", () => {
    expect(describeFailure({ retry: 'never', code: '' })).toMatchObject({
      retry: 'never',
      code: 'task-error',
    });
  });
});
