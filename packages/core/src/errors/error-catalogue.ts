/**
 * Every error a client can meet: its stable code, HTTP status and title.
 * docs/errors.md has a section for each code, and a test keeps the two in step.
 */
interface CatalogueEntry {
  status: number;
  title: string;
}

export const errorCatalogue = {
  'invalid-request': { status: 400, title: 'The request is not well formed' },
  'invalid-json': { status: 400, title: 'The body is not valid JSON' },
  'invalid-event-id': { status: 400, title: 'The event id is not one of this job' },
  unauthorized: { status: 401, title: 'A valid token is needed' },
  forbidden: { status: 403, title: 'The token does not allow this' },
  'foreign-origin': { status: 403, title: 'Pages of other origins may not do this' },
  'job-not-found': { status: 404, title: 'No such job' },
  'task-not-found': { status: 404, title: 'No such task' },
  'pool-not-found': { status: 404, title: 'No such pool' },
  'route-not-found': { status: 404, title: 'No such route' },
  'method-not-allowed': { status: 405, title: 'This route does not take this method' },
  'wrong-state': { status: 409, title: 'The job is not in a state that allows this' },
  'output-not-ready': { status: 409, title: 'The job has no output' },
  'stale-attempt': { status: 409, title: 'Another attempt holds this job, or it has ended' },
  'job-expired': { status: 410, title: 'The job has expired and its data are deleted' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body has to be JSON' },
  'range-not-satisfiable': { status: 416, title: 'The range lies outside the output' },
  'invalid-input': { status: 422, title: 'The input breaks a rule' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key was used with another body' },
  'upgrade-required': { status: 426, title: 'This is opened as a WebSocket' },
  'quota-exceeded': { status: 429, title: 'Too many unfinished jobs of this owner' },
  'too-many-subscriptions': { status: 429, title: 'This connection follows as many jobs as it may' },
  'internal-error': { status: 500, title: 'A fault of ours' },
  'queue-full': { status: 503, title: 'The backlog is full' },
  'too-many-streams': { status: 503, title: 'Too many streams are open' },
  'queue-unavailable': { status: 503, title: 'The queue cannot be reached' },
  'store-unavailable': { status: 503, title: 'The job store cannot be reached' },
  'store-full': { status: 503, title: 'The job store is out of memory' },
  'identity-unavailable': { status: 503, title: 'Tokens cannot be checked now' },
  'shutting-down': { status: 503, title: 'This server is stopping' },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof errorCatalogue;
