/** Writes JSON answers. Express's own `res.json` looks up six settings and hashes each body for an ETag that few routes want. */
import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';

export const sendJson = (res: Response, status: number, body: unknown): void => {
  res.statusCode = status;
  res.setHeader('content-type', 'application/json; charset=utf-8');
  res.end(JSON.stringify(body));
};

/** Whether `If-None-Match` names this entity tag (weak comparison, RFC 9110 section 13.1.2). */
export const matchesEtag = (req: Request, etag: string): boolean => {
  const header = req.headers['if-none-match'];
  if (header === undefined) return false;
  return header === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
};

/** JSON with an entity tag, or 304 when the client has it already. */
export const sendTaggedJson = (req: Request, res: Response, body: unknown): void => {
  const text = JSON.stringify(body);
  const etag = `"${createHash('sha1').update(text).digest('base64url')}"`;
  res.setHeader('etag', etag);
  if (matchesEtag(req, etag)) {
    res.statusCode = 304;
    res.end();
    return;
  }
  res.statusCode = 200;
  res.setHeader('content-type', 'application/json; charset=utf-8');
  res.end(text);
};
