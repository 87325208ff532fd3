/** The ports of a local system: those asked for, the usual ones where they are free, others otherwise. */
import { freePort, isPortFree } from '../brokers/free-port.ts';
import type { RunSettings } from './settings.ts';

export interface Ports {
  public: number;
  internal: number;
  ops: number;
  scalerOps: number;
}

type Say = (line: string) => void;

const takeUsual = async (usual: number, say: Say): Promise<number> => {
  if (await isPortFree(usual)) return usual;
  const instead = await freePort(Math.random);
  say(`port ${usual} is taken by another program: using ${instead} instead`);
  return instead;
};

const takeAsked = async (name: string, asked: number): Promise<number> => {
  if (await isPortFree(asked)) return asked;
  throw new Error(
    `${name}=${asked}: this port is taken by another program; choose another one, or leave ${name} unset.`,
  );
};

type PortSettings = Pick<RunSettings, 'PORT' | 'INTERNAL_PORT' | 'OPS_PORT'>;

/**
 * @param say is told which port is used in place of a usual one that is taken.
 * @throws with one sentence when a port that was asked for is taken.
 */
export const choosePorts = async (settings: PortSettings, say: Say): Promise<Ports> => {
  const choose = async (name: keyof PortSettings, usual: number): Promise<number> => {
    const asked = settings[name];
    return asked === undefined ? takeUsual(usual, say) : takeAsked(name, asked);
  };
  return {
    public: await choose('PORT', 8080),
    internal: await choose('INTERNAL_PORT', 8081),
    ops: await choose('OPS_PORT', 9090),
    scalerOps: await takeUsual(9091, say),
  };
};
