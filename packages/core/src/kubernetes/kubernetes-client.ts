/**
 * Speaks to the Kubernetes API as the pod's service account: one request, one typed answer. Nothing is thrown and nothing is
 * tried again here; who asks decides. Proxies of the environment are not honoured: the API server is never behind one.
 */
import { readFile } from 'node:fs/promises';
import { Agent, request as send } from 'undici';
import { readText } from '../http/read-text.ts';
import { answerOf, brokenCall, failure, type KubernetesAnswer } from './kubernetes-answer.ts';

export type { KubernetesAnswer, KubernetesFailure } from './kubernetes-answer.ts';

export interface KubernetesClientOptions {
  /** `https://host[:port][/base]`. */
  url: string;
  /** Read anew for each request: the kubelet replaces the token before it expires. */
  tokenFile: string;
  /** Authorities that may sign the API server's certificate, as PEM; without it, those that Node trusts. */
  caFile?: string;
  /** For a whole call, from the connection to the last byte. */
  timeoutMs?: number;
  /** Longest answer that is read. */
  maxBodyBytes?: number;
}

export interface KubernetesRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute, with names encoded: `/api/v1/namespaces/x/pods`. */
  path: string;
  query?: Readonly<Record<string, string | number>>;
  /** Sent as JSON. */
  body?: unknown;
  /** A patch names its kind: `application/merge-patch+json`. */
  contentType?: string;
  /** Ends the call before its time. */
  signal?: AbortSignal;
}

export interface KubernetesClient {
  request(request: KubernetesRequest): Promise<KubernetesAnswer>;
  /** Ends what is under way, and closes the connections. */
  close(): Promise<void>;
}

const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Where a pod finds the API server and its own credentials. */
export const inCluster = {
  url: 'https://kubernetes.default.svc',
  tokenFile: `${accountFolder}/token`,
  caFile: `${accountFolder}/ca.crt`,
} as const;

const defaultTimeoutMs = 10_000;
const defaultMaxBodyBytes = 8 * 1024 * 1024;
/** Requests at a time; more wait for a connection within their own time limit. */
const connections = 8;
/** What may stand in an HTTP header: anything else in the file is no token. */
const tokenPattern = /^[\w.~+/=-]+$/;

/** A connection pool for as long as the authorities stay the same: a renewed file makes a new one. */
const createAgents = ({ caFile, timeoutMs = defaultTimeoutMs }: KubernetesClientOptions) => {
  let current: { ca: string | undefined; agent: Agent } | undefined;
  const make = (ca: string | undefined): Agent =>
    new Agent({
      connections,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connect: { timeout: timeoutMs, ...(ca === undefined ? {} : { ca }) },
    });
  return {
    take: async (): Promise<Agent> => {
      const ca = caFile === undefined ? undefined : await readFile(caFile, 'utf8');
      if (current === undefined || current.ca !== ca) {
        // The old one's calls end in peace; nobody waits for that.
        current?.agent.close().catch(() => undefined);
        current = { ca, agent: make(ca) };
      }
      return current.agent;
    },
    close: async (): Promise<void> => {
      const closing = current;
      current = undefined;
      await closing?.agent.destroy();
    },
  };
};

const readToken = async (file: string): Promise<string | undefined> => {
  const text = await readFile(file, 'utf8').catch(() => '');
  const token = text.trim();
  return tokenPattern.test(token) ? token : undefined;
};

const urlOf = (base: string, { path, query = {} }: KubernetesRequest): URL => {
  const url = new URL(`${base.replace(/\/+$/, '')}${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url;
};

const headersOf = (request: KubernetesRequest, token: string): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  // The key set comes as a kind of JSON of its own, and not at all where that is not accepted.
  accept: 'application/json, */*;q=0.1',
  ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
});

export const createKubernetesClient = (options: KubernetesClientOptions): KubernetesClient => {
  const { url, tokenFile, timeoutMs = defaultTimeoutMs, maxBodyBytes = defaultMaxBodyBytes } = options;
  const agents = createAgents(options);
  const closing = new AbortController();

  const call = async (
    request: KubernetesRequest,
    token: string,
    signal: AbortSignal,
  ): Promise<KubernetesAnswer> => {
    const { statusCode, headers, body } = await send(urlOf(url, request), {
      dispatcher: await agents.take(),
      method: request.method,
      headers: headersOf(request, token),
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal,
    });
    return answerOf({ status: statusCode, headers, text: await readText(body, maxBodyBytes) });
  };

  return {
    request: async (request) => {
      const token = await readToken(tokenFile);
      if (token === undefined) return failure('no-token', 'NoToken', `no token in ${tokenFile}`);
      const signals = [
        AbortSignal.timeout(timeoutMs),
        closing.signal,
        ...(request.signal ? [request.signal] : []),
      ];
      try {
        return await call(request, token, AbortSignal.any(signals));
      } catch (thrown) {
        return brokenCall(thrown);
      }
    },
    close: async () => {
      closing.abort();
      await agents.close();
    },
  };
};
