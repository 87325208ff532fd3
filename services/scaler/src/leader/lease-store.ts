/** The one record that all scalers of a system agree by. */

export interface Lease {
  /** Changes with every write. */
  version: string;
  /** Nobody where empty. */
  holder: string;
  /** How long others leave it alone after its last change; absent where nobody has held it. */
  durationSeconds?: number;
  /** How often it has changed hands. */
  transitions: number;
}

/** `version` is the one that is to be replaced. */
export interface LeaseClaim extends Required<Lease> {
  /** It changes hands by this. */
  acquired: boolean;
}

export type LeaseAnswer =
  | { ok: true; lease: Lease }
  /** `conflict`: somebody else has written it meanwhile. */
  | { ok: false; reason: string; conflict?: boolean };

export interface LeaseStore {
  read(stop: AbortSignal): Promise<LeaseAnswer>;
  /** Writes only where the version is still the claim's. */
  write(claim: LeaseClaim, stop: AbortSignal): Promise<LeaseAnswer>;
}
