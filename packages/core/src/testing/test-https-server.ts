/** An HTTPS server beside a test, with a certificate that was made for it a moment ago and that nobody else trusts. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

export interface TestCertificate {
  /** Where a test may put its own files too; goes with the certificate. */
  folder: string;
  /** The certificate as PEM; being its own authority, it is also what a client has to trust. */
  caFile: string;
  ca: string;
  key: string;
  remove(): Promise<void>;
}

/** Good for 127.0.0.1, for one day. Node can make keys but no certificates, so OpenSSL does it. */
export const createTestCertificate = async (): Promise<TestCertificate> => {
  const folder = await mkdtemp(join(tmpdir(), 'certificate-'));
  const [keyFile, caFile] = [join(folder, 'key.pem'), join(folder, 'ca.crt')];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  await promisify(execFile)('openssl', ['req', ...kind, ...name, '-keyout', keyFile, '-out', caFile]);
  const [ca, key] = await Promise.all([readFile(caFile, 'utf8'), readFile(keyFile, 'utf8')]);
  return { folder, caFile, ca, key, remove: async () => rm(folder, { recursive: true, force: true }) };
};

export interface TestHttpsServer {
  url: string;
  port: number;
  close(): Promise<void>;
}

const addressSchema = z.object({ port: z.number() });

const closeServer = async (server: Server): Promise<void> => {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
};

/** @param port of a server that was there before and comes back; usually a free one. */
export const startTestHttpsServer = async (
  { ca, key }: Pick<TestCertificate, 'ca' | 'key'>,
  listener: RequestListener,
  port = 0,
): Promise<TestHttpsServer> => {
  const server = createServer({ cert: ca, key }, listener);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: given } = addressSchema.parse(server.address());
  return { url: `https://127.0.0.1:${given}`, port: given, close: async () => closeServer(server) };
};
