/** A Kubernetes API server as far as identity goes, over real HTTPS: it signs service accounts' tokens, publishes its keys and reviews tokens. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { decodeJwt, SignJWT } from 'jose';
import { z } from 'zod';
import { systemClock, type Clock } from '../time/clock.ts';
import { createTestCertificate, startTestHttpsServer } from './test-https-server.ts';

export interface TokenOrder {
  namespace?: string;
  account?: string;
  pod?: string;
  audience?: string;
  issuer?: string;
  /** Seconds from now on. */
  expiresIn?: number;
  /** Named in the token though it was signed with another. */
  kid?: string;
}

export interface FakeApiServer {
  url: string;
  caFile: string;
  tokenFile: string;
  issuer: string;
  token(order?: TokenOrder): Promise<string>;
  /** A new signing key; the old one is published no longer. */
  rotate(kid: string, alg?: 'RS256' | 'ES256'): void;
  /** Its pod is gone: reviews refuse it, its signature stays good. */
  revoke(token: string): void;
  /** Answers so far to this path. */
  answers(path: string): number;
  /** Everything is answered with this status; undefined: as it should be. */
  failWith(status: number | undefined): void;
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

interface SigningKey {
  kid: string;
  alg: 'RS256' | 'ES256';
  privateKey: KeyObject;
  publicKey: KeyObject;
}

const createKey = (kid: string, alg: SigningKey['alg']): SigningKey => ({
  kid,
  alg,
  ...(alg === 'RS256'
    ? generateKeyPairSync('rsa', { modulusLength: 2_048 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' })),
});

const reviewPath = '/apis/authentication.k8s.io/v1/tokenreviews';
const reviewSchema = z.object({ spec: z.object({ token: z.string(), audiences: z.array(z.string()) }) });
const claimsSchema = z.object({
  sub: z.string(),
  aud: z.array(z.string()),
  'kubernetes.io': z.object({ pod: z.object({ name: z.string() }).optional() }),
});
const issuer = 'https://kubernetes.default.svc.cluster.local';

/** The `status` of a TokenReview. Whether the signature is good is not what it is asked for in tests. */
const statusOf = (token: string, audiences: readonly string[], isRevoked: boolean): object => {
  const claims = claimsSchema.safeParse(decodeJwt(token)).data;
  const common = claims?.aud.filter((audience) => audiences.includes(audience)) ?? [];
  if (isRevoked || claims === undefined || common.length === 0) return { error: 'invalid bearer token' };
  const pod = claims['kubernetes.io'].pod?.name;
  const extra = pod === undefined ? {} : { 'authentication.kubernetes.io/pod-name': [pod] };
  return { authenticated: true, audiences: common, user: { username: claims.sub, extra } };
};

const send = (res: ServerResponse, status: number, body: unknown): void => {
  if (!res.hasHeader('content-type')) res.setHeader('content-type', 'application/json');
  res.writeHead(status).end(JSON.stringify(body));
};

const signedBy = async (
  { kid, alg, privateKey }: SigningKey,
  order: TokenOrder,
  nowMs: number,
): Promise<string> => {
  const { namespace = 'jobs', account = 'worker', pod, audience = 'factorial-internal' } = order;
  return new SignJWT({
    'kubernetes.io': {
      namespace,
      serviceaccount: { name: account },
      ...(pod === undefined ? {} : { pod: { name: pod } }),
    },
  })
    .setProtectedHeader({ alg, kid: order.kid ?? kid })
    .setIssuer(order.issuer ?? issuer)
    .setAudience([audience])
    .setSubject(`system:serviceaccount:${namespace}:${account}`)
    .setExpirationTime(Math.floor(nowMs / 1_000) + (order.expiresIn ?? 600))
    .sign(privateKey);
};

/** @param clock what its tokens' times are told from: a test that moves its clock gives it, so that both see the same second. */
export const startFakeApiServer = async (clock: Clock = systemClock): Promise<FakeApiServer> => {
  const certificate = await createTestCertificate();
  const tokenFile = join(certificate.folder, 'token');
  await writeFile(tokenFile, 'the-token-of-the-api');
  const revoked = new Set<string>();
  const answered: string[] = [];
  let key = createKey('first', 'RS256');
  let failure: number | undefined;

  const jwks = () => ({
    keys: [{ ...key.publicKey.export({ format: 'jwk' }), kid: key.kid, alg: key.alg, use: 'sig' }],
  });
  /** As the real one does: to those alone who take this kind of JSON. */
  const publish = (req: IncomingMessage, res: ServerResponse): void => {
    if (!/jwk-set\+json|\*\/\*/.test(req.headers.accept ?? '')) return send(res, 406, {});
    res.setHeader('content-type', 'application/jwk-set+json');
    return send(res, 200, jwks());
  };
  const review = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const { token, audiences } = reviewSchema.parse(JSON.parse(await text(req))).spec;
    send(res, 201, { kind: 'TokenReview', status: statusOf(token, audiences, revoked.has(token)) });
  };
  const answer = (req: IncomingMessage, res: ServerResponse): void => {
    const path = req.url ?? '';
    answered.push(path);
    if (failure !== undefined) return send(res, failure, { kind: 'Status' });
    if (req.headers.authorization !== 'Bearer the-token-of-the-api')
      return send(res, 401, { kind: 'Status' });
    if (path === '/.well-known/openid-configuration') return send(res, 200, { issuer });
    if (path === '/openid/v1/jwks') return publish(req, res);
    if (path === reviewPath) return void review(req, res);
    return send(res, 404, { kind: 'Status', reason: 'NotFound' });
  };

  let server = await startTestHttpsServer(certificate, answer);
  const { url, port } = server;
  return {
    url,
    caFile: certificate.caFile,
    tokenFile,
    issuer,
    token: async (order = {}) => signedBy(key, order, clock.now()),
    rotate: (kid, alg = 'RS256') => {
      key = createKey(kid, alg);
    },
    revoke: (token) => {
      revoked.add(token);
    },
    answers: (path) => answered.filter((one) => one === path).length,
    failWith: (status) => {
      failure = status;
    },
    down: async () => server.close(),
    up: async () => {
      server = await startTestHttpsServer(certificate, answer, port);
    },
    close: async () => {
      await server.close();
      await certificate.remove();
    },
  };
};
