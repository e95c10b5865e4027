// No library: whatever a visitor types.
globalThis.render = (count) => {
  const primes = []
  for (let n = 2; primes.length < count; n++) {
    if (primes.every((prime) => n % prime !== 0)) primes.push(n)
  }
  return `the first ${count} primes: ${primes.join(' ')}`
}
