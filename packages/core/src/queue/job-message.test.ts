import { describe, expect, test } from 'vitest';
import { decodeJobMessage, encodeJobMessage } from './job-message.ts';

const hint = { jobId: 'job-1', pool: 'factorial', publication: 1, input: { n: 5 } };

describe('encodeJobMessage', () => {
  test("writes the seed's body when the input is small", () => {
    const { content } = encodeJobMessage(hint);
    expect(JSON.parse(content.toString())).toEqual({ request_id: 'job-1', input: { n: 5 } });
  });

  test('leaves the input out when it is over 4 KiB', () => {
    const atLimit = encodeJobMessage({ ...hint, input: 'x'.repeat(4_094) });
    const overLimit = encodeJobMessage({ ...hint, input: 'x'.repeat(4_095) });
    expect(JSON.parse(atLimit.content.toString())).toHaveProperty('input');
    expect(JSON.parse(overLimit.content.toString())).toEqual({ request_id: 'job-1' });
  });

  test('counts bytes and not letters when it measures the input', () => {
    const { content } = encodeJobMessage({ ...hint, input: 'ä'.repeat(2_500) });
    expect(JSON.parse(content.toString())).toEqual({ request_id: 'job-1' });
  });

  test('leaves the input out when there is none', () => {
    expect(encodeJobMessage({ ...hint, input: undefined }).content.toString()).toBe('{"request_id":"job-1"}');
  });

  test('names job and publication in the message id when published again', () => {
    expect(encodeJobMessage({ ...hint, publication: 3 }).messageId).toBe('job-1:3');
  });

  test('carries the trace context only when there is one', () => {
    expect(encodeJobMessage({ ...hint, traceparent: '00-1-2-01' }).headers).toEqual({
      traceparent: '00-1-2-01',
    });
    expect(encodeJobMessage(hint)).not.toHaveProperty('headers');
  });
});

describe('decodeJobMessage', () => {
  test('reads what was written when both ends are ours', () => {
    expect(decodeJobMessage(encodeJobMessage(hint).content)).toEqual({
      ok: true,
      jobId: 'job-1',
      input: { n: 5 },
    });
  });

  test('takes a body with members of a later version', () => {
    expect(decodeJobMessage(Buffer.from('{"request_id":"a","new":1}'))).toEqual({ ok: true, jobId: 'a' });
  });

  test.each([
    ['not JSON', 'hello', { reason: 'not_json', detail: 'not JSON' }],
    ['empty', '', { reason: 'not_json', detail: 'not JSON' }],
    ['an array', '[1]', { reason: 'wrong_schema', detail: 'object' }],
    ['null', 'null', { reason: 'wrong_schema', detail: 'object' }],
    ['without an id', '{"input":1}', { reason: 'wrong_schema', detail: 'request_id' }],
    ['an id that is a number', '{"request_id":7}', { reason: 'wrong_schema', detail: 'request_id' }],
    ['an empty id', '{"request_id":""}', { reason: 'wrong_schema', detail: 'request_id' }],
    [
      'an id without end',
      JSON.stringify({ request_id: 'x'.repeat(201) }),
      { reason: 'wrong_schema', detail: 'request_id' },
    ],
    ['of a later version', '{"version":2,"request_id":"a"}', { reason: 'unknown_version', detail: '2' }],
    [
      'of a later version and another form',
      '{"version":2,"job":"a"}',
      { reason: 'unknown_version', detail: '2' },
    ],
    [
      'of a version that is no number',
      '{"version":"1","request_id":"a"}',
      { reason: 'unknown_version', detail: '"1"' },
    ],
    [
      'of the version null',
      '{"version":null,"request_id":"a"}',
      { reason: 'unknown_version', detail: 'null' },
    ],
  ])('says why when the body is %s', (_name, body, { reason, detail }) => {
    const decoded = decodeJobMessage(Buffer.from(body));
    expect(decoded).toMatchObject({ ok: false, fault: { reason, detail: expect.stringContaining(detail) } });
  });

  test('takes the version that it knows', () => {
    const decoded = decodeJobMessage(Buffer.from('{"version":1,"request_id":"a"}'));
    expect(decoded).toEqual({ ok: true, jobId: 'a' });
  });
});
