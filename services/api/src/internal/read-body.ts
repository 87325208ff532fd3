/** Collects a streamed body up to a limit. */
import { AppError } from '@factorial/core/errors/app-error';
import type { Request } from 'express';

const tooLarge = (limitBytes: number) =>
  new AppError('body-too-large', `The body may have ${limitBytes} bytes.`);

/** @throws AppError 413 as soon as it is certain. */
export const readBody = async (req: Request, limitBytes: number): Promise<Buffer> => {
  if (Number(req.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.byteLength;
    if (bytes > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
};
