/** POST /v1/stream-tickets: what a browser shows in place of its token when it opens a stream. */
import { z } from 'zod';
import type { StreamTickets } from '../../push/stream-tickets.ts';
import type { GuardedRoute } from '../route.ts';
import { sendJson } from '../send-json.ts';

export const streamTicketSchema = z
  .object({
    ticket: z.string().describe('For `?ticket=`, once.'),
    expiresInSeconds: z.int().describe('30, or less where the token expires sooner.'),
  })
  .describe('Opens one stream in place of a token, for clients that cannot send headers.');

export const createStreamTicketRoutes = (tickets: Pick<StreamTickets, 'issue'>): GuardedRoute[] => [
  {
    method: 'post',
    path: '/v1/stream-tickets',
    scope: 'jobs:read',
    handle: async ({ res, caller }) => {
      const issued = await tickets.issue(caller);
      res.setHeader('cache-control', 'no-store');
      sendJson(res, 201, issued);
    },
    doc: {
      summary: 'A ticket that opens one stream by its URL, for EventSource and WebSocket in a browser',
      responses: { 201: { description: 'The ticket.', schema: 'StreamTicket' } },
    },
  },
];
