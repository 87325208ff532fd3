/** The odd primes up to n, in order. Sieve of Eratosthenes over the odd numbers: n / 2 bytes. */
export const oddPrimesUpTo = (n: number): number[] => {
  // Index i stands for the number 2i + 1.
  const composite = new Uint8Array(Math.floor((n + 1) / 2));
  const primes: number[] = [];
  for (let i = 1; i < composite.length; i++) {
    if (composite[i]) continue;
    const prime = 2 * i + 1;
    primes.push(prime);
    for (let j = (prime * prime - 1) / 2; j < composite.length; j += prime) composite[j] = 1;
  }
  return primes;
};
