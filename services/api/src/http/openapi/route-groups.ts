/** What a route is about: groups for those who read the document, and for programs that generate code from it. */

export interface RouteGroup {
  name: string;
  description: string;
}

interface Rule extends RouteGroup {
  paths: RegExp;
}

/** The first that fits, in the order in which they are shown: what is asked for most stands first. */
const rules: readonly Rule[] = [
  {
    name: 'Jobs',
    description: 'Submit work, wait for it, fetch what came of it.',
    paths: /^\/v1\/jobs(?!\/[^/]+\/(?:events|webhooks))/,
  },
  {
    name: 'Streams',
    description: "Jobs' events as they happen: one job's by SSE, many jobs' on one WebSocket.",
    paths: /^\/v1\/(?:ws$|stream-tickets|jobs\/[^/]+\/events)/,
  },
  {
    name: 'Webhooks',
    description: 'Calls to a server of yours when something becomes of a job.',
    paths: /^\/v1\/(?:webhook|jobs\/[^/]+\/webhooks)/,
  },
  { name: 'Tasks', description: 'What can be asked for.', paths: /^\/v1\/tasks/ },
  {
    name: 'Queue',
    description: 'How busy it is, and why the scaler does what it does.',
    paths: /^\/v1\/(?:queue|pools)/,
  },
  {
    name: 'Dead letters',
    description: 'Messages that nobody could work on. For admins.',
    paths: /^\/v1\/dead-letters/,
  },
  {
    name: 'Factorial',
    description: 'The interface of the article that this began with: the same jobs, another face.',
    paths: /^\/factorial/,
  },
  { name: 'Pages', description: 'For people, and this description.', paths: /^/ },
];

/** @param path in either notation, `/v1/jobs/:id` or `/v1/jobs/{id}`. */
export const groupOf = (path: string): string => rules.find(({ paths }) => paths.test(path))?.name ?? 'Pages';

/** The groups of these paths, each once. */
export const groupsOf = (paths: readonly string[]): RouteGroup[] => {
  const names = new Set(paths.map((path) => groupOf(path)));
  return rules.filter(({ name }) => names.has(name)).map(({ name, description }) => ({ name, description }));
};
