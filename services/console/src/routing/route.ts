/** The console's pages and the part of the URL behind `#` that names them. */

/** Which of one's jobs to list; an empty string: all. */
export interface JobFilter {
  status: string;
  task: string;
}

export type Route =
  | { page: 'jobs'; filter: JobFilter }
  | { page: 'job'; id: string }
  | { page: 'queue' }
  | { page: 'dead-letters' }
  | { page: 'unknown' };

const decode = (part: string): string | undefined => {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
};

const jobsRoute = (parts: readonly string[], query: URLSearchParams): Route => {
  const [first] = parts;
  if (first === undefined) {
    return {
      page: 'jobs',
      filter: { status: query.get('status') ?? '', task: query.get('task') ?? '' },
    };
  }
  const id = decode(first);
  return id === undefined || parts.length > 1 ? { page: 'unknown' } : { page: 'job', id };
};

/** @param hash with or without its `#`. */
export const parseRoute = (hash: string): Route => {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const [first, ...rest] = path.split('/').filter((part) => part !== '');
  if (first === undefined) return jobsRoute([], new URLSearchParams());
  if (first === 'jobs') return jobsRoute(rest, new URLSearchParams(query));
  if ((first === 'queue' || first === 'dead-letters') && rest.length === 0) return { page: first };
  return { page: 'unknown' };
};

export const jobHref = (id: string): string => `#/jobs/${encodeURIComponent(id)}`;

export const jobsHref = (filter: Partial<JobFilter> = {}): string => {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''));
  return query.size === 0 ? '#/jobs' : `#/jobs?${query.toString()}`;
};
