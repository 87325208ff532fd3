import { expect, it } from 'vitest';
import { refusalOf } from './target.ts';

it.each([
  'http://127.0.0.1:8080',
  'http://localhost',
  'http://LOCALHOST:1/',
  'http://[::1]:8080',
  'https://127.0.0.1:443/x',
])('lets %s pass', (url) => {
  expect(refusalOf(url, false)).toBeUndefined();
});

it.each([
  'http://example.org',
  'http://localhost@example.org',
  'http://localhost:8080@example.org',
  'http://localhost.example.org',
  'http://127.0.0.1.example.org:80/',
  'http://10.0.0.1:8080',
  'localhost:8080',
  'ftp://localhost',
])('refuses %s unless it is allowed', (url) => {
  expect(refusalOf(url, false)).toContain('ALLOW_REMOTE=true');
  expect(refusalOf(url, true)).toBeUndefined();
});
