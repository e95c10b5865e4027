import { defineConfig } from 'rolldown'

/**
 * The worker's program, from what the compiler made of it: CommonJS, each entry in a file of its own.
 * Node loads that in a fraction of the time that its loader of modules takes for some twenty files.
 *
 * Nothing is optimized: functions that are carried into contexts as source text stay as written.
 */
export default defineConfig(
  ['start', 'main', 'watchdog-thread'].map((name) => ({
    input: `dist/src/worker/${name}.js`,
    platform: 'node',
    treeshake: false,
    optimization: { inlineConst: false },
    output: {
      dir: 'dist/worker',
      entryFileNames: '[name].cjs',
      format: 'cjs',
      strict: true,
      minify: false,
    },
  })),
)
