/** The settings that say which tokens of clients are good: the api checks by them, and the command line signs by them. */
import { z } from 'zod';

export const secret = () =>
  z.string().refine((text) => Buffer.byteLength(text) >= 32, 'has to have at least 32 bytes');

export const clientTokenFields = {
  JWT_SECRET: secret().optional().describe("HS256 key of clients' tokens, at least 32 bytes"),
  JWT_JWKS_FILE: z.string().optional().describe("file with a JWK set for clients' tokens"),
  JWT_ISSUER: z.string().default('factorial').describe("issuer that clients' tokens have to name"),
  JWT_AUDIENCE: z.string().default('factorial').describe("audience that clients' tokens have to name"),
};
