/** An authority of our own and a certificate for some host names, made with openssl. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.ts';

/** PEM texts. */
export interface Certificates {
  authority: string;
  certificate: string;
  key: string;
}

export const makeCertificates = async (hosts: readonly string[]): Promise<Certificates> => {
  const folder = await mkdtemp(join(tmpdir(), 'factorial-certificates-'));
  const file = (name: string): string => join(folder, name);
  const openssl = async (...args: string[]): Promise<unknown> => run('openssl', args);
  try {
    const names = hosts.map((host) => `DNS:${host}`).join(',');
    await writeFile(file('names'), `subjectAltName=${names}\n`);
    const fresh = ['req', '-newkey', 'rsa:2048', '-nodes'];
    await openssl(
      ...fresh,
      '-x509',
      '-days',
      '2',
      '-subj',
      '/CN=test',
      '-keyout',
      file('ca.key'),
      '-out',
      file('ca'),
    );
    await openssl(...fresh, '-subj', '/CN=services', '-keyout', file('key'), '-out', file('request'));
    const sign = ['x509', '-req', '-days', '2', '-in', file('request'), '-extfile', file('names')];
    const by = ['-CA', file('ca'), '-CAkey', file('ca.key'), '-CAcreateserial'];
    await openssl(...sign, ...by, '-out', file('certificate'));
    const [authority, certificate, key] = await Promise.all(
      ['ca', 'certificate', 'key'].map(async (name) => readFile(file(name), 'utf8')),
    );
    if (!authority || !certificate || !key) throw new Error('openssl made no certificate');
    return { authority, certificate, key };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
