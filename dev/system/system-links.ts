/** The connections between the parts of a test system, by name: a fault run leads each through a network that it can break. */

export const linkNames = [
  'client-api',
  'api-redis',
  'api-rabbitmq',
  'worker-api',
  'worker-rabbitmq',
  'scaler-api',
  'scaler-rabbitmq',
  'janitor-redis',
] as const;
export type LinkName = (typeof linkNames)[number];

export interface Way {
  link: LinkName;
  /** Which of several workers it starts from; the scaler's workers have none. */
  worker?: number;
}

/** @returns the URL to use in place of the targets', of which any one will do. */
export type Route = (way: Way, ...targets: readonly [string, ...string[]]) => Promise<string>;

/** Straight to the first. */
export const directRoute: Route = async (_way, target) => Promise.resolve(target);
