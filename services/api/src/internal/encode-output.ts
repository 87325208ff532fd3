/** Makes an output ready for the store: its bytes, compressed where that pays, and the digest that tells a repeated commit from another one. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gzip } from 'node:zlib';
import { AppError } from '@factorial/core/errors/app-error';
import { outputBytes } from '@factorial/core/jobs/output-bytes';
import type { StoredOutput } from '@factorial/core/jobs/job-store';

const compress = promisify(gzip);

/** Below this, compression costs more than it saves. */
const compressAboveBytes = 1_024;
/** The fastest: digits and text shrink by much the same at every level. */
const compressionLevel = 1;

const mediaTypePattern = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(\s*;[\x20-\x7e]*)?$/;
const fallbackMediaType = 'application/octet-stream';

/** A media type that can stand in a header. */
const saneMediaType = (mediaType: string): string =>
  mediaTypePattern.test(mediaType) ? mediaType : fallbackMediaType;

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64url');

/** @param bytes the output before compression. */
export const encodeBytes = async (bytes: Buffer, mediaType: string): Promise<StoredOutput> => {
  const described = { mediaType: saneMediaType(mediaType), bytes: bytes.byteLength, hash: sha256(bytes) };
  return bytes.byteLength <= compressAboveBytes
    ? { ...described, payload: bytes, encoding: 'identity' }
    : { ...described, payload: await compress(bytes, { level: compressionLevel }), encoding: 'gzip' };
};

export const encodeValue = async (output: unknown, mediaType: string): Promise<StoredOutput> =>
  encodeBytes(outputBytes(output, mediaType), mediaType);

/**
 * Keeps gzip bytes as they came, once it is sure that they are that.
 * @param limitBytes of what they stand for: a small upload may not unfold into a huge output.
 * @throws AppError 400 when they are no gzip, 413 over the limit.
 */
export const encodeGzip = async (
  payload: Buffer,
  { mediaType, limitBytes }: { mediaType: string; limitBytes: number },
): Promise<StoredOutput> => {
  const hash = createHash('sha256');
  let bytes = 0;
  const unfolded = Readable.from([payload]).pipe(createGunzip());
  try {
    for await (const chunk of unfolded) {
      if (!Buffer.isBuffer(chunk)) continue;
      bytes += chunk.byteLength;
      if (bytes > limitBytes) break;
      hash.update(chunk);
    }
  } catch (cause) {
    throw new AppError('invalid-request', 'The body is not gzip, though its content-encoding says so.', {
      cause,
    });
  }
  if (bytes > limitBytes) {
    throw new AppError('body-too-large', `An output may have ${limitBytes} bytes before compression.`);
  }
  return {
    payload,
    encoding: 'gzip',
    mediaType: saneMediaType(mediaType),
    bytes,
    hash: hash.digest('base64url'),
  };
};
