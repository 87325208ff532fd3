/** Lets a task file take a value from the worker's environment: `{"$env": "NAME", "default": 1000}` anywhere a value may stand. */

export type Environment = Readonly<Record<string, string | undefined>>;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The variable as a value of the default's kind: text stays text, all else is read as JSON. */
const valueOf = (text: string, name: string, fallback: unknown): unknown => {
  if (typeof fallback === 'string') return text;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === typeof fallback) return value;
  } catch {
    // Told below, together with a value of the wrong kind.
  }
  throw new Error(`${name} has to be a ${typeof fallback}, as its default is`);
};

/**
 * A copy of the value in which every such object is replaced by its variable's value, or by the default where it is not set.
 * @throws Error when a variable does not have its default's kind.
 */
export const withEnvironment = (value: unknown, env: Environment): unknown => {
  if (Array.isArray(value)) return value.map((item) => withEnvironment(item, env));
  if (!isObject(value)) return value;
  const name = value['$env'];
  if (typeof name === 'string') {
    const text = env[name];
    return text ? valueOf(text, name, value['default']) : value['default'];
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withEnvironment(inner, env)]));
};
