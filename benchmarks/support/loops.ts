/** Scripts that never end by themselves, one for each way of not ending. */
export const LOOPS: Readonly<Record<string, string>> = {
  while: 'while (true) {}',
  'nested try/finally':
    'for (;;) { try { try { for (;;); } finally { for (;;); } } finally { for (;;); } }',
  'catastrophic regular expression': '/^(a+)+$/.test("a".repeat(64) + "b")',
  'recursion that catches its own overflow':
    '(function dive() { for (;;) { try { dive() } catch { dive() } } })()',
  'microtask chain': '(function chain() { Promise.resolve().then(chain) })()',
  'loop after await': '(async () => { await null; for (;;); })()',
  'getter in the result': '({ get endless() { for (;;); } })',
  toJSON: 'JSON.stringify({ toJSON() { for (;;); } })',
  'proxy traps': '({ ...new Proxy({}, { ownKeys() { for (;;); } }) })',
  'Array.from with a callback': 'Array.from({ length: 1e9 }, () => { for (;;); })',
}
