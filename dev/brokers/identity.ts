/** Remembers a broker's ports and credentials in its data directory, so that a restart answers at the same URL. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { keepOrFreePort } from './free-port.ts';

const identitySchema = z.object({
  /** The first start on a data directory sets it for good. */
  password: z.string().min(16),
  ports: z.record(z.string(), z.number()),
});

export interface Identity<PortName extends string> {
  password: string;
  port: (name: PortName) => number;
}

const readSaved = async (file: string): Promise<z.output<typeof identitySchema>> => {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text !== undefined) return identitySchema.parse(JSON.parse(text));
  return { password: randomBytes(24).toString('base64url'), ports: {} };
};

/** Of a broker that runs on this data directory. */
export const readIdentity = async (dataDir: string): Promise<Identity<string>> => {
  const { password, ports } = await readSaved(join(dataDir, 'identity.json'));
  return { password, port: (name) => ports[name] ?? 0 };
};

/**
 * The saved identity; what is missing is made up, a port that is taken is replaced.
 * @param dataDir is created when missing, open to its owner alone.
 */
export const loadIdentity = async <PortName extends string>(
  dataDir: string,
  portNames: readonly PortName[],
): Promise<Identity<PortName>> => {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, 'identity.json');
  const { password, ports: saved } = await readSaved(file);
  const ports = new Map<string, number>();
  for (const name of portNames) ports.set(name, await keepOrFreePort(saved[name], Math.random));
  await writeFile(file, JSON.stringify({ password, ports: Object.fromEntries(ports) }), { mode: 0o600 });
  return { password, port: (name) => ports.get(name) ?? 0 };
};
