/**
 * GET / and /console/assets/*: the console as Vite has built it, the page asked for anew each time, its assets kept for good since
 * their names carry a hash. Where the files have been compressed beforehand (`x.js.br` beside `x.js`), those are sent.
 */
import { extname } from 'node:path';
import { toError } from '@factorial/core/errors/to-error';
import { AppError } from '@factorial/core/errors/app-error';
import express, { type RequestHandler, type Request, type Response } from 'express';
import type { Exchange, OpenRoute } from '../route.ts';
import { sendPage } from '../page.ts';
import { renderLandingPage } from '../landing-page.ts';

/** Script and style of our own, calls to ourselves (`'self'` covers WebSockets), and nothing else. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join(';');

/** What a build of Vite consists of. Nothing else is served. */
const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
};

/** Best first. */
const codings = [
  { coding: 'br', suffix: '.br' },
  { coding: 'gzip', suffix: '.gz' },
] as const;

const assetName = /^[\w-][\w.-]*$/;
const forGood = 'public, max-age=31536000, immutable';
const askAnew = 'no-cache';

/** Called for a file that is there, before its first byte. */
const describe = (res: Response, file: string): void => {
  const packed = codings.find(({ suffix }) => file.endsWith(suffix));
  const plain = packed === undefined ? file : file.slice(0, -packed.suffix.length);
  const extension = extname(plain);
  res.setHeader('content-type', mediaTypes[extension] ?? 'application/octet-stream');
  if (packed !== undefined) res.setHeader('content-encoding', packed.coding);
  res.setHeader('vary', 'accept-encoding');
  res.setHeader('cache-control', extension === '.html' ? askAnew : forGood);
  res.setHeader('content-security-policy', policy);
};

const suffixesFor = (req: Request): string[] => [
  ...codings.filter(({ coding }) => req.acceptsEncodings(coding) === coding).map(({ suffix }) => suffix),
  '',
];

/** @returns false when there is no such file; else when the answer has been sent, or its client has gone. */
const sendFile = async (serve: RequestHandler, { req, res }: Exchange): Promise<boolean> =>
  new Promise((resolve, reject) => {
    res.once('close', () => resolve(true));
    void serve(req, res, (error: unknown) => (error === undefined ? resolve(false) : reject(toError(error))));
  });

const sendSmallest = async (serve: RequestHandler, { req, res }: Exchange, file: string): Promise<void> => {
  for (const suffix of suffixesFor(req)) {
    req.url = `/${file}${suffix}`;
    if (await sendFile(serve, { req, res })) return;
  }
  throw new AppError('route-not-found', 'The console has no such file; a newer one may be there: reload it.');
};

const assetOf = (req: Request): string => {
  const name = String(req.params['file']);
  if (assetName.test(name) && Object.hasOwn(mediaTypes, extname(name))) return name;
  throw new AppError('route-not-found', 'The console has no such file.');
};

const serveNothing: RequestHandler = (_req, _res, next) => next();

const serveFolder = (dir: string): RequestHandler =>
  express.static(dir, {
    index: false,
    redirect: false,
    dotfiles: 'ignore',
    acceptRanges: false,
    cacheControl: false,
    setHeaders: describe,
  });

/** @param dir folder with its `index.html` and `assets`; undefined where there is no console: then `/` is a plain page. */
export const createConsoleRoutes = (dir: string | undefined): OpenRoute[] => {
  const serve = dir === undefined ? serveNothing : serveFolder(dir);
  const landingPage = renderLandingPage();
  return [
    {
      method: 'get',
      path: '/',
      handle: async ({ req, res }) =>
        dir === undefined
          ? sendPage({ req, res }, landingPage)
          : sendSmallest(serve, { req, res }, 'index.html'),
      doc: {
        summary: 'The console, a page for people',
        responses: { 200: { description: 'HTML.', mediaType: 'text/html' } },
      },
    },
    {
      method: 'get',
      path: '/console/assets/:file',
      handle: async ({ req, res }) => sendSmallest(serve, { req, res }, `assets/${assetOf(req)}`),
      doc: {
        summary: 'A file of the console',
        parameters: [{ name: 'file', in: 'path', required: true, description: 'As the page names it.' }],
        responses: {
          200: { description: 'Its bytes.', mediaType: '*/*', headers: ['ETag', 'Content-Encoding'] },
          304: { description: 'Unchanged since the ETag of If-None-Match.' },
        },
      },
    },
  ];
};
