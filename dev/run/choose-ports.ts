/** The ports of a local system: those asked for, the usual ones where they are free, others otherwise. */
import { freePort, isPortFree } from '../brokers/free-port.ts';
import type { RunSettings } from './settings.ts';

export interface Ports {
  public: number;
  internal: number;
  ops: number;
  scalerOps: number;
}

const chooseOne = async (name: string, asked: number | undefined, usual: number): Promise<number> => {
  if (asked === undefined) return (await isPortFree(usual)) ? usual : freePort(Math.random);
  if (await isPortFree(asked)) return asked;
  throw new Error(
    `${name}=${asked}: this port is taken by another program; choose another one, or leave ${name} unset.`,
  );
};

/** @throws with one sentence when a port that was asked for is taken. */
export const choosePorts = async (settings: RunSettings): Promise<Ports> => ({
  public: await chooseOne('PORT', settings.PORT, 8080),
  internal: await chooseOne('INTERNAL_PORT', settings.INTERNAL_PORT, 8081),
  ops: await chooseOne('OPS_PORT', settings.OPS_PORT, 9090),
  scalerOps: await chooseOne('', undefined, 9091),
});
