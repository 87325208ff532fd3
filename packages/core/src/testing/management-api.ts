/** The few calls of RabbitMQ's management API that the tests make. */

export interface ManagementApi {
  /** @returns the answer, parsed as JSON. */
  get(path: string): Promise<unknown>;
  post(path: string, body: object): Promise<void>;
  put(path: string, body?: object): Promise<void>;
  /** What is not there counts as removed. */
  remove(path: string): Promise<void>;
}

/** @param managementUrl with an administrator's credentials. Each call throws when it is refused, or not answered in time. */
export const createManagementApi = (managementUrl: string, timeoutMs = 10_000): ManagementApi => {
  const { username, password, origin } = new URL(managementUrl);
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers = {
    authorization: `Basic ${Buffer.from(login).toString('base64')}`,
    'content-type': 'application/json',
  };
  const call = async (method: string, path: string, body?: object): Promise<string> => {
    const response = await fetch(`${origin}/api/${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(timeoutMs),
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    const isGone = method === 'DELETE' && response.status === 404;
    if (!response.ok && !isGone) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text;
  };
  return {
    get: async (path) => JSON.parse(await call('GET', path)) as unknown,
    post: async (path, body) => void (await call('POST', path, body)),
    put: async (path, body) => void (await call('PUT', path, body)),
    remove: async (path) => void (await call('DELETE', path)),
  };
};
